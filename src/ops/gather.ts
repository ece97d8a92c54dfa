/** gather and scatterAdd along one axis, which transpose into each other. Outside the range a gather reads 0, a scatter drops. */
import {
  type AnyTensor,
  apply1,
  asIndex,
  axes,
  broadcastFirst,
  type Choices,
  defineOp,
  type Elem,
  inRange,
  load,
  type Op,
  physicalShape,
  pointwise,
  type Shape,
  showType,
  type Tensor,
  type TensorType,
  TraceError,
  type Unchecked,
} from "../core/index.js"
import type { AxisCheck, ReplaceAxes } from "./axis-types.js"
import { normalAxes } from "./normal-axes.js"
import { moveAxis } from "./shape.js"

interface GatherParams {
  /** Leading axes that operand and indices share. */
  readonly shared: number
}

interface ScatterParams extends GatherParams {
  /** Size of the axis that is made. */
  readonly size: number
}

const sharedAgree = (name: string, shared: number, x: TensorType, indices: TensorType) => {
  // a stored graph may claim any number: look at the axes that are there, not at as many as are claimed
  const fits = Number.isInteger(shared) && shared >= 0 && shared <= Math.min(x.shape.length, indices.shape.length)
  const agree = fits && x.shape.slice(0, shared).every((size, i) => size === indices.shape[i])
  if (indices.elem !== "int" || !agree)
    throw new TraceError(`${name}: expected int indices that share ${shared} leading axes with ${showType(x)}, found ${showType(indices)}`)
}

/** Operand [shared, n, rest], indices [shared, at] -> [shared, at, rest]. */
export const gatherOp: Op<GatherParams> = defineOp<GatherParams>({
  name: "gather",
  type: ({ shared }, [x, indices]) => {
    const [a, i] = [x as TensorType, indices as TensorType]
    sharedAgree("gather", shared, a, i)
    if (a.shape.length <= shared) throw new TraceError(`gather: ${showType(a)} has no axis to pick from after ${shared} shared ones`)
    return [{ elem: a.elem, shape: [...i.shape, ...a.shape.slice(shared + 1)] }]
  },
  jvp: (params, [, indices], _outputs, [dx]) => [dx == null ? null : apply1(gatherOp, params, [dx, indices as AnyTensor])],
  transpose: ({ shared }, [x, indices], _linear, [ct]) => [
    apply1(scatterAddOp, { shared, size: (x as AnyTensor).shape[shared] as number }, [ct as AnyTensor, indices as AnyTensor]),
    null,
  ],
  batch: ({ shared }, [x, indices], [bx, bi], size) => {
    // Indices of their own, none of the operand's axes shared: the batch axis is one more axis of indices.
    if (!bx && shared === 0) return { outputs: [apply1(gatherOp, { shared }, [x as AnyTensor, indices as AnyTensor])], batched: [true] }
    const rows = (t: AnyTensor, b: boolean) => (b ? t : broadcastFirst(t, size))
    return {
      outputs: [apply1(gatherOp, { shared: shared + 1 }, [rows(x as AnyTensor, bx as boolean), rows(indices as AnyTensor, bi as boolean)])],
      batched: [true],
    }
  },
  lower: ({ shared }, [x, indices], [out]) => {
    const domain = physicalShape(out as TensorType)
    const own = physicalShape(x as TensorType)
    const rank = (indices as TensorType).shape.length
    const pick = asIndex(load(1, axes(rank)))
    const index = [...axes(shared), pick, ...axes(domain.length - rank, rank)]
    return { t: "index", nests: [pointwise(domain, load(0, index, [inRange(pick, 0, own[shared] as number)]))] }
  },
  cheap: false,
  example: (choose: Choices) => {
    const lead = choose.bool() ? [choose.int(1, 2)] : []
    const n = choose.int(1, 4)
    return {
      params: { shared: lead.length },
      inputs: [
        { elem: "float", shape: [...lead, n, ...choose.shape(1)] },
        { elem: "int", shape: [...lead, ...choose.shape(1)] },
      ],
      domains: [{ t: "real" }, { t: "index", below: n }],
    }
  },
})

