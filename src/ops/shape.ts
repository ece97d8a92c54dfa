/** reshape and permute: the same elements under other indices. */
import {
  type AnyTensor,
  apply1,
  at,
  axes,
  axis,
  defineOp,
  type Elem,
  floorDiv,
  type Ix,
  load,
  type Mutable,
  modulo,
  type Op,
  physicalShape,
  plus,
  pointwise,
  type Shape,
  sameShape,
  showType,
  sizeOf,
  type Tensor,
  type TensorType,
  TraceError,
  times,
  type Unchecked,
} from "../core/index.js"
import type { AxisCheck, InsertAxis, Moved, OrderCheck, Permuted, SwapCheck, SwapLast } from "./axis-types.js"
import { normalAxes } from "./normal-axes.js"

interface ReshapeParams {
  readonly shape: readonly number[]
}

/** Indices into `shape` of the element at `flat`; sizes of 1 need no arithmetic. */
const unflattenIx = (flat: Ix, shape: readonly number[]): readonly Ix[] => {
  let stride = sizeOf(shape)
  return shape.map((d, i) => {
    stride /= d === 0 ? 1 : d
    const q = floorDiv(flat, stride)
    return d === 1 ? at(0) : shape.slice(0, i).every((e) => e === 1) ? q : modulo(q, d)
  })
}

/**
 * Groups of axes of two shapes that hold the same number of elements, so that indices need arithmetic within a group only.
 * [2, 3, 4] to [6, 4] has the groups [2, 3] | [6] and [4] | [4].
 */
const groups = (from: readonly number[], to: readonly number[]) => {
  const found: { readonly from: [number, number]; readonly to: [number, number] }[] = []
  let i = 0
  let j = 0
  while (i < from.length || j < to.length) {
    const start = [i, j] as const
    let a = i < from.length ? (from[i++] as number) : 1
    let b = j < to.length ? (to[j++] as number) : 1
    while (a !== b) {
      if (a < b) a *= from[i++] as number
      else b *= to[j++] as number
    }
    found.push({ from: [start[0], i], to: [start[1], j] })
  }
  return found
}

export const reshapeOp: Op<ReshapeParams> = defineOp<ReshapeParams>({
  name: "reshape",
  type: ({ shape }, [x]) => {
    const t = x as TensorType
    if (sizeOf(shape) !== sizeOf(t.shape))
      throw new TraceError(`reshape: ${showType(t)} has ${sizeOf(t.shape)} elements, [${shape.join(", ")}] has ${sizeOf(shape)}`)
    return [{ elem: t.elem, shape }]
  },
  jvp: (params, _inputs, _outputs, [dx]) => [apply1(reshapeOp, params, [dx as AnyTensor])],
  transpose: (_params, [x], _linear, [ct]) => [apply1(reshapeOp, { shape: (x as AnyTensor).shape }, [ct as AnyTensor])],
  batch: ({ shape }, [x], _batched, size) => ({
    outputs: [apply1(reshapeOp, { shape: [size, ...shape] }, [x as AnyTensor])],
    batched: [true],
  }),
  simplify: ({ shape }, [x]) => (sameShape(shape, (x as AnyTensor).shape) ? [x as AnyTensor] : null),
  lower: (_params, [x], [out]) => {
    const from = physicalShape(x as TensorType)
    const to = physicalShape(out as TensorType)
    if (sizeOf(from) === 0)
      return {
        t: "index",
        nests: [
          pointwise(
            to,
            load(
              0,
              from.map(() => at(0)),
            ),
          ),
        ],
      }
    const index: Ix[] = []
    for (const g of groups(from, to)) {
      let flat: Ix = at(0)
      for (let j = g.to[0]; j < g.to[1]; j++) flat = plus(times(flat, to[j] as number), (to[j] as number) === 1 ? at(0) : axis(j))
      index.push(...unflattenIx(flat, from.slice(g.from[0], g.from[1])))
    }
    return { t: "index", nests: [pointwise(to, load(0, index))] }
  },
  cheap: true,
  example: (choose) => {
    const shape = choose.shape(3)
    const flat = sizeOf(shape)
    const first = choose.int(1, 4)
    return {
      params: { shape: flat % first === 0 ? [first, flat / first] : [flat] },
      inputs: [{ elem: "float", shape }],
      domains: [{ t: "real" }],
    }
  },
})

interface PermuteParams {
  /** Output axis i is input axis `order[i]`. */
  readonly order: readonly number[]
}

