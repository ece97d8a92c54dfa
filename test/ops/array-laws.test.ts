/** What holds of every array op: derivatives of both orders, vmap, and the same numbers on every target. */
import { describe, expect, test } from "vitest"
import { compile, evaluate, grad, type Tensor, toArray } from "../../src/core/index.js"
import { distinct, normal } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import { mul, stack, sum, unstack, vmap } from "../../src/ops/index.js"
import { right } from "../support/either.js"
import { type ArrayCase, arrayCases } from "./array-cases.js"
import { leaf } from "./support.js"

const cases = Object.entries(arrayCases)
const inputs = ({ shape, ties }: ArrayCase, lead: readonly number[] = []) =>
  ties ? distinct([...lead, ...shape]) : normal([...lead, ...shape])

describe("the derivative is one, of both orders and by both modes", () => {
  test.each(cases)("%s", async (_name, c) => {
    const loss = (x: Tensor, y: Tensor) => sum(mul(c.f(x), c.f(y)) as Tensor) as Tensor<[]>
    await laws.assert(laws.gradient(loss, [inputs(c), inputs(c)] as never), { runs: 10 })
  })
})

describe("vmap is map, with its derivatives", () => {
  test.each(cases)("%s", async (_name, c) => {
    const rows = (x: Tensor) => vmap(c.f)(x) as Tensor
    const each = (x: Tensor) => stack(unstack(x).map(c.f))
    await laws.assert(laws.sameFunction(rows, each, [inputs(c, [3])] as never), { runs: 5 })
  })
})

/**
 * Values and the gradient of their sum of squares. Numbers are multiples of 1/8 below 4, all different. A result is a sum of at most
 * 2^7 products, so that float32 is off by less than 2^7 2^-23 of the largest; float64 by 2^7 2^-52.
 */
describe.each([
  ["wasm", 2 ** -16],
  ["wasm:f64", 2 ** -45],
  ["gpu:cpu", 2 ** -16],
] as const)("on %s", (target, tolerance) => {
  test.each(cases)("%s", async (_name, { f, shape }) => {
    const n = shape.reduce((m, d) => m * d, 1)
    const x = leaf(
      { elem: "float", shape },
      Array.from({ length: n }, (_, i) => (((i * 37) % n) - n / 2) / 8 / Math.max(1, n / 32)),
    ) as Tensor
    const both = (t: Tensor) => [f(t), grad((u: Tensor) => sum(mul(f(u), f(u)) as Tensor) as Tensor<[]>)(t as never) as Tensor] as const
    const expected = right(evaluate(both(x))).map((t) => [...toArray(t)])
    const found = right(await compile(both, { target })(x as never)()) as readonly Tensor[]
    found.forEach((t, k) => {
      const e = expected[k] as readonly number[]
      const scale = Math.max(1, ...e.map(Math.abs))
      const got = [...toArray(t)]
      expect(got.length).toBe(e.length)
      got.forEach((v, i) => {
        expect(Math.abs(v - (e[i] as number)), `output ${k}, element ${i}`).toBeLessThanOrEqual(tolerance * scale)
      })
    })
  })
})
