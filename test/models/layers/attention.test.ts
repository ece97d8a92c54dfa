/** Attention and transformer blocks against plain loops; masks; nothing leaks from what may not be seen. */
import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../../src/core/index.js"
import { normal as normals } from "../../../src/laws/arbitraries/index.js"
import * as laws from "../../../src/laws/index.js"
import {
  type AttentionInput,
  type Mask,
  maskedSoftmax,
  multiHeadAttention,
  repeat,
  seq,
  type Tokens,
  transformerBlock,
} from "../../../src/models/layers/index.js"
import { add, cast, key, mean, mul, square, sum } from "../../../src/ops/index.js"
import { numbers, relativeError } from "../../support/outcome.js"
import * as loops from "./loops.js"
import { close, context, draw, nested, perturbed, plain } from "./support.js"

const bools = (rows: readonly (readonly number[])[]): Mask => cast(tensor(rows as never) as Tensor, "bool") as Mask
const everything = () => true

describe("multi-head attention", () => {
  const x = draw(1, 2, 3, 4)
  const xs = nested<readonly loops.Matrix[]>(x)

  test.each([
    ["self", {}, everything],
    ["causal", { causal: true }, (t: number, s: number) => s <= t],
    ["without shifts", { bias: false }, everything],
  ] as const)("%s", (_name, options, allowed) => {
    for (const heads of [1, 2, 4]) {
      const layer = multiHeadAttention(4, { heads, ...options })
      const p = perturbed(layer.init(key(2)))
      close(
        layer.apply(p, x, context),
        xs.map((scene) => loops.attention(plain(p), heads, scene, scene, allowed)),
      )
    }
  })

  test("cross, with padding and an order that is shifted to the end", () => {
    const layer = multiHeadAttention<4, AttentionInput>(4, { heads: 2, memory: 5, causal: true })
    const p = perturbed(layer.init(key(2)))
    const memory = draw(3, 2, 4, 5)
    const ms = nested<readonly loops.Matrix[]>(memory)
    const rows = [
      [1, 0, 1, 1],
      [0, 1, 1, 0],
    ]
    close(
      layer.apply(p, { x, memory, present: bools(rows) }, context),
      xs.map((scene, b) => loops.attention(plain(p), 2, scene, ms[b]!, (t, s) => s <= t + 1 && rows[b]![s] === 1)),
    )
  })

  test("a query that may see nothing gives the output's shift, and everything's gradient is finite", () => {
    const layer = multiHeadAttention<4, AttentionInput>(4, { heads: 2 })
    const p = perturbed(layer.init(key(2)))
    const present = bools([
      [0, 0, 0],
      [1, 1, 0],
    ])
    const y = nested<readonly loops.Matrix[]>(layer.apply(p, { x, present }, context))
    for (const row of y[0]!) close(tensor(row as number[]), nested(p.output.b as Tensor))
    const loss = (q: { readonly p: typeof p; readonly x: Tensor }) => mean(square(layer.apply(q.p, { x: q.x, present }, context) as Tensor))
    const gradient = numbers(grad(loss)({ p, x } as never))
    expect(gradient.every(Number.isFinite)).toBe(true)
    expect(gradient.some((g) => g !== 0)).toBe(true)
  })

  test("what is padding has no influence", () => {
    const layer = multiHeadAttention<4, AttentionInput>(4, { heads: 2 })
    const p = perturbed(layer.init(key(2)))
    const [short, long] = [draw(7, 1, 2, 4), draw(8, 1, 1, 4)]
    const padded = tensor([...numbers(short), ...numbers(long).map((v) => 1e3 * v)], [1, 3, 4]) as Tensor
    const found = nested<readonly loops.Matrix[]>(layer.apply(p, { x: padded, present: bools([[1, 1, 0]]) }, context))
    close(tensor(found[0]!.slice(0, 2).flat()), numbers(layer.apply(p, { x: short }, context)))
  })

  test("masked softmax: weights of what is allowed sum to one, at any size of the scores", () => {
    const scores = tensor([1e4, -1e4, 5e3, 0, 1, 2, -1e9, -2e9, 3, 3, 3, 3], [3, 4]) as Tensor
    const rows = [
      [0, 1, 1, 0],
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ]
    const w = numbers(maskedSoftmax(scores, bools(rows)))
    expect(w.slice(0, 4)).toEqual([0, 0, 1, 0])
    expect(w.slice(4, 8).reduce((a, b) => a + b)).toBeCloseTo(1, 12)
    expect(w.slice(8)).toEqual([0, 0, 0, 0])
    return laws.assert(
      laws.gradient((s: Tensor<[3, 4]>) => sum(square(maskedSoftmax(s, bools(rows)))), [normals([3, 4])]),
      { runs: 5 },
    )
  })

  test("dropout hits the weights in training only", () => {
    const layer = multiHeadAttention(4, { heads: 2, dropout: 0.5 })
    const p = layer.init(key(2))
    expect(numbers(layer.apply(p, x, { mode: "eval" }))).toEqual(numbers(layer.apply(p, x, context)))
    expect(numbers(layer.apply(p, x, { key: key(1), mode: "train" }))).not.toEqual(numbers(layer.apply(p, x, context)))
    expect(() => layer.apply(p, x, { mode: "train" })).toThrow(
      /dropout: .* needs a key; apply the model with a context \{ key, mode: "train" \}/,
    )
  })

  test.each([
    [() => multiHeadAttention(5, { heads: 2 }), /2 heads must divide the 5 features/],
    [() => multiHeadAttention(3).apply(multiHeadAttention(3).init(key(0)), x as never, context), /queries: expected 3 features/],
    [
      () => multiHeadAttention(4).apply(multiHeadAttention(4).init(key(0)), draw(1, 3, 4) as never, context),
      /expected queries \[B, length, 4\]/,
    ],
    [
      () => multiHeadAttention(4, { memory: 4 }).apply(multiHeadAttention(4, { memory: 4 }).init(key(0)), x as never, context),
      /expected \{ x, memory \} .*, found no memory/,
    ],
  ])("%#: a wrong use is named", (call, message) => {
    expect(call).toThrow(message)
  })
})