/** Updates [shared, at, rest], indices [shared, at] -> [shared, size, rest]: updates for one place are added. */
export const scatterAddOp: Op<ScatterParams> = defineOp<ScatterParams>({
  name: "scatterAdd",
  type: ({ shared, size }, [u, indices]) => {
    const [a, i] = [u as TensorType, indices as TensorType]
    sharedAgree("scatterAdd", Math.max(shared, i.shape.length), a, i)
    if (a.elem !== "float" && a.elem !== "int") throw new TraceError(`scatterAdd: expected numbers, found ${showType(a)}`)
    return [{ elem: a.elem, shape: [...i.shape.slice(0, shared), size, ...a.shape.slice(i.shape.length)] }]
  },
  jvp: (params, [, indices], _outputs, [du]) => [du == null ? null : apply1(scatterAddOp, params, [du, indices as AnyTensor])],
  transpose: ({ shared }, [, indices], _linear, [ct]) => [apply1(gatherOp, { shared }, [ct as AnyTensor, indices as AnyTensor]), null],
  batch: ({ shared, size }, [u, indices], [bu, bi], rows) => {
    const row = (t: AnyTensor, b: boolean) => (b ? t : broadcastFirst(t, rows))
    const both = [row(u as AnyTensor, bu as boolean), row(indices as AnyTensor, bi as boolean)]
    return { outputs: [apply1(scatterAddOp, { shared: shared + 1, size }, both)], batched: [true] }
  },
  lower: ({ shared }, [, indices], [out]) => {
    const domain = (out as TensorType).shape
    const at = (indices as TensorType).shape.slice(shared)
    const summed = axes(at.length, domain.length)
    return {
      t: "index",
      nests: [
        {
          domain,
          reduce: { combine: "sum", extent: at, indicator: { axis: shared, equals: asIndex(load(1, [...axes(shared), ...summed])) } },
          body: load(0, [...axes(shared), ...summed, ...axes(domain.length - shared - 1, shared + 1)]),
          epilogue: null,
        },
      ],
    }
  },
  cheap: false,
  example: (choose: Choices) => {
    const lead = choose.bool() ? [choose.int(1, 2)] : []
    const at = choose.shape(1)
    const size = choose.int(1, 4)
    return {
      params: { shared: lead.length, size },
      inputs: [
        { elem: "float", shape: [...lead, ...at, ...choose.shape(1)] },
        { elem: "int", shape: [...lead, ...at] },
      ],
      domains: [{ t: "real" }, { t: "index", below: size }],
    }
  },
})

type Indices = Tensor<Unchecked, "int">

/**
 * Picks positions of an axis: the axis is replaced by the axes of `indices`. Outside the range it reads 0.
 *
 * @example
 * evaluate(take(tensor([10, 20, 30]), tensor([2, 0], "int"))) // right([30, 10])
 */
export const take = <S extends Shape, I extends Shape, E extends Elem = "float", const A extends number = 0>(
  x: Tensor<S, E>,
  indices: Tensor<I, "int">,
  axisNumber?: A & AxisCheck<"take", S, A>,
): Tensor<ReplaceAxes<S, A, I>, E> => {
  const [a] = normalAxes("take", x.shape.length, [axisNumber ?? 0]) as [number]
  // [at, before, after] -> [before, at, after]
  let out = apply1(gatherOp, { shared: 0 }, [moveAxis(x as AnyTensor, a, 0), indices])
  for (let i = 0; i < a; i++) out = moveAxis(out, indices.shape.length + i, i)
  return out as Tensor<ReplaceAxes<S, A, I>, E>
}

/**
 * For each index of the leading `shared` axes, picks along the next axis: `takeRows(x [B, n, d], i [B, k], 1)` is [B, k, d].
 *
 * @example
 * evaluate(takeRows(tensor([[1, 2], [3, 4]]), tensor([1, 0], "int"), 1)) // right([2, 3])
 */
export const takeRows = <E extends Elem = "float">(x: Tensor<Unchecked, E>, indices: Indices, shared: number): Tensor<Unchecked, E> =>
  apply1(gatherOp, { shared }, [x, indices]) as Tensor<Unchecked, E>

/**
 * Zeros of `size` rows with `updates` added in at `indices`: updates [at..., rest...], indices [at...] -> [size, rest...].
 * Updates outside the range are dropped; equal indices add up.
 *
 * @example
 * evaluate(scatterAdd(tensor([1, 2, 3]), tensor([0, 0, 2], "int"), 3)) // right([3, 0, 3])
 */
export const scatterAdd = (updates: Tensor, indices: Indices, size: number): Tensor =>
  apply1(scatterAddOp, { shared: 0, size }, [updates, indices]) as Tensor
