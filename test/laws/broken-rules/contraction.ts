/** Broken rules of reductions, einsum, conv and sort. */
import { type AnyTensor, apply1, bodyOf, inline, type Tensor, type TensorType } from "../../../src/core/index.js"
import { neg, sum } from "../../../src/ops/index.js"
import { type BrokenRule, broken, brokenIn } from "./broken.js"
import {
  bodies,
  cotangents,
  isInput,
  keysAs,
  negated,
  nests,
  reversed,
  rightOnce,
  rolled,
  rows,
  times,
  transposedWith,
  withoutCotangent,
  withoutTangent,
} from "./faults.js"

type Numbers = readonly number[]
interface Axes {
  readonly axes: Numbers
}
interface Einsum {
  readonly left: Numbers
  readonly right: Numbers
  readonly out: Numbers
}
interface Conv {
  readonly dims: readonly { readonly p: number; readonly s: number; readonly d: number; readonly a: number }[]
}

/** The last of what is summed is left out. */
const oneLess = nests((nest) =>
  nest.reduce === null ? nest : { ...nest, reduce: { ...nest.reduce, extent: nest.reduce.extent.map((n) => n - 1) } },
)
const combined = (combine: "sum" | "max") =>
  nests((nest) => (nest.reduce === null ? nest : { ...nest, reduce: { ...nest.reduce, combine } }))
const padded = (params: Conv): Conv => ({ ...params, dims: params.dims.map((dim) => ({ ...dim, p: dim.p + 1 })) })

const reductions: readonly BrokenRule[] = [
  ...brokenIn(["sum", "max"], "type", "keys count as floats", keysAs("float")),
  ...brokenIn(["sum", "max"], "batch", "the batch axis is not stepped over", (good) => ({ axes }: Axes, [x]) => ({
    outputs: [apply1(good, { axes }, [x as AnyTensor])],
    batched: [true],
  })),
  ...brokenIn(
    ["sum", "max"],
    "simplify",
    "nothing to do over one axis",
    isInput(0, ({ axes }: Axes) => axes.length < 2),
  ),
  ...brokenIn(["sum", "max"], "lower", "the last element is left out", oneLess),
  broken("sum", "lower", "the largest element", combined("max")),
  broken("max", "lower", "the sum", combined("sum")),
  broken("sum", "jvp", "the mean", (good) => (params: Axes, inputs, outputs, given) => {
    const n = params.axes.reduce((m, a) => m * ((inputs[0] as AnyTensor).shape[a] as number), 1)
    return good.jvp(
      params,
      inputs,
      outputs,
      given.map((t) => (t === null ? null : times(1 / n)(t))),
    )
  }),
  broken("sum", "transpose", "backwards along the first axis", cotangents(reversed)),
  broken("sum", "transpose", "twice too large", cotangents(times(2))),
  broken("max", "jvp", "the tangents of all elements", () => ({ axes }: Axes, _i, _o, [dx]) => [sum(dx as Tensor, axes) as AnyTensor]),
]

/** The result's sizes by whichever operand has a label, not compared. */
const unboundSizes = ({ left, right, out }: Einsum, inputs: readonly TensorType[]): readonly TensorType[] => {
  const [x, y] = inputs as readonly [TensorType, TensorType]
  const size = (label: number) => (left.includes(label) ? x.shape[left.indexOf(label)] : y.shape[right.indexOf(label)]) ?? 1
  return [{ elem: "float", shape: out.map(size) }]
}

const einsum: readonly BrokenRule[] = [
  broken("einsum", "type", "sizes of a label are not compared", () => unboundSizes),
  broken("einsum", "jvp", "a' b without a b'", withoutTangent(1)),
  broken("einsum", "jvp", "right once, wrong twice", rightOnce),
  broken("einsum", "transpose", "the second operand gets none", withoutCotangent(1)),
  broken("einsum", "transpose", "the wrong sign", cotangents(negated)),
  broken("einsum", "batch", "rows come out backwards", rows(reversed)),
  broken("einsum", "batch", "the row label is the last one, not a new one", (good) => (params: Einsum, [a, b], [ba, bb]) => {
    const row = Math.max(0, ...params.left, ...params.right, ...params.out)
    const labels = {
      left: ba ? [row, ...params.left] : params.left,
      right: bb ? [row, ...params.right] : params.right,
      out: [row, ...params.out],
    }
    return { outputs: [apply1(good, labels, [a as AnyTensor, b as AnyTensor])], batched: [true] }
  }),
  broken("einsum", "lower", "one place off along the first axis", rolled),
  broken("einsum", "lower", "the last product is left out", oneLess),
]

const conv: readonly BrokenRule[] = [
  broken("conv", "type", "keys count as floats", keysAs("float")),
  broken("conv", "jvp", "x w' without x' w", withoutTangent(0)),
  broken("conv", "transpose", "padding off by one", transposedWith(padded)),
  broken("conv", "transpose", "the kernel gets none", withoutCotangent(1)),
  broken(
    "conv",
    "batch",
    "padding off by one",
    (good) =>
      (params: Conv, ...rest) =>
        good.batch(padded(params), ...rest),
  ),
  broken(
    "conv",
    "lower",
    "padding off by one",
    (good) =>
      (params: Conv, ...rest) =>
        good.lower(padded(params), ...rest),
  ),
  broken(
    "conv",
    "lower",
    "reads outside",
    bodies((part) => (part.t === "load" ? { ...part, guards: [] } : undefined)),
  ),
  broken(
    "conv",
    "lower",
    "true convolution: the kernel is walked backwards",
    (good) =>
      (params: Conv, ...rest) =>
        good.lower({ ...params, dims: params.dims.map((dim) => ({ ...dim, d: -dim.d })) }, ...rest),
  ),
]

const sort: readonly BrokenRule[] = [
  broken("sort", "type", "keys count as floats", keysAs("float")),
  broken("sort", "jvp", "tangents stay where they are", () => (_p, _i, _o, [dx]) => [dx ?? null, null]),
  broken("sort", "jvp", "positions have a tangent", (good) => (...args) => [good.jvp(...args)[0] ?? null, args[2][1] as AnyTensor]),
  broken("sort", "batch", "rows come out backwards", rows(reversed)),
  broken("sort", "lower", "the graph for targets without the routine sorts downwards", (good) => (params, inputs, outputs) => ({
    t: "routine",
    name: "sort",
    graph: () => {
      const found = good.lower(params, inputs, outputs)
      if (found.t !== "routine") throw new Error("sort is a routine")
      const graph = found.graph()
      return bodyOf("broken", inputs, ([x]) => inline(graph, [neg(x as Tensor)]))
    },
  })),
]

export const contraction: readonly BrokenRule[] = [...reductions, ...einsum, ...conv, ...sort]