describe("transformer blocks", () => {
  const x = draw(1, 2, 3, 4)
  const xs = nested<readonly loops.Matrix[]>(x)
  const memory = draw(3, 2, 2, 5)
  const ms = nested<readonly loops.Matrix[]>(memory)
  interface Branch<P> {
    readonly norm: { readonly scale: loops.Row; readonly shift: loops.Row }
    readonly of: P
  }
  interface Plain {
    readonly self: Branch<loops.Attention>
    readonly cross: Branch<loops.Attention> | null
    readonly feedForward: Branch<{ readonly first: loops.Linear; readonly second: loops.Linear }>
  }

  /** A block on one example, as the papers draw it. */
  const block = (p: Plain, norm: "pre" | "post", heads: number, rows: loops.Matrix, mem: loops.Matrix | null, causal: boolean) => {
    const branch = <P>(z: loops.Matrix, { norm: n, of }: Branch<P>, f: (of: P, z: loops.Matrix) => loops.Matrix): loops.Matrix => {
      const normed = (m: loops.Matrix) => m.map((row) => loops.layerNorm(row, n.scale, n.shift))
      const y = f(of, norm === "pre" ? normed(z) : z)
      const sums = z.map((row, t) => loops.add(row, y[t]!))
      return norm === "post" ? normed(sums) : sums
    }
    const one = branch(rows, p.self, (of, z) => loops.attention(of, heads, z, z, (t, s) => !causal || s <= t))
    const two = p.cross === null ? one : branch(one, p.cross, (of, z) => loops.attention(of, heads, z, mem!, () => true))
    return branch(two, p.feedForward, ({ first, second }, z) =>
      z.map((row) => loops.linear(loops.relu(loops.linear(row, first.w, first.b)), second.w, second.b)),
    )
  }

  test.each(["pre", "post"] as const)("an encoder's block, %s-norm", (norm) => {
    const layer = transformerBlock(4, { heads: 2, hidden: 5, norm })
    const p = perturbed(layer.init(key(3)))
    close(
      layer.apply(p, x, context),
      xs.map((rows) => block(plain(p), norm, 2, rows, null, false)),
      1e-11,
    )
  })

  test.each(["pre", "post"] as const)("a decoder's block, %s-norm, gives back what else it was given", (norm) => {
    const layer = transformerBlock<4, Tokens>(4, { heads: 2, hidden: 5, norm, memory: 5, causal: true })
    const p = perturbed(layer.init(key(3)))
    const made = layer.apply(p, { x, memory }, context)
    expect(made.memory).toBe(memory)
    close(
      made.x,
      xs.map((rows, b) => block(plain(p), norm, 2, rows, ms[b]!, true)),
      1e-11,
    )
  })

  test("a causal stack: an element's output does not depend on later ones", () => {
    const layer = repeat(2, transformerBlock(4, { heads: 2, causal: true }))
    const p = layer.init(key(3))
    const later = add(x, mul(tensor([0, 0, 1], [1, 3, 1]) as Tensor, 5)) as Tensor
    const [a, b] = [x, later].map((t) => nested<readonly loops.Matrix[]>(layer.apply(p, t, context)))
    for (const i of [0, 1]) {
      expect(relativeError(a![i]!.slice(0, 2).flat(), b![i]!.slice(0, 2).flat())).toBe(0)
      expect(a![i]![2]).not.toEqual(b![i]![2])
    }
  })

  test("blocks in repeat compute what they compute in seq, dropout included", () => {
    const one = transformerBlock(4, { heads: 2, hidden: 3, dropout: 0.5 })
    const [stacked, listed] = [repeat(3, one), seq(one, one, one)]
    const train = { key: key(9), mode: "train" } as const
    const p = listed.init(key(3))
    expect(relativeError(numbers(listed.apply(p, x, train)), numbers(stacked.apply(stacked.init(key(3)), x, train)))).toBeLessThan(1e-14)
  })

  test("its gradient is that of the function", () => {
    const layer = transformerBlock(4, { heads: 2, hidden: 3, activation: "tanh" })
    const p = perturbed(layer.init(key(3)))
    return laws.assert(
      laws.gradient((t: Tensor<[1, 2, 4]>) => mean(square(layer.apply(p, t, context))), [normals([1, 2, 4])]),
      { runs: 3 },
    )
  })
})
