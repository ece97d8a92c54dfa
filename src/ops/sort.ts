/** Sort along the last axis, with the positions that the values came from; its derivative moves tangents the same way. */
import {
  type AnyTensor,
  apply,
  apply1,
  bodyOf,
  broadcastRight,
  defineOp,
  type Op,
  type Shape,
  showType,
  type Tensor,
  type TensorType,
  TraceError,
  type Unchecked,
} from "../core/index.js"
import type { AxisCheck } from "./axis-types.js"
import { cast } from "./cast.js"
import { and, equal, less, not, or } from "./compare.js"
import { gatherOp, scatterAddOp } from "./gather.js"
import { iota } from "./iota.js"
import { normalAxes } from "./normal-axes.js"
import { sumInt } from "./reduce.js"
import { expandAxis, moveAxis } from "./shape.js"

/**
 * Sorting by counting: the rank of an element is the number of elements before it in the order (smaller, or equal and earlier;
 * NaN after all). n^2 comparisons, but only index notation: for targets without the routine.
 */
const byCounting = (x: Tensor): readonly AnyTensor[] => {
  const n = x.shape.at(-1) as number
  const lead = x.shape.length - 1
  const [mine, other] = [expandAxis(x, -1), expandAxis(x, lead)] // [.., n, 1] and [.., 1, n]
  const [i, j] = [expandAxis(iota(n), -1), expandAxis(iota(n), 0)]
  const nan = (t: Tensor) => not(equal(t, t))
  const earlier = less(j, i)
  const before = or(
    or(less(other, mine), and(nan(mine), not(nan(other)))),
    and(or(equal(other, mine), and(nan(mine), nan(other))), earlier),
  )
  const rank = sumInt(cast(before, "int"), [-1])
  const positions = apply1(scatterAddOp, { shared: lead, size: n }, [broadcastRight(iota(n), x.shape), rank])
  return [apply1(gatherOp, { shared: lead }, [x, positions]), positions]
}

export const sortOp: Op<null> = defineOp<null>({
  name: "sort",
  type: (_params, [x]) => {
    const t = x as TensorType
    if (t.elem !== "float" || t.shape.length < 1) throw new TraceError(`sort: expected float with at least one axis, found ${showType(t)}`)
    return [t, { elem: "int", shape: t.shape }]
  },
  jvp: (_params, [x], [, positions], [dx]) => [
    apply1(gatherOp, { shared: (x as AnyTensor).shape.length - 1 }, [dx as AnyTensor, positions as AnyTensor]),
    null,
  ],
  batch: (_params, [x]) => ({ outputs: apply(sortOp, null, [x as AnyTensor]), batched: [true, true] }),
  lower: (_params, [x]) => ({
    t: "routine",
    name: "sort",
    graph: () => bodyOf("sort", [x as TensorType], ([t]) => byCounting(t as Tensor)),
  }),
  cheap: false,
  example: (choose) => ({
    params: null,
    inputs: [{ elem: "float", shape: [...choose.shape(1), choose.int(1, 5)] }],
    domains: [{ t: "distinct" }],
  }),
})

/** Sorted values, and where they stood. */
export interface Sorted<S extends Shape = Unchecked> {
  readonly values: Tensor<S>
  /** Where each value stood. */
  readonly positions: Tensor<S, "int">
}

/**
 * Ascending and stable along an axis (the last by default), NaN last. At ties the derivative follows the stable order.
 *
 * @example
 * evaluate(sort(tensor([3, 1, 2])).values) // right([1, 2, 3])
 */
export const sort = <S extends Shape, const A extends number = -1>(x: Tensor<S>, axisNumber?: A & AxisCheck<"sort", S, A>): Sorted<S> => {
  const [a] = normalAxes("sort", x.shape.length, [axisNumber ?? -1]) as [number]
  const last = x.shape.length - 1
  const [values, positions] = apply(sortOp, null, [moveAxis(x as Tensor, a, last)])
  return { values: moveAxis(values as Tensor, last, a), positions: moveAxis(positions as Tensor<Unchecked, "int">, last, a) }
}
