/** slice and pad, which transpose into each other, and concat, stack and reverse made of them. */
import {
  type AnyTensor,
  apply1,
  at,
  axis,
  type Choices,
  defineOp,
  divides,
  type Elem,
  floorDiv,
  type Guard,
  type Ix,
  inRange,
  load,
  type Op,
  physicalShape,
  plus,
  pointwise,
  type Shape,
  sameShape,
  showType,
  type Tensor,
  type TensorType,
  TraceError,
  times,
  type Unchecked,
} from "../core/index.js"
import { add } from "./arithmetic.js"
import type { AxisCheck, Without } from "./axis-types.js"
import type { ConcatCheck, ConcatOf, StackCheck, StackOf } from "./concat-types.js"
import { normalAxes } from "./normal-axes.js"
import { expandAxis, reshape } from "./shape.js"
import type { EndCheck, PositionCheck, Sliced } from "./slice-types.js"

interface SliceParams {
  readonly start: readonly number[]
  readonly size: readonly number[]
  readonly stride: readonly number[]
}

interface PadParams {
  /** Zeros before the first and after the last element, and between two neighbours, an entry an axis. */
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly between: readonly number[]
}

const last = (p: SliceParams, i: number) => (p.start[i] as number) + ((p.size[i] as number) - 1) * (p.stride[i] as number)

export const sliceOp: Op<SliceParams> = defineOp<SliceParams>({
  name: "slice",
  type: (params, [x]) => {
    const t = x as TensorType
    const bad = t.shape.findIndex(
      (d, i) =>
        (params.start[i] as number) < 0 || (params.stride[i] as number) < 1 || ((params.size[i] as number) > 0 && last(params, i) >= d),
    )
    if (params.size.length !== t.shape.length || bad >= 0)
      throw new TraceError(
        `slice: start [${params.start.join(", ")}], size [${params.size.join(", ")}], stride [${params.stride.join(", ")}] does not lie in ${showType(t)}`,
      )
    return [{ elem: t.elem, shape: params.size }]
  },
  jvp: (params, _inputs, _outputs, [dx]) => [apply1(sliceOp, params, [dx as AnyTensor])],
  transpose: (params, [x], _linear, [ct]) => {
    const d = (x as AnyTensor).shape
    return [
      apply1(
        padOp,
        {
          low: params.start,
          high: d.map((n, i) => ((params.size[i] as number) === 0 ? n - (params.start[i] as number) : n - 1 - last(params, i))),
          between: params.stride.map((s) => s - 1),
        },
        [ct as AnyTensor],
      ),
    ]
  },
  batch: ({ start, size, stride }, [x], _batched, rows) => ({
    outputs: [apply1(sliceOp, { start: [0, ...start], size: [rows, ...size], stride: [1, ...stride] }, [x as AnyTensor])],
    batched: [true],
  }),
  simplify: ({ size }, [x]) => (sameShape(size, (x as AnyTensor).shape) ? [x as AnyTensor] : null),
  lower: ({ start, stride }, _inputs, [out]) => {
    const domain = physicalShape(out as TensorType)
    const index = domain.map((_, i): Ix => (i < start.length ? plus(at(start[i] as number), times(axis(i), stride[i] as number)) : axis(i)))
    return { t: "index", nests: [pointwise(domain, load(0, index))] }
  },
  cheap: true,
  example: (choose) => {
    const shape = choose.shape(2)
    const start = shape.map((d) => choose.int(0, d - 1))
    const stride = shape.map(() => choose.int(1, 2))
    const size = shape.map((d, i) => choose.int(1, Math.ceil((d - (start[i] as number)) / (stride[i] as number))))
    return { params: { start, size, stride }, inputs: [{ elem: "float", shape }], domains: [{ t: "real" }] }
  },
})

const padded = (d: number, p: PadParams, i: number) =>
  (p.low[i] as number) + (p.high[i] as number) + (d === 0 ? 0 : d + (d - 1) * (p.between[i] as number))

