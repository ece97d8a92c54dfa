/** What functions do at infinities, NaN, kinks and far from the middle. */
import { describe, expect, test } from "vitest"
import type * as core from "../../src/core/index.js"
import { compile, grad, type TargetName, type Tensor, tensor } from "../../src/core/index.js"
import * as ops from "../../src/ops/index.js"
import { right } from "../support/either.js"
import { dataOf } from "./support.js"

type Fn = (x: Tensor) => Tensor
const { NaN: nan, POSITIVE_INFINITY: inf } = Number
const numbers = (f: (x: Tensor) => core.AnyTensor, xs: readonly number[]) => dataOf(f(tensor(xs as never) as Tensor)).map((x) => x + 0)
const slopes = (f: Fn, xs: readonly number[]) => numbers((x) => grad((a: Tensor) => ops.sum(f(a)) as Tensor<[]>)(x as never) as never, xs)

describe("infinities and NaN", () => {
  const at = [-inf, inf, nan]
  test.each([
    ["expm1", [-1, inf, nan]],
    ["log1p", [nan, inf, nan]],
    ["exp2", [0, inf, nan]],
    ["sinh", [-inf, inf, nan]],
    ["cosh", [inf, inf, nan]],
    ["asinh", [-inf, inf, nan]],
    ["acosh", [nan, inf, nan]],
    ["atan", [-Math.PI / 2, Math.PI / 2, nan]],
    ["erf", [-1, 1, nan]],
    ["erfc", [2, 0, nan]],
    ["erfInv", [nan, nan, nan]],
    ["sigmoid", [0, 1, nan]],
    ["softplus", [0, inf, nan]],
    ["logSigmoid", [-inf, 0, nan]],
    ["silu", [0, inf, nan]],
    ["gelu", [0, inf, nan]],
    ["mish", [0, inf, nan]],
    ["elu", [-1, inf, nan]],
    ["softsign", [-1, 1, nan]],
    ["relu6", [0, 6, nan]],
    ["hardTanh", [-1, 1, nan]],
    ["sign", [-1, 1, nan]],
    ["floor", [-inf, inf, nan]],
    ["round", [-inf, inf, nan]],
    ["isNaN", [0, 0, 1]],
    ["isInf", [1, 1, 0]],
    ["nanToNum", [-3.4028234663852886e38, 3.4028234663852886e38, 0]],
  ] as const)("%s", (name, expected) => {
    expect(numbers((ops as never as Record<string, Fn>)[name] as Fn, at)).toEqual(expected)
  })

  test("erfInv, atanh and log1p at the ends of their domains", () => {
    expect(numbers(ops.erfInv as Fn, [-1, 1, 2])).toEqual([-inf, inf, nan])
    expect(numbers(ops.atanh as Fn, [-1, 1, 2])).toEqual([-inf, inf, nan])
    expect(numbers(ops.log1p as Fn, [-1, -2])).toEqual([-inf, nan])
  })

  test("pow, as IEEE 754", () => {
    const pow = (x: number, y: number) => dataOf(ops.pow(tensor(x) as Tensor, tensor(y) as Tensor) as Tensor)[0]
    const rows = [
      [0, 0, 1],
      [nan, 0, 1],
      [1, nan, 1],
      [0, 2.5, 0],
      [0, -1, inf],
      [-2, 3, -8],
      [-2, 2, 4],
      [-2, 0.5, nan],
      [-1, inf, 1],
      [0.5, inf, 0],
      [2, -inf, 0],
    ]
    for (const [x, y, z] of rows as [number, number, number][]) {
      const found = pow(x, y) as number
      expect(Number.isNaN(z) ? Number.isNaN(found) : Math.abs(found - z) <= 1e-14 || found === z, `${x}^${y} = ${found}`).toBe(true)
    }
    expect(numbers((x) => ops.pow(x, 13) as Tensor, [3, -3])).toEqual([1594323, -1594323])
    expect(slopes((x) => ops.pow(x, 3) as Tensor, [-2])).toEqual([12])
  })

  test("atan2 in its quadrants, on its axes and at the origin", () => {
    const angle = (y: number, x: number) => dataOf(ops.atan2(tensor(y) as Tensor, tensor(x) as Tensor) as Tensor)[0]
    for (const [y, x] of [
      [0, 1],
      [0, -1],
      [1, 0],
      [-1, 0],
      [0, 0],
      [inf, inf],
      [-inf, inf],
      [inf, -inf],
      [1, inf],
      [1, -inf],
      [1e300, 1e300],
    ] as const)
      expect(angle(y, x), `${y} ${x}`).toBeCloseTo(Math.atan2(y, x), 14)
    expect(slopes((y) => ops.atan2(y, 0) as Tensor, [0])).toEqual([0])
  })

  test("remainder has the sign of the divisor, round goes to even", () => {
    const rest = (a: number, b: number) => dataOf(ops.remainder(tensor(a) as Tensor, b) as Tensor)[0]
    expect([rest(-1, 3), rest(1, -3), rest(7, 3), rest(-1, inf), rest(1, inf), rest(1, 0)]).toEqual([2, -2, 1, inf, 1, nan])
    expect(numbers(ops.round as Fn, [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, 1e300])).toEqual([0, 2, 2, 0, -2, 0, 1e300])
  })
})

