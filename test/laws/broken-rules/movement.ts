/** Broken rules of ops that make, move and pick elements. */
import { type AnyTensor, apply1, at, axis, broadcastAlong, type Tensor, type TensorType } from "../../../src/core/index.js"
import { sliceAxis } from "../../../src/ops/index.js"
import { type BrokenRule, broken, brokenIn } from "./broken.js"
import { bodies, cotangents, isInput, keysAs, negated, nests, reversed, rolled, rows, tangents, times, transposedWith } from "./faults.js"

type Numbers = readonly number[]
interface Broadcast {
  readonly shape: Numbers
  readonly dims: Numbers
}
interface Permute {
  readonly order: Numbers
}
interface Slice {
  readonly start: Numbers
  readonly size: Numbers
  readonly stride: Numbers
}
interface Pad {
  readonly low: Numbers
  readonly high: Numbers
  readonly between: Numbers
}

const moved = (params: Slice): Slice => ({ ...params, start: params.start.map(() => 0), stride: params.stride.map(() => 1) })
const exchanged = <P extends Pad>(params: P): P => ({ ...params, low: params.high, high: params.low })
const inverse = ({ order }: Permute): Permute => ({ order: order.map((_, i) => order.indexOf(i)) })
const rankOf = (t: AnyTensor | undefined): number => (t as AnyTensor).shape.length
/** Loads without the conditions under which they may touch memory. */
const unguarded = bodies((part) => (part.t === "load" ? { ...part, guards: [] } : undefined))

/** Every row as the first one. */
const firstRow = (t: AnyTensor): AnyTensor =>
  broadcastAlong(
    sliceAxis(t as Tensor, 0, 0, 1),
    t.shape,
    t.shape.map((_, i) => i),
  )

const constants: readonly BrokenRule[] = [
  ...brokenIn(
    ["literal", "epsilon", "iota"],
    "type",
    "one axis too many",
    (good) => (params, inputs) => good.type(params, inputs).map(({ elem, shape }) => ({ elem, shape: [...shape, 1] })),
  ),
  broken(
    "literal",
    "lower",
    "half as large",
    bodies((part) => (part.t === "lit" ? { t: "lit", value: (part.value as number) / 2 } : undefined)),
  ),
  broken(
    "epsilon",
    "lower",
    "that of float32",
    bodies((part) => (part.t === "epsilon" ? { t: "lit", value: 2 ** -23 } : undefined)),
  ),
  broken(
    "iota",
    "lower",
    "starts at 1",
    bodies((part) => (part.t === "ix" ? { t: "ix", ix: { t: "add", a: axis(0), b: at(1) } } : undefined)),
  ),
]

const broadcast: readonly BrokenRule[] = [
  broken("broadcast", "type", "sizes are not compared", () => ({ shape }: Broadcast, [x]) => [{ elem: (x as TensorType).elem, shape }]),
  broken("broadcast", "jvp", "the wrong sign", tangents(negated)),
  broken("broadcast", "transpose", "twice too large", cotangents(times(2))),
  broken("broadcast", "transpose", "along the wrong axis: backwards", cotangents(reversed)),
  broken("broadcast", "batch", "rows come out backwards", rows(reversed)),
  broken(
    "broadcast",
    "simplify",
    "nothing to do where the number of axes is the same",
    isInput(0, ({ shape }: Broadcast, [x]) => rankOf(x) === shape.length),
  ),
  broken("broadcast", "lower", "one place off along the first axis", rolled),
]

const reshape: readonly BrokenRule[] = [
  broken(
    "reshape",
    "type",
    "axes of size 1 are left out",
    (good) => (params, inputs) => good.type(params, inputs).map(({ elem, shape }) => ({ elem, shape: shape.filter((d) => d !== 1) })),
  ),
  broken("reshape", "jvp", "the wrong sign", tangents(negated)),
  broken("reshape", "transpose", "backwards along the first axis", cotangents(reversed)),
  broken("reshape", "batch", "rows come out backwards", rows(reversed)),
  broken(
    "reshape",
    "simplify",
    "nothing to do where the number of axes is the same",
    isInput(0, ({ shape }: { shape: Numbers }, [x]) => rankOf(x) === shape.length),
  ),
  broken("reshape", "lower", "one place off along the first axis", rolled),
]

const permute: readonly BrokenRule[] = [
  broken("permute", "type", "the number of axes is not compared", () => ({ order }: Permute, [x]) => {
    const { elem, shape } = x as TensorType
    return [{ elem, shape: order.map((a) => shape[a] ?? 1) }]
  }),
  broken(
    "permute",
    "jvp",
    "the inverse order",
    (good) => (params: Permute, inputs, outputs, given) => good.jvp(inverse(params), inputs, outputs, given),
  ),
  broken("permute", "transpose", "the same order, not the inverse", transposedWith(inverse)),
  broken("permute", "batch", "the batch axis comes last", (good) => ({ order }: Permute, [x]) => ({
    outputs: [apply1(good, { order: [...order.map((a) => a + 1), 0] }, [x as AnyTensor])],
    batched: [true],
  })),
  broken(
    "permute",
    "simplify",
    "nothing to do where an order is its own inverse",
    isInput(0, ({ order }: Permute) => order.every((a, i) => order[a] === i)),
  ),
  broken(
    "permute",
    "lower",
    "the inverse order",
    (good) => (params: Permute, inputs, outputs) => good.lower(inverse(params), inputs, outputs),
  ),
]

