/**
 * Padding: an operand that is 0 beyond its borders, as in a convolution, copied with those zeros around it. Then a load needs
 * no test, and sums run through the border as through the middle. Adding a product with 0 changes no finite sum.
 */
import { sizeOf } from "../../tensor/types.js"
import { axis, at as constant, inRange, load as loadOf, plus, pointwise } from "../build-nest.js"
import { isAffine, keyOf, rangeOf } from "../index-arithmetic.js"
import { extentsOf, points } from "../kernel-form.js"
import type { Guard, Nest } from "../nest.js"
import type { Change, Operand } from "./change.js"

/** Times that an element is read for which a copy pays. */
const REUSE = 8
/** A copy may hold so many times the elements of the operand. */
const LARGER = 2
const SMALL = 4096

export const padded = (nest: Nest, { load, type }: Operand): Change | null => {
  const { at, guards } = load
  if (guards.length === 0 || nest.body.t !== "binary" || nest.body.fn !== "mul" || !at.every(isAffine)) return null
  const extents = extentsOf(nest)
  const border = (g: Guard): number =>
    g.t === "range" && g.lo === 0 ? at.findIndex((ix, i) => keyOf(ix) === keyOf(g.ix) && g.hi === type.shape[i]) : -1
  const axes = new Set(guards.map(border))
  if (axes.has(-1)) return null
  const ranges = at.map((ix, i) => (axes.has(i) ? rangeOf(ix, extents) : ([0, (type.shape[i] as number) - 1] as const)))
  const shape = ranges.map(([lo, hi]) => hi - lo + 1)
  const size = sizeOf(shape)
  if (points(extents) < REUSE * size || size > LARGER * sizeOf(type.shape) + SMALL) return null
  const from = ranges.map(([lo], i) => plus(axis(i), constant(lo)))
  const inside = [...axes].map((i) => inRange(from[i] as (typeof from)[number], 0, type.shape[i] as number))
  return {
    name: "pad",
    key: `border ${ranges.join(" ")}`,
    nest: pointwise(shape, loadOf(0, from, inside)),
    at: at.map((ix, i) => plus(ix, constant(-(ranges[i] as readonly [number, number])[0]))),
    guards: [],
  }
}
