/** Programs in ONNX: what examples of single ops don't reach. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  type AnyTensor,
  closeBody,
  epsilon,
  printGraph,
  type Tensor,
  type TensorType,
  tensor,
  toArray,
  type Unchecked,
} from "../../../src/core/index.js"
import { fixedPoint, newton } from "../../../src/implicit/index.js"
import { programs } from "../../../src/laws/arbitraries/index.js"
import {
  add,
  argmax,
  concat,
  cond,
  conv,
  convTranspose,
  div,
  einsum,
  exp,
  iota,
  key,
  less,
  log,
  matmul,
  max,
  maximum,
  maxPool,
  mul,
  normal,
  pad,
  randomBits,
  reshape,
  reverse,
  roll,
  scan,
  slice,
  softmax,
  sort,
  sum,
  take,
  takeAlong,
  tanh,
  transpose,
  vmap,
  where,
  whileLoop,
} from "../../../src/ops/index.js"
import { runOnnx } from "../../support/onnx.js"
import { compared, fileOf, type Precision } from "./support.js"

type Bool = Tensor<Unchecked, "bool">
type Int = Tensor<Unchecked, "int">

const float = (...shape: readonly number[]): TensorType => ({ elem: "float", shape })
const int = (...shape: readonly number[]): TensorType => ({ elem: "int", shape })
const numbers = (n: number, scale = 1) => Float64Array.from({ length: n }, (_, i) => (scale * (((i * 37) % 23) - 11)) / 8)

interface Case {
  readonly inputs: readonly TensorType[]
  readonly x: readonly Float64Array[]
  readonly f: (...args: Tensor[]) => readonly AnyTensor[]
}

const nan = Number.NaN
const infinite = Number.POSITIVE_INFINITY

const cases: Readonly<Record<string, Case>> = {
  "NaN wins a maximum, of a reduction and of two": {
    inputs: [float(2, 3), float(2, 3)],
    x: [Float64Array.of(1, nan, 2, -1, -2, -3), Float64Array.of(0, 0, nan, -5, infinite, -3)],
    f: (a, b) => [max(a, [1]), maximum(a, b), max(concat([a, b], 1), [0])],
  },
  "infinities and a softmax of large numbers": {
    inputs: [float(2, 3)],
    x: [Float64Array.of(1000, 999, -infinite, 0, 0, 0)],
    f: (a) => [softmax(a, -1), argmax(a, -1)],
  },
  "sorting puts NaN last and keeps the order of equals": {
    inputs: [float(2, 4)],
    x: [Float64Array.of(1, nan, infinite, 1, 0, nan, nan, -infinite)],
    f: (a) => {
      const { values, positions } = sort(a)
      return [values, positions]
    },
  },
  "slices, paddings and rolls of one axis among others": {
    inputs: [float(3, 4, 2)],
    x: [numbers(24)],
    f: (a) => [
      slice(a, { start: [0, 3, 0], end: [3, 4, 2] }),
      reverse(a, [1]),
      roll(a, 1, 1),
      pad(a, [
        [1, 0],
        [0, 2],
        [0, 0],
      ]),
    ],
  },
  "gathers: along the first axis, along each row, and outside": {
    inputs: [float(4, 3), int(2, 2), int(4, 2)],
    x: [numbers(12), Float64Array.of(3, 0, 4, -1), Float64Array.of(0, 2, 1, 1, 2, 0, 0, 0)],
    f: (a, at, own) => [take(a, at as unknown as Int), takeAlong(a, own as unknown as Int, 1)],
  },
  "contractions of every kind of axis": {
    inputs: [float(2, 3, 4), float(4, 2, 5)],
    x: [numbers(24), numbers(40)],
    f: (a, b) => [einsum("bij,jbk->kbi", a, b), einsum("bij,jbk->bi", a, b), einsum("bij,jbk->ijk", a, b), einsum("bij,jbk->", a, b)],
  },
  "a product with what only repeats": {
    inputs: [float(3)],
    x: [numbers(3)],
    f: (a) => [sum(mul(vmap((_: Tensor) => a)(iota(4) as unknown as Tensor) as Tensor, 2) as Tensor, [0])],
  },
  "convolutions with strides, dilations, groups, and what is cut off": {
    inputs: [float(2, 7, 6, 4), float(3, 2, 2, 6), float(3, 3, 4, 3)],
    x: [numbers(336), numbers(72), numbers(108)],
    f: (a, grouped, plain) => [
      conv(a, grouped, { groups: 2, stride: [2, 1], dilation: [1, 2] }),
      conv(a, plain, { padding: "valid" }),
      conv(a, plain, {
        padding: [
          [-1, 2],
          [3, -2],
        ],
      }),
      conv(a, plain, { inputDilation: 2 }),
      vmap((row: Tensor) => conv(row, plain))(vmap((row: Tensor) => mul(row, 2) as Tensor)(tiled(a)) as Tensor) as Tensor,
    ],
  },
  "transposed convolutions": {
    inputs: [float(2, 4, 5, 3), float(5, 4, 2, 3)],
    x: [numbers(120), numbers(120)],
    f: (a, w) => [convTranspose(a, w, { stride: 2 }), convTranspose(a, w, { stride: [1, 3], padding: "valid" })],
  },
  "windows that overlap": {
    inputs: [float(1, 6, 6, 2)],
    x: [numbers(72)],
    f: (a) => [maxPool(a, 3, { stride: 2 })],
  },
  "loops: carries, rows, stacks, in either direction, and none": {
    inputs: [float(2), float(3, 2), float(0, 2)],
    x: [numbers(2), numbers(6), new Float64Array(0)],
    f: (start, rows, none) => {
      const turn = (c: Tensor, x: Tensor) => [tanh(add(mul(c, exp(start)), x)), mul(c, x)] as const
      const [a, b] = scan(turn as never, start as never, rows as never) as unknown as readonly [Tensor, Tensor]
      const [c, d] = scan(turn as never, start as never, rows as never, { reverse: true }) as unknown as readonly [Tensor, Tensor]
      const [e, g] = scan(turn as never, start as never, none as never) as unknown as readonly [Tensor, Tensor]
      return [a, b, c, d, e, g]
    },
  },
  "loops until a condition fails, at once or later, and with rows of their own": {
    inputs: [float(), float(3)],
    x: [Float64Array.of(100), Float64Array.of(1, 50, 200)],
    f: (limit, starts) => {
      const up = (from: Tensor<[]>) =>
        whileLoop(
          (x: Tensor<[]>) => less(x, limit as Tensor<[]>) as Tensor<[], "bool">,
          (x) => mul(x, 2) as Tensor<[]>,
          from,
        )
      return [
        up(add(limit as Tensor<[]>, 1) as Tensor<[]>),
        up(mul(limit as Tensor<[]>, 0.01) as Tensor<[]>),
        vmap(up)(starts as Tensor<[3]>),
      ]
    },
  },
  "branches: the one that is not taken makes no NaN, with rows too": {
    inputs: [float(), float(3)],
    x: [Float64Array.of(-1), Float64Array.of(-1, 0, 4)],
    f: (x, rows) => {
      const safe = (v: Tensor<[]>) =>
        cond(
          less(0, v) as Tensor<[], "bool">,
          () => log(v) as Tensor<[]>,
          () => mul(v, 3) as Tensor<[]>,
        )
      return [safe(x as Tensor<[]>), vmap(safe)(rows as Tensor<[3]>), where(less(0, rows) as Bool, log(rows), 0) as Tensor]
    },
  },
  "what depends on no input is computed at export: noise, and bits of a key": {
    inputs: [float(2, 2)],
    x: [numbers(4)],
    f: (a) => [add(a, normal(key(3), [2, 2])) as Tensor, add(a, mul(tensorOfBits(), 1 / 65536)) as Tensor],
  },
  // onnxruntime makes one node of them, in which the number is a float32
  "products that a number scales, before and after": {
    inputs: [float(3, 2), float(1, 2)],
    x: [numbers(6), numbers(2)],
    f: (a, b) => {
      const square = (m: Tensor) => matmul(m, transpose(m) as Tensor) as Tensor
      return [
        div(square(a), 3) as Tensor,
        mul(0.1, square(a)) as Tensor,
        square(mul(a, 0.7) as Tensor),
        div(square(b), 3) as Tensor,
        square(div(b, 7) as Tensor),
        mul(square(a), reshape(tensor([0.3]), [1, 1])) as Tensor,
      ]
    },
  },
  "a solve inside a program": {
    inputs: [float(2, 2)],
    x: [Float64Array.of(0.25, 0.125, 0, 0.5)],
    f: (w) => [
      fixedPoint(
        (z: Tensor<[2]>) => tanh(add(reshape(matmul(w, reshape(z, [2, 1]) as Tensor), [2]), 1)) as Tensor<[2]>,
        sum(w, [0]) as Tensor<[2]>,
        newton({ atol: 1e-6, rtol: 0 }),
      ),
    ],
  },
}

const tiled = (a: Tensor): Tensor => vmap((_: Tensor) => a)(iota(2) as unknown as Tensor) as Tensor
const tensorOfBits = (): Tensor => sum(mul(castBits(), 1) as Tensor, [2]) as Tensor
const castBits = (): Tensor => where(less(randomBits(key(1), [2, 2]), 32768) as Bool, 1, 0) as Tensor

const solving: readonly string[] = ["a solve inside a program"]

describe.each(["float32", "float64"] as const)("in %s", (precision: Precision) => {
  test.each(Object.entries(cases))("%s", async (name, { inputs, x, f }) => {
    const fn = { inputs, apply: (args: readonly AnyTensor[]) => f(...(args as readonly Tensor[])) }
    const { worst, shapes, exactShapes } = await compared(fn, x, precision, solving.includes(name) ? 1e-5 : 0)
    expect(shapes).toEqual(exactShapes)
    expect(worst).toBeLessThanOrEqual(1)
  })
})

test("random programs give in ONNX what they give on the interpreter", async () => {
  await fc.assert(
    fc.asyncProperty(programs({ maxNodes: 12, transforms: 1 }), async (p) => {
      const types = p.inputs.map((t) => t.type)
      const fn = { inputs: types, apply: (args: readonly AnyTensor[]) => p.f(...args) }
      // a solve stops at its tolerance, which turns of another rounding meet elsewhere
      const solves = /(linearSolve|fixedPoint)/.test(printGraph(closeBody("test", types, fn.apply).graph))
      const { worst, shapes, exactShapes } = await compared(fn, p.inputs.map(toArray), "float64", solves ? 1e-5 : 0)
      expect(shapes).toEqual(exactShapes)
      expect(worst).toBeLessThanOrEqual(1)
    }),
    { numRuns: 25 },
  )
})

test("the machine epsilon is that of the file", async () => {
  const fn = { inputs: [], apply: () => [epsilon()] }
  expect((await runOnnx(fileOf(fn, "float32"), {})).y0?.data).toEqual(Float64Array.of(2 ** -23))
  expect((await runOnnx(fileOf(fn, "float64"), {}, "float64")).y0?.data).toEqual(Float64Array.of(2 ** -52))
})