export const padOp: Op<PadParams> = defineOp<PadParams>({
  name: "pad",
  type: (params, [x]) => {
    const t = x as TensorType
    const all = [...params.low, ...params.high, ...params.between]
    if (params.low.length !== t.shape.length || all.some((n) => !Number.isInteger(n) || n < 0))
      throw new TraceError(`pad: widths must be whole numbers of at least 0, an entry an axis of ${showType(t)}; found ${all.join(", ")}`)
    return [{ elem: t.elem, shape: t.shape.map((d, i) => padded(d, params, i)) }]
  },
  jvp: (params, _inputs, _outputs, [dx]) => [apply1(padOp, params, [dx as AnyTensor])],
  transpose: ({ low, between }, [x], _linear, [ct]) => [
    apply1(sliceOp, { start: low, size: (x as AnyTensor).shape, stride: between.map((b) => b + 1) }, [ct as AnyTensor]),
  ],
  batch: ({ low, high, between }, [x]) => ({
    outputs: [apply1(padOp, { low: [0, ...low], high: [0, ...high], between: [0, ...between] }, [x as AnyTensor])],
    batched: [true],
  }),
  simplify: (params, [x]) => ([...params.low, ...params.high, ...params.between].every((n) => n === 0) ? [x as AnyTensor] : null),
  lower: ({ low, high, between }, [x], [out]) => {
    const domain = physicalShape(out as TensorType)
    const own = physicalShape(x as TensorType)
    const guards: Guard[] = []
    const index = domain.map((_, i): Ix => {
      if (i >= low.length) return axis(i)
      const moved = plus(axis(i), at(-(low[i] as number)))
      const step = (between[i] as number) + 1
      if (step > 1) guards.push(divides(moved, step))
      if ((low[i] as number) > 0 || (high[i] as number) > 0) guards.push(inRange(floorDiv(moved, step), 0, own[i] as number))
      return floorDiv(moved, step)
    })
    return { t: "index", nests: [pointwise(domain, load(0, index, guards))] }
  },
  cheap: true,
  example: (choose: Choices) => {
    const shape = choose.shape(2)
    const widths = (most: number) => shape.map(() => choose.int(0, most))
    return { params: { low: widths(2), high: widths(2), between: widths(1) }, inputs: [{ elem: "float", shape }], domains: [{ t: "real" }] }
  },
})

/** What `slice` takes: start, end and stride of every axis. */
export interface SliceOptions {
  /** First index an axis; negative ones count from the end. Default 0. */
  readonly start?: readonly number[]
  /** One past the last index an axis; negative ones count from the end. Default the size. */
  readonly end?: readonly number[]
  readonly stride?: readonly number[]
}

/**
 * A box of a tensor: `slice(x, { start: [1, 0], end: [3, 4] })`.
 *
 * @example
 * evaluate(slice(tensor([1, 2, 3, 4]), { start: [1], stride: [2] })) // right([2, 4])
 */
export const slice = <E extends Elem>(x: Tensor<Unchecked, E>, { start, end, stride }: SliceOptions): Tensor<Unchecked, E> => {
  const from = x.shape.map((d, i) => ((start?.[i] ?? 0) < 0 ? (start?.[i] as number) + d : (start?.[i] ?? 0)))
  const to = x.shape.map((d, i) => ((end?.[i] ?? d) < 0 ? (end?.[i] as number) + d : (end?.[i] ?? d)))
  const step = x.shape.map((_, i) => stride?.[i] ?? 1)
  return apply1(
    sliceOp,
    { start: from, size: from.map((s, i) => Math.max(0, Math.ceil(((to[i] as number) - s) / (step[i] as number)))), stride: step },
    [x],
  ) as Tensor<Unchecked, E>
}

/**
 * Positions `start` to `end - 1` of one axis; negative ones count from the end.
 *
 * @example
 * evaluate(sliceAxis(tensor([1, 2, 3, 4]), 0, 1, 3)) // right([2, 3])
 */
