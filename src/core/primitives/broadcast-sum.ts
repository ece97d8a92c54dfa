/**
 * Broadcast and sum, which transpose into each other. Broadcast lays the axes of its operand along named axes of a larger
 * shape; sum removes axes.
 */
import { at, axis, load, pointwise, reduced } from "../compile/build-nest.js"
import { TraceError } from "../errors.js"
import { defineOp, type Op } from "../op.js"
import { apply1 } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { physicalShape, sameShape, showType, type TensorType } from "../tensor/types.js"
import { literal } from "./literal.js"

export interface BroadcastParams {
  readonly shape: readonly number[]
  /** Where each axis of the operand goes, ascending. An operand axis of size 1 stretches. */
  readonly dims: readonly number[]
}

/** The op that repeats a tensor along new axes; the transpose of `sumOp`. */
export const broadcastOp: Op<BroadcastParams, 1, 1> = defineOp<BroadcastParams, 1, 1>({
  name: "broadcast",
  type: ({ shape, dims }, [x]) => {
    const fits =
      dims.length === x.shape.length &&
      dims.every((d, i) => d >= 0 && d < shape.length && (i === 0 || d > (dims[i - 1] as number)) && [1, shape[d]].includes(x.shape[i]))
    if (!fits) throw new TraceError(`broadcast: ${showType(x)} does not lie along axes [${dims.join(", ")}] of [${shape.join(", ")}]`)
    return [{ elem: x.elem, shape }]
  },
  jvp: (params, _inputs, _outputs, [dx]) => [apply1(broadcastOp, params, [dx])],
  transpose: ({ shape, dims }, [x], _linear, [ct]) => {
    const own = x.shape
    const stretched = dims.filter((d, i) => own[i] === 1 && shape[d] !== 1)
    const summed = sumAxes(
      ct,
      shape.map((_, d) => d).filter((d) => !dims.includes(d) || stretched.includes(d)),
    )
    if (stretched.length === 0) return [summed]
    return [apply1(broadcastOp, { shape: own, dims: own.map((_, i) => i).filter((i) => !stretched.includes(dims[i] as number)) }, [summed])]
  },
  batch: ({ shape, dims }, [x], _batched, size) => ({
    outputs: [apply1(broadcastOp, { shape: [size, ...shape], dims: [0, ...dims.map((d) => d + 1)] }, [x])],
    batched: [true],
  }),
  simplify: ({ shape }, [x]) => (sameShape(x.shape, shape) ? [x] : null),
  lower: ({ dims }, [x], [out]) => {
    const own = physicalShape(x)
    const domain = physicalShape(out)
    const along = own.length > dims.length ? [...dims, domain.length - 1] : dims
    return {
      t: "index",
      nests: [
        pointwise(
          domain,
          load(
            0,
            along.map((d, i) => (own[i] === 1 ? at(0) : axis(d))),
          ),
        ),
      ],
    }
  },
  cheap: true,
  example: (choose) => {
    const shape = choose.shape(3)
    const dims = shape.map((_, i) => i).filter(() => choose.bool())
    return {
      params: { shape, dims },
      inputs: [{ elem: "float", shape: dims.map((d) => (choose.bool() ? (shape[d] as number) : 1)) }],
      domains: [{ t: "real" }],
    }
  },
})

/**
 * `x` with its axes along `dims` of `shape`, ascending; an axis of size 1 stretches.
 *
 * @example
 * evaluate(broadcastAlong(tensor([1, 2]), [2, 3], [0])) // right([[1, 1, 1], [2, 2, 2]])
 */
export const broadcastAlong = (x: AnyTensor, shape: readonly number[], dims: readonly number[]): AnyTensor =>
  sameShape(x.shape, shape) ? x : apply1(broadcastOp, { shape, dims }, [x])

/**
 * `x` along the last axes of `shape`, as NumPy aligns shapes.
 *
 * @example
 * evaluate(broadcastRight(tensor([1, 2]), [3, 2])) // right([[1, 2], [1, 2], [1, 2]])
 */
export const broadcastRight = (x: AnyTensor, shape: readonly number[]): AnyTensor =>
  broadcastAlong(
    x,
    shape,
    x.shape.map((_, i) => shape.length - x.shape.length + i),
  )

/**
 * `x` repeated `size` times along a new first axis.
 *
 * @example
 * evaluate(broadcastFirst(tensor([1, 2]), 3)) // right([[1, 2], [1, 2], [1, 2]])
 */
