/**
 * A reduction is vectorised over the last axis of its domain; an operand in which that axis is not the last one (b in a b', the
 * kernel in a convolution's gradient to its input) would be gathered element by element. Where each of its elements is read
 * often, it is copied once with the axis last.
 */
import { sizeOf } from "../../tensor/types.js"
import { axis, load, pointwise } from "../build-nest.js"
import { extentsOf, points } from "../kernel-form.js"
import type { Ix, Nest } from "../nest.js"
import type { Load } from "../substitute.js"
import type { Change, Operand } from "./change.js"
import { slope } from "./loads.js"

/** An operand read fewer times than this is not worth a copy. */
const REUSE = 8

/** The axis to move last, or null where the load is fine or can't be helped. */
const misplaced = ({ at }: Load, v: number): number | null => {
  const slopes = at.map((ix) => slope(ix, v))
  const moving = slopes.flatMap((s, i) => (s === 0 ? [] : [i]))
  const [only] = moving
  return moving.length === 1 && only !== undefined && slopes[only] === 1 && only < at.length - 1 ? only : null
}

export const aligned = (nest: Nest, { load: found, type }: Operand, lanes: number): Change | null => {
  const v = nest.domain.length - 1
  const moved = (nest.domain[v] as number) < lanes ? null : misplaced(found, v)
  if (moved === null || points(extentsOf(nest)) < REUSE * sizeOf(type.shape)) return null
  const order = [...type.shape.keys()].filter((a) => a !== moved).concat(moved)
  const index = type.shape.map((_, a) => axis(order.indexOf(a)))
  return {
    name: "align",
    key: `axis ${moved}`,
    nest: pointwise(
      order.map((a) => type.shape[a] as number),
      load(0, index),
    ),
    at: order.map((a) => found.at[a] as Ix),
    guards: found.guards,
  }
}