const slice: readonly BrokenRule[] = [
  broken("slice", "type", "ends are not compared", () => ({ size }: Slice, [x]) => [{ elem: (x as TensorType).elem, shape: size }]),
  broken(
    "slice",
    "jvp",
    "the start is forgotten",
    (good) => (params: Slice, inputs, outputs, given) => good.jvp(moved(params), inputs, outputs, given),
  ),
  broken("slice", "transpose", "zeros before and after exchanged", (good) => (params: Slice, [x], linear, cts) => {
    const end = (d: number, i: number) =>
      d - 1 - (params.start[i] as number) - ((params.size[i] as number) - 1) * (params.stride[i] as number)
    return good.transpose?.({ ...params, start: (x as AnyTensor).shape.map(end) }, [x as AnyTensor], linear, cts) ?? []
  }),
  broken("slice", "batch", "rows come out backwards", rows(reversed)),
  broken(
    "slice",
    "simplify",
    "nothing to do where it starts at 0",
    isInput(0, ({ start }: Slice) => start.every((n) => n === 0)),
  ),
  broken("slice", "lower", "one place off along the first axis", rolled),
  broken(
    "slice",
    "lower",
    "starts one too late",
    bodies((part) =>
      part.t === "load" ? { ...part, at: (part.at as readonly object[]).map((ix) => ({ t: "add", a: ix, b: at(1) })) } : undefined,
    ),
  ),
]

const pad: readonly BrokenRule[] = [
  broken("pad", "type", "keys count as floats", keysAs("float")),
  broken(
    "pad",
    "jvp",
    "zeros before and after exchanged",
    (good) => (params: Pad, inputs, outputs, given) => good.jvp(exchanged(params), inputs, outputs, given),
  ),
  broken("pad", "transpose", "zeros before and after exchanged", transposedWith<Pad>(exchanged)),
  broken(
    "pad",
    "transpose",
    "zeros between are not stepped over",
    transposedWith<Pad>((params) => ({ ...params, between: params.between.map(() => 0) })),
  ),
  broken(
    "pad",
    "batch",
    "zeros before and after exchanged",
    (good) =>
      (params: Pad, ...rest) =>
        good.batch(exchanged(params), ...rest),
  ),
  broken(
    "pad",
    "simplify",
    "nothing to do without zeros before",
    isInput(0, ({ low }: Pad) => low.every((n) => n === 0)),
  ),
  broken("pad", "lower", "one place off along the first axis", rolled),
  broken("pad", "lower", "reads outside", unguarded),
]

const gather: readonly BrokenRule[] = [
  broken("gather", "type", "shared axes are not compared", () => ({ shared }: { shared: number }, [x, i]) => {
    const [a, positions] = [x as TensorType, i as TensorType]
    return [{ elem: a.elem, shape: [...positions.shape, ...a.shape.slice(shared + 1)] }]
  }),
  broken(
    "gather",
    "jvp",
    "picks backwards",
    (good) =>
      (params, [x, i], outputs, given) =>
        good.jvp(params, [x, reversed(i as AnyTensor)] as never, outputs, given),
  ),
  broken(
    "gather",
    "transpose",
    "scattered backwards",
    (good) =>
      (params, [x, i], ...rest) =>
        good.transpose?.(params, [x, reversed(i as AnyTensor)] as never, ...rest) ?? [],
  ),
  broken(
    "gather",
    "batch",
    "each row picks by the first row's positions",
    (good) =>
      (params, [x, i], [bx, bi], size) =>
        bi
          ? good.batch(params, [x, firstRow(i as AnyTensor)] as never, [bx as boolean, true], size)
          : good.batch(params, [x, i] as never, [bx as boolean, bi as boolean], size),
  ),
  broken("gather", "lower", "reads outside", unguarded),
  broken("gather", "lower", "one place off along the first axis", rolled),
  broken("scatterAdd", "type", "shared axes are not compared", () => ({ shared, size }: { shared: number; size: number }, [u, i]) => {
    const [a, positions] = [u as TensorType, i as TensorType]
    return [{ elem: a.elem, shape: [...positions.shape.slice(0, shared), size, ...a.shape.slice(positions.shape.length)] }]
  }),
  broken("scatterAdd", "jvp", "twice too large", tangents(times(2))),
  broken(
    "scatterAdd",
    "transpose",
    "gathered backwards",
    (good) =>
      (params, [u, i], ...rest) =>
        good.transpose?.(params, [u, reversed(i as AnyTensor)] as never, ...rest) ?? [],
  ),
  broken("scatterAdd", "batch", "rows come out backwards", rows(reversed)),
  broken("scatterAdd", "lower", "one place off along the first axis", rolled),
  broken(
    "scatterAdd",
    "lower",
    "the last update is forgotten",
    nests((nest) => (nest.reduce === null ? nest : { ...nest, reduce: { ...nest.reduce, extent: nest.reduce.extent.map((n) => n - 1) } })),
  ),
]

export const movement: readonly BrokenRule[] = [...constants, ...broadcast, ...reshape, ...permute, ...slice, ...pad, ...gather]