export const broadcastFirst = (x: AnyTensor, size: number): AnyTensor =>
  apply1(broadcastOp, { shape: [size, ...x.shape], dims: x.shape.map((_, i) => i + 1) }, [x])

/**
 * Zeros of a type (any element kind but key).
 *
 * @example
 * evaluate(zerosOf({ elem: "float", shape: [2] })) // right([0, 0])
 */
export const zerosOf = (type: TensorType): AnyTensor => broadcastAlong(literal(0, type.elem), type.shape, [])

/** Parameters of a reduction: the axes that disappear. */
export interface AxesParams {
  /** Ascending. */
  readonly axes: readonly number[]
}

/**
 * The type rule of reductions: the axes disappear.
 *
 * @throws TraceError when they are no ascending axes of `x`, or `x` is neither float nor int
 *
 * @example
 * reducedType("sum", { axes: [0] }, { elem: "float", shape: [2, 3] }) // { elem: "float", shape: [3] }
 */
export const reducedType = (name: string, { axes: gone }: AxesParams, x: TensorType): TensorType => {
  if (gone.some((a, i) => !Number.isInteger(a) || a < 0 || a >= x.shape.length || (i > 0 && a <= (gone[i - 1] as number))))
    throw new TraceError(`${name}: axes [${gone.join(", ")}] are not ascending axes of ${showType(x)}`)
  if (x.elem !== "float" && x.elem !== "int") throw new TraceError(`${name}: expected float or int, found ${showType(x)}`)
  return { elem: x.elem, shape: x.shape.filter((_, i) => !gone.includes(i)) }
}

/**
 * The load of a reduction: kept axes are the domain, the others follow.
 *
 * @example
 * const { domain, reduce } = reductionNest("sum", { axes: [1] }, { elem: "float", shape: [2, 3] }, { elem: "float", shape: [2] })
 * domain // [2]
 * reduce // { combine: "sum", extent: [3] }
 */
export const reductionNest = (combine: "sum" | "max", { axes: gone }: AxesParams, x: TensorType, out: TensorType) => {
  let kept = 0
  let summed = out.shape.length
  return reduced(
    out.shape,
    combine,
    gone.map((a) => x.shape[a] as number),
    load(
      0,
      x.shape.map((_, i) => axis(gone.includes(i) ? summed++ : kept++)),
    ),
  )
}

/**
 * Axes that a reduction keeps.
 *
 * @example
 * keptAxes(3, [1]) // [0, 2]
 */
export const keptAxes = (rank: number, gone: readonly number[]): readonly number[] =>
  Array.from({ length: rank }, (_, i) => i).filter((i) => !gone.includes(i))

/**
 * A random reduction: some axes of a random shape.
 *
 * @example
 * reductionExample({ shape: () => [2, 3], bool: () => true }) // { params: { axes: [0, 1] }, shape: [2, 3] }
 */
export const reductionExample = (choose: { shape: (rank: number) => readonly number[]; bool: () => boolean }) => {
  const shape = choose.shape(3)
  return { params: { axes: shape.map((_, i) => i).filter(() => choose.bool()) }, shape }
}

/** The op that sums over axes; the transpose of `broadcastOp`. */
export const sumOp: Op<AxesParams, 1, 1> = defineOp<AxesParams, 1, 1>({
  name: "sum",
  type: (params, [x]) => [reducedType("sum", params, x)],
  jvp: (params, _inputs, _outputs, [dx]) => [apply1(sumOp, params, [dx])],
  transpose: ({ axes: gone }, [x], _linear, [ct]) => [broadcastAlong(ct, x.shape, keptAxes(x.shape.length, gone))],
  batch: ({ axes: gone }, [x]) => ({ outputs: [apply1(sumOp, { axes: gone.map((a) => a + 1) }, [x])], batched: [true] }),
  simplify: ({ axes: gone }, [x]) => (gone.length === 0 ? [x] : null),
  lower: (params, [x], [out]) => ({ t: "index", nests: [reductionNest("sum", params, x, out)] }),
  cheap: false,
  example: (choose) => {
    const { params, shape } = reductionExample(choose)
    return { params, inputs: [{ elem: "float", shape }], domains: [{ t: "real" }] }
  },
})

/**
 * Sum over the axes given.
 *
 * @example
 * evaluate(sumAxes(tensor([[1, 2], [3, 4]]), [0])) // right([4, 6])
 */
export const sumAxes = (x: AnyTensor, gone: readonly number[]): AnyTensor => (gone.length === 0 ? x : apply1(sumOp, { axes: gone }, [x]))