export const sliceAxis = <S extends Shape, E extends Elem, const A extends number, const From extends number, const To extends number>(
  x: Tensor<S, E>,
  axisNumber: A & AxisCheck<"sliceAxis", S, A>,
  start: From,
  end: To & EndCheck<"sliceAxis", S, A, To>,
): Tensor<Sliced<S, A, From, To>, E> => {
  const [a] = normalAxes("sliceAxis", x.shape.length, [axisNumber]) as [number]
  const pick = (value: number, other: (d: number) => number) => x.shape.map((d, i) => (i === a ? value : other(d)))
  return slice(x as Tensor<Unchecked, E>, { start: pick(start, () => 0), end: pick(end, (d) => d) })
}

/**
 * One position of one axis, which disappears; negative positions count from the end.
 *
 * @example
 * evaluate(indexAxis(tensor([[1, 2], [3, 4]]), 0, 1)) // right([3, 4])
 */
export const indexAxis = <S extends Shape, E extends Elem, const A extends number, const P extends number>(
  x: Tensor<S, E>,
  axisNumber: A & AxisCheck<"indexAxis", S, A>,
  position: P & PositionCheck<"indexAxis", S, A, P>,
): Tensor<Without<S, readonly [A]>, E> => {
  const t = x as Tensor<Unchecked, E>
  const [a] = normalAxes("indexAxis", t.shape.length, [axisNumber]) as [number]
  const at = position < 0 ? position + (t.shape[a] as number) : position
  return dropAxis(sliceAxis(t, a, at, at + 1), a)
}

/**
 * Zeros around a tensor, `[before, after]` an axis.
 *
 * @example
 * evaluate(pad(tensor([1, 2]), [[1, 2]])) // right([0, 1, 2, 0, 0])
 */
export const pad = <E extends Elem>(x: Tensor<Unchecked, E>, widths: readonly (readonly [number, number])[]): Tensor<Unchecked, E> =>
  apply1(padOp, { low: widths.map(([l]) => l), high: widths.map(([, h]) => h), between: widths.map(() => 0) }, [x]) as Tensor<Unchecked, E>

/**
 * Tensors one after another along an axis.
 *
 * @example
 * evaluate(concat([tensor([1]), tensor([2, 3])], 0)) // right([1, 2, 3])
 */
export const concat = <const P extends readonly Tensor[], const A extends number>(
  parts: P & ConcatCheck<P, A>,
  axisNumber: A,
): Tensor<ConcatOf<P, A>> => joined(parts, axisNumber) as Tensor<ConcatOf<P, A>>

const joined = (parts: readonly Tensor[], axisNumber: number): Tensor => {
  const [first] = parts
  if (first === undefined) throw new TraceError("concat: expected at least one tensor")
  const [a] = normalAxes("concat", first.shape.length, [axisNumber]) as [number]
  const odd = parts.find(
    (p) =>
      !sameShape(
        p.shape.map((d, i) => (i === a ? 0 : d)),
        first.shape.map((d, i) => (i === a ? 0 : d)),
      ),
  )
  if (odd !== undefined) throw new TraceError(`concat: ${showType(first.type)} and ${showType(odd.type)} differ on another axis than ${a}`)
  const total = parts.reduce((n, p) => n + (p.shape[a] as number), 0)
  let before = 0
  const placed = parts.map((p) => {
    const size = p.shape[a] as number
    const widths = p.shape.map((_, i): readonly [number, number] => (i === a ? [before, total - before - size] : [0, 0]))
    before += size
    return pad(p, widths)
  })
  return placed.reduce((x, y) => add(x, y))
}

/**
 * Tensors of one shape along a new axis, the first by default.
 *
 * @example
 * evaluate(stack([tensor([1, 2]), tensor([3, 4])])) // right([[1, 2], [3, 4]])
 */
export const stack = <const P extends readonly Tensor[], const A extends number = 0>(
  parts: P & StackCheck<P>,
  axisNumber?: A,
): Tensor<StackOf<P, A>> => {
  const position = axisNumber ?? 0
  return joined(
    (parts as readonly Tensor[]).map((p) => expandAxis(p, position)),
    position,
  ) as Tensor<StackOf<P, A>>
}

const dropAxis = <E extends Elem>(x: Tensor<Unchecked, E>, a: number): Tensor<Unchecked, E> =>
  reshape(
    x,
    x.shape.filter((_, i) => i !== a),
  )
