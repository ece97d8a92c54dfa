/**
 * Row predicates, after vmap. A value carries the first k of the predicate's row axes in front. A row that is not taken
 * computes on a copy of a taken row's inputs, so it adds neither NaN nor a status of its own; tangents and cotangents of such
 * rows are zero. (Selecting a masked cotangent afterwards would be too late: a sum over rows for a shared weight would have met
 * 0 x NaN.)
 */
import { type AnyTensor, broadcastAlong, sizeOf, type Tensor, type Unchecked, zerosOf } from "../../core/index.js"
import { add, mul } from "../arithmetic.js"
import { cast } from "../cast.js"
import { where } from "../compare.js"
import { take, takeRows } from "../gather.js"
import { iota } from "../iota.js"
import { any, argmax } from "../reduce.js"
import { reshape } from "../shape.js"

type Bool = Tensor<Unchecked, "bool">
type Int = Tensor<Unchecked, "int">

export interface RowPlan {
  /** Whether a row of the first k axes has a taken row in it. */
  readonly taken: (k: number) => Bool
  /** A value that carries k row axes, with rows not taken replaced by copies of taken ones. */
  readonly copied: (x: AnyTensor, k: number) => AnyTensor
  /** A value that carries k row axes, zero in rows not taken. */
  readonly masked: (x: AnyTensor, k: number) => AnyTensor
}

/** Plans for a predicate [rows...] of which at least one is true where it matters. */
export const planRows = (predicate: Bool): RowPlan => {
  const rows = predicate.shape
  const levels: Bool[] = []
  const taken = (k: number): Bool => {
    levels[k] ??= k === rows.length ? predicate : any(taken(k + 1), [k])
    return levels[k] as Bool
  }
  // sources[k]: for each row of the first k axes, flat, the row whose inputs it computes on.
  const sources: Int[] = []
  const source = (k: number): Int => {
    if (k === 0) return reshape(iota(1), [1])
    const known = sources[k]
    if (known !== undefined) return known
    const [parents, width] = [sizeOf(rows.slice(0, k - 1)), rows[k - 1] as number]
    const own = reshape(taken(k), [parents, width])
    const first = argmax(cast(own, "float"), 1) // first taken child of each parent
    const parent = source(k - 1)
    const substitute = add(mul(parent, width), take(first, parent))
    const self = reshape(iota(parents * width), [parents, width])
    const chosen = where(own, self, broadcastAlong(substitute, [parents, width], [0]) as Int)
    const made = reshape(chosen, [parents * width]) as Int
    sources[k] = made
    return made
  }
  const flat = (x: AnyTensor, k: number) => reshape(x as Tensor, [sizeOf(rows.slice(0, k)), ...x.shape.slice(k)])
  return {
    taken,
    copied: (x, k) => (k === 0 ? x : reshape(takeRows(flat(x, k), source(k), 0), x.shape)),
    masked: (x, k) =>
      k === 0
        ? x
        : where(
            broadcastAlong(
              taken(k),
              x.shape,
              Array.from({ length: k }, (_, i) => i),
            ) as Bool,
            x as Tensor,
            zerosOf(x.type) as Tensor,
          ),
  }
}