export const permuteOp: Op<PermuteParams> = defineOp<PermuteParams>({
  name: "permute",
  type: ({ order }, [x]) => {
    const t = x as TensorType
    if (order.length !== t.shape.length || t.shape.some((_, i) => !order.includes(i)))
      throw new TraceError(`permute: [${order.join(", ")}] is no order of the axes of ${showType(t)}`)
    return [{ elem: t.elem, shape: order.map((a) => t.shape[a] as number) }]
  },
  jvp: (params, _inputs, _outputs, [dx]) => [apply1(permuteOp, params, [dx as AnyTensor])],
  transpose: ({ order }, _inputs, _linear, [ct]) => [
    apply1(permuteOp, { order: order.map((_, i) => order.indexOf(i)) }, [ct as AnyTensor]),
  ],
  batch: ({ order }, [x]) => ({
    outputs: [apply1(permuteOp, { order: [0, ...order.map((a) => a + 1)] }, [x as AnyTensor])],
    batched: [true],
  }),
  simplify: ({ order }, [x]) => (order.every((a, i) => a === i) ? [x as AnyTensor] : null),
  lower: ({ order }, _inputs, [out]) => {
    const domain = physicalShape(out as TensorType)
    const index = order.map((_, i) => axis(order.indexOf(i)))
    return { t: "index", nests: [pointwise(domain, load(0, [...index, ...axes(domain.length - order.length, order.length)]))] }
  },
  cheap: true,
  example: (choose) => {
    const shape = choose.shape(3)
    const order = shape.map((_, i) => i)
    for (let i = order.length - 1; i > 0; i--) {
      const j = choose.int(0, i)
      ;[order[i], order[j]] = [order[j] as number, order[i] as number]
    }
    return { params: { order }, inputs: [{ elem: "float", shape }], domains: [{ t: "real" }] }
  },
})

/** A given shape in which -1 stands for what is left. */
type Reshaped<S extends readonly number[]> = { [K in keyof S]: S[K] extends -1 ? number : S[K] } extends infer R extends Shape
  ? Mutable<R>
  : Unchecked // never taken

/**
 * The same elements in row-major order under another shape. One size may be -1: what is left.
 *
 * @example
 * evaluate(reshape(tensor([1, 2, 3, 4]), [2, -1])) // right([[1, 2], [3, 4]])
 */
export const reshape = <const S extends readonly number[], E extends Elem = "float">(
  x: Tensor<Unchecked, E>,
  shape: S,
): Tensor<Reshaped<S>, E> => {
  const known = shape.reduce((n, d) => (d === -1 ? n : n * d), 1)
  const free = shape.filter((d) => d === -1).length
  if (free > 1 || (free === 1 && (known === 0 || sizeOf(x.shape) % known !== 0)))
    throw new TraceError(
      `reshape: ${showType(x.type)} can't take the shape [${shape.join(", ")}]; at most one size may be -1, and the rest must divide the elements`,
    )
  return apply1(reshapeOp, { shape: shape.map((d) => (d === -1 ? sizeOf(x.shape) / known : d)) }, [x]) as Tensor<Reshaped<S>, E>
}

/**
 * Axes in another order: output axis i is input axis `order[i]`; negative ones count from the last.
 *
 * @example
 * evaluate(permute(tensor([[1, 2], [3, 4]]), [1, 0])) // right([[1, 3], [2, 4]])
 */
export const permute = <S extends Shape, E extends Elem, const O extends readonly number[]>(
  x: Tensor<S, E>,
  order: O & OrderCheck<"permute", S, O>,
): Tensor<Permuted<S, O>, E> =>
  apply1(permuteOp, { order: (order as readonly number[]).map((a) => (a < 0 ? a + x.shape.length : a)) }, [x]) as Tensor<Permuted<S, O>, E>

/**
 * The last two axes swapped.
 *
 * @example
 * evaluate(transpose(tensor([[1, 2], [3, 4]]))) // right([[1, 3], [2, 4]])
 */
export const transpose = <S extends Shape, E extends Elem>(x: Tensor<S, E> & SwapCheck<"transpose", S>): Tensor<SwapLast<S>, E> => {
  const rank = x.shape.length
  if (rank < 2) throw new TraceError(`transpose: expected at least two axes, found ${showType(x.type)}`)
  const order = x.shape.map((_, i) => i)
  return permute(x as AnyTensor, [...order.slice(0, -2), rank - 1, rank - 2]) as Tensor<SwapLast<S>, E>
}

/**
 * An axis moved to another place, the others in their order.
 *
 * @example
 * moveAxis(zeros([2, 3, 4]), 0, 2).shape // [3, 4, 2]
 */
export const moveAxis = <S extends Shape, E extends Elem, const F extends number, const T extends number>(
  x: Tensor<S, E>,
  from: F & AxisCheck<"moveAxis", S, F>,
  to: T & AxisCheck<"moveAxis", S, T>,
): Tensor<Moved<S, F, T>, E> => {
  const rank = x.shape.length
  const [a] = normalAxes("moveAxis", rank, [from]) as [number]
  const [b] = normalAxes("moveAxis", rank, [to]) as [number]
  if (a === b) return x as unknown as Tensor<Moved<S, F, T>, E> // from and to are one axis, perhaps counted from both ends
  const order = x.shape.map((_, i) => i).filter((i) => i !== a)
  order.splice(b, 0, a)
  return permute(x as AnyTensor, order) as Tensor<Moved<S, F, T>, E>
}

/**
 * A new axis of size 1 at `position` of the result; negative positions count from its last axis.
 *
 * @example
 * evaluate(expandAxis(tensor([1, 2]), 1)) // right([[1], [2]])
 */
export const expandAxis = <S extends Shape, E extends Elem, const P extends number>(
  x: Tensor<S, E>,
  position: P & AxisCheck<"expandAxis", readonly [1, ...S], P>,
): Tensor<InsertAxis<S, P, 1>, E> => {
  const [at] = normalAxes("expandAxis", x.shape.length + 1, [position]) as [number]
  return reshape(x as AnyTensor, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]) as Tensor<InsertAxis<S, P, 1>, E>
}