describe("kinks", () => {
  test("ties are shared, norms are flat at the origin", () => {
    expect(slopes((x) => ops.maximum(x, 1) as Tensor, [0, 1, 2])).toEqual([0, 0.5, 1])
    expect(slopes((x) => ops.minimum(x, 1) as Tensor, [0, 1, 2])).toEqual([1, 0.5, 0])
    expect(slopes((x) => ops.clip(x, 0, 1), [-1, 0, 0.5, 1, 2])).toEqual([0, 0.5, 1, 0.5, 0])
    for (const p of [1, 2, inf] as const) expect(slopes((x) => ops.norm(x, { p }) as Tensor, [0, 0])).toEqual([0, 0])
    expect(slopes((x) => ops.std(x), [3, 3])).toEqual([0, 0])
    expect(slopes((x) => ops.normalize(x), [0, 0]).every(Number.isFinite)).toBe(true)
    expect(slopes((x) => ops.cosineSimilarity(x, tensor([1, 2]) as Tensor), [0, 0]).every(Number.isFinite)).toBe(true)
  })
  test("xlogy of 0 is 0 with finite derivatives", () => {
    const entropy = (p: Tensor) => ops.xlogy(p, p) as Tensor
    expect(numbers(entropy, [0, 1])).toEqual([0, 0])
    expect(slopes(entropy, [0, 1])).toEqual([0, 1])
  })
})

describe("rows of nothing", () => {
  const row = [-inf, -inf]
  test("softmax 0, logsumexp -Infinity, derivatives 0", () => {
    expect(numbers((x) => ops.softmax(x), row)).toEqual([0, 0])
    expect(numbers((x) => ops.logSoftmax(x), row)).toEqual([-inf, -inf])
    expect(slopes((x) => ops.logsumexp(x), row)).toEqual([0, 0])
    expect(slopes((x) => ops.softmax(x), row)).toEqual([0, 0])
  })
  test("a mask hides even NaN", () => {
    const mask = ops.less(tensor([0, 1]) as Tensor, 1) as Tensor<never, "bool">
    expect(numbers((x) => ops.softmax(x, -1, { mask }), [3, nan])).toEqual([1, 0])
    expect(slopes((x) => ops.logsumexp(x, -1, { mask }), [3, nan])).toEqual([1, 0])
  })
})

describe("losses", () => {
  const labels = (...xs: number[]) => ops.cast(tensor(xs as never) as Tensor, "int")
  const logits = tensor([
    [0, 0],
    [0, 0],
  ]) as Tensor
  test("a label outside the classes gives NaN, unless its weight is 0", () => {
    expect(dataOf(ops.crossEntropy(logits, labels(0, 7)))[0]).toBeNaN()
    expect(dataOf(ops.crossEntropy(logits, labels(0, 7), { weights: tensor([1, 0]) as Tensor }))[0]).toBeCloseTo(Math.LN2, 15)
  })
  test("all weights 0 give 0; weights that are not rows are refused; shapes must agree", () => {
    expect(dataOf(ops.mse(logits, logits, { weights: tensor([0, 0]) as Tensor }))).toEqual([0])
    expect(() => ops.mse(logits, logits, { weights: tensor([1, 1, 1]) as Tensor })).toThrow(/one weight a row/)
    expect(() => ops.mse(logits, tensor([0, 0]) as Tensor)).toThrow(/expected two of one shape/)
    expect(() => ops.crossEntropy(logits, labels(1))).toThrow(/one class number a row/)
  })
  test("a certain prediction has no loss and no derivative that is not finite", () => {
    const distribution = tensor([[1, 0]]) as Tensor
    const loss = (x: Tensor) => ops.crossEntropy(x, distribution)
    const x = tensor([[0, -inf]]) as Tensor
    expect(dataOf(loss(x))).toEqual([0])
    expect(dataOf(grad((a: Tensor) => loss(a) as Tensor<[]>)(x as never) as never).every(Number.isFinite)).toBe(true)
  })
})

describe.each(["interpreter", "wasm", "wasm:f64", "gpu:webasm"] as const satisfies readonly TargetName[])(
  "far from the middle in %s",
  (target) => {
    const activations = [
      "sigmoid",
      "logSigmoid",
      "relu",
      "leakyRelu",
      "elu",
      "selu",
      "celu",
      "softplus",
      "silu",
      "gelu",
      "hardTanh",
      "hardSigmoid",
      "relu6",
      "mish",
      "softsign",
    ]
    test.each(activations)("%s and two derivatives are finite at -1e4, -30, 30 and 1e4", async (name) => {
      const f = (ops as never as Record<string, Fn>)[name] as Fn
      const slope = (g: Fn) => (x: Tensor) => grad((a: Tensor) => ops.sum(g(a)) as Tensor<[]>)(x as never) as never as Tensor
      const program = compile((x: Tensor) => [f(x), slope(f)(x), slope(slope(f))(x)] as const, { target })
      const found = right(await program(tensor([-1e4, -30, 30, 1e4]) as Tensor)())
      for (const t of found) for (const x of dataOf(t as Tensor)) expect(Number.isFinite(x)).toBe(true)
    })
    test("small probabilities keep their digits, and so do slopes on both sides", async () => {
      const program = compile(
        (x: Tensor) => [ops.sigmoid(x), grad((a: Tensor) => ops.sum(ops.sigmoid(a)) as Tensor<[]>)(x as never) as never as Tensor] as const,
        { target },
      )
      const [y, d] = right(await program(tensor([-30, 30]) as Tensor)())
      const tail = Math.exp(-30)
      for (const [x, e] of [[dataOf(y as Tensor)[0], tail], ...dataOf(d as Tensor).map((s) => [s, tail])] as [number, number][])
        expect(Math.abs(x / e - 1)).toBeLessThan(1e-6)
    })
  },
)
