/** Samplers under vmap, on every target, at the ends of what a uniform number may be, and given what they refuse. */
import { describe, expect, test } from "vitest"
import { type AnyTensor, compile, type TargetName, type Tensor, tensor, toArray } from "../../../src/core/index.js"
import * as ops from "../../../src/ops/index.js"
import { right } from "../../support/either.js"
import { dataOf } from "../support.js"
import { continuous, discrete, type Sampler } from "./samplers.js"

const all: readonly (readonly [string, Sampler])[] = Object.entries({ ...discrete, ...continuous })

test.each(all)("vmap of %s over keys: each row is the draw of its key", (_name, draw) => {
  const keys = ops.split(ops.key(2), 4)
  const together = dataOf(ops.vmap((k: ops.Key) => draw(k) as Tensor)(keys) as AnyTensor)
  expect(together).toEqual(ops.splitKeys(ops.key(2), 4).flatMap((k) => dataOf(draw(k))))
})

describe.each(["wasm:f64", "wasm", "gpu:cpu", "gpu:webasm"] as const satisfies readonly TargetName[])("on %s", (target) => {
  const single = target !== "wasm:f64"

  test("the draws are the interpreter's: discrete ones exactly, continuous ones to rounding", async () => {
    const program = compile((k: ops.Key) => Object.fromEntries(all.map(([name, draw]) => [name, draw(k)])) as never, { target })
    for (const seed of [1, 2]) {
      const found = right(await program(ops.key(seed))()) as Readonly<Record<string, AnyTensor>>
      for (const [name, draw] of all) {
        const [got, want] = [Array.from(toArray(found[name] as AnyTensor)), dataOf(draw(ops.key(seed)))]
        const slack = name in discrete ? 0 : single ? 2 ** -19 : 2 ** -46
        got.forEach((x, i) => {
          const [a, b] = [x as number, want[i] as number]
          if (a !== b && !(Math.abs(a - b) <= slack * Math.max(1, Math.abs(b))))
            expect({ name, seed, got: a }).toEqual({ name, seed, got: b })
        })
      }
    }
  })
})

/** Seeds whose draw of one uniform number is the smallest, the largest and the middle one. */
const extremes = [
  { u: 0, seed: 780_233 },
  { u: 1 - 2 ** -23, seed: 20_192_286 },
  { u: 0.5, seed: 5_158_431 },
] as const

describe.each(["interpreter", "wasm"] as const)("extremes on %s", (target) => {
  test.each(extremes)("u = $u", async ({ u, seed }) => {
    const far = Number.POSITIVE_INFINITY
    const draws = (k: ops.Key) => ({
      uniform: ops.uniform(k, [1]),
      // Box and Muller at one such number and any other
      normal: ops.normal(k, [1]),
      exponential: ops.exponential(k, [1]),
      gumbel: ops.gumbel(k, [1]),
      logistic: ops.logistic(k, [1]),
      laplace: ops.laplace(k, [1]),
      cauchy: ops.cauchy(k, [1]),
      whole: ops.truncatedNormal(k, [1], { low: -far, high: far }),
      above: ops.truncatedNormal(k, [1], { low: 1, high: far }),
      below: ops.truncatedNormal(k, [1], { low: -far, high: -30 }),
      categorical: ops.categorical(k, tensor([[0, -far, 0]]) as Tensor, [1]),
    })
    const found = right(await compile(draws, { target })(ops.key(seed))())
    expect(Array.from(toArray(found.uniform))).toEqual([u])
    for (const [name, drawn] of Object.entries(found))
      expect({ name, finite: Array.from(toArray(drawn as AnyTensor)).every(Number.isFinite) }).toEqual({ name, finite: true })
    const at = (t: AnyTensor) => Array.from(toArray(t))[0] as number
    expect(at(found.exponential)).toBeGreaterThanOrEqual(0)
    expect(at(found.above)).toBeGreaterThanOrEqual(1)
    expect(at(found.below)).toBeLessThanOrEqual(-30)
    expect(at(found.categorical as AnyTensor)).not.toBe(1)
    // the middle of the first cell: as far out as 2^-24
    if (u === 0) expect(at(found.logistic)).toBeCloseTo(-24 * Math.LN2, 5)
    if (u === 0) expect(at(found.cauchy)).toBeCloseTo(-(2 ** 24) / Math.PI, target === "wasm" ? -2 : 6)
  })
})

describe("refusals", () => {
  const k = ops.key(0)
  test.each([
    [
      "a parameter that does not broadcast",
      () => ops.normal(k, [2], { mean: tensor([1, 2, 3]) as Tensor }),
      /normal: the location must broadcast to the shape of the draw, \[2\]; found float\[3\]/,
    ],
    ["bounds without anything between", () => ops.randint(k, [2], 3, 3), /randint: expected low < high, found 3 and 3/],
    ["bounds too far apart", () => ops.randint(k, [2], 0, 2 ** 22 + 1), /at most 2\^22 apart/],
    ["bounds that are not whole", () => ops.randint(k, [2], 0.5, 3), /bounds must be whole, found 0.5/],
    ["truncation to nothing", () => ops.truncatedNormal(k, [2], { low: 1, high: 1 }), /the lower bound must be below the upper one/],
    ["logits without categories", () => ops.categorical(k, tensor(1) as Tensor), /categorical: the logits need a last axis/],
    ["a permutation of a half", () => ops.permutation(k, 0.5), /permutation: expected a whole number/],
    ["more draws than there are", () => ops.choice(k, 3, [2, 2], { replace: false }), /choice: 4 draws without replacement from 3/],
    [
      "weights that do not fit",
      () => ops.choice(k, 3, [2], { weights: tensor([1, 2]) as Tensor }),
      /one weight for each of 3, found float\[2\]/,
    ],
    ["nothing to draw from", () => ops.choice(k, 0, [2]), /nothing to draw from/],
  ] as const)("%s", (_what, draw, message) => {
    expect(draw).toThrow(message)
  })
})
