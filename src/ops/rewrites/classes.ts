/**
 * Places of a convolution that see the same taps.
 *
 * With `a i = s o + d k - p`, fix a place x of one of i and o, the long index, and let the other one go free: what is left of the relation
 * is the set of taps k for which that other index exists. Moving o by a / g and i by s / g, with g = gcd(a, s), keeps the relation, so
 * away from the borders these sets repeat with a period of a / g places (of o) or s / g (of i): one set where the stride is 1. So
 *
 *     places = head, then `turns` times the same `period` places, then tail,
 *
 * and a relation that is shorter by all turns but one has every set of taps once: `shrunk`. It is read off the sets themselves.
 */
import { type AnyTensor, broadcastAlong, sumAxes, type Tensor } from "../../core/index.js"
import { reshape } from "../shape.js"
import { concat, sliceAxis } from "../slice-pad.js"
import type { Role, SpatialDim } from "../spatial.js"

/** The index whose places are sorted; the other one goes free. */
export type Long = Exclude<Role, "k">

export interface Classes {
  readonly head: number
  readonly period: number
  readonly turns: number
  readonly shrunk: SpatialDim
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** The taps seen from each place, as text. */
const tapsOf = ({ a, s, d, p, size }: SpatialDim, long: Long): readonly string[] => {
  const taps: string[] = []
  for (let x = 0; x < size[long]; x++) {
    let seen = ""
    for (let k = 0; k < size.k; k++) {
      const free = long === "o" ? (s * x + d * k - p) / a : (a * x - d * k + p) / s
      if (Number.isInteger(free) && free >= 0 && free < size[long === "o" ? "i" : "o"]) seen += `${k},`
    }
    taps.push(seen)
  }
  return taps
}

/** The longest stretch of places that see what the place `period` further sees. */
const longestRun = (taps: readonly string[], period: number): { readonly start: number; readonly length: number } => {
  let best = { start: 0, length: 0 }
  let start = 0
  for (let x = 0; x + period < taps.length; x++) {
    if (taps[x] !== taps[x + period]) start = x + 1
    else if (x + 1 - start > best.length) best = { start, length: x + 1 - start }
  }
  return best
}

/** The places of an index, sorted by the taps that they see. */
export const classesOf = (dim: SpatialDim, long: Long): Classes => {
  const g = gcd(dim.a, dim.s)
  const step = { o: dim.a / g, i: dim.s / g }
  const period = step[long]
  const taps = tapsOf(dim, long)
  const { start, length } = longestRun(taps, period)
  const turns = Math.floor(length / period) + 1
  const size = { ...dim.size, i: dim.size.i - (turns - 1) * step.i, o: dim.size.o - (turns - 1) * step.o }
  const shrunk = { ...dim, size }
  // borders that meet (an input shorter than the kernel) can leave a shorter relation with other sets
  const kept = taps.filter((_, x) => x < start + period || x >= start + period * turns)
  const agrees = size.i > 0 && size.o > 0 && kept.join(";") === tapsOf(shrunk, long).join(";")
  return agrees ? { head: start, period, turns, shrunk } : { head: 0, period: dim.size[long], turns: 1, shrunk: dim }
}

/** Parts of an axis one after the other, those that are not empty. */
const together = (parts: readonly AnyTensor[], axis: number): AnyTensor => {
  const full = parts.filter((x) => x.shape[axis] !== 0)
  return full.length === 1 ? (full[0] as AnyTensor) : concat(full as readonly Tensor[], axis)
}

const cut = (x: AnyTensor, axis: number, start: number, end: number): AnyTensor => sliceAxis(x as Tensor, axis, start, end)

/** One value a class along an axis to one value a place: the middle is repeated. */
export const toPlaces = (x: AnyTensor, axis: number, { head, period, turns }: Classes): AnyTensor => {
  if (turns === 1) return x
  const middle = cut(x, axis, head, head + period)
  const [before, after] = [middle.shape.slice(0, axis), middle.shape.slice(axis + 1)]
  const shape = [...before, turns, period, ...after]
  const repeated = broadcastAlong(
    middle,
    shape,
    shape.map((_, n) => n).filter((n) => n !== axis),
  )
  return together(
    [
      cut(x, axis, 0, head),
      reshape(repeated as Tensor, [...before, turns * period, ...after]),
      cut(x, axis, head + period, x.shape[axis] as number),
    ],
    axis,
  )
}

/** Sums over the places of each class along an axis: the transpose of `toPlaces`. */
export const toClasses = (x: AnyTensor, axis: number, { head, period, turns }: Classes): AnyTensor => {
  if (turns === 1) return x
  const end = head + period * turns
  const middle = cut(x, axis, head, end)
  const split = reshape(middle as Tensor, [...x.shape.slice(0, axis), turns, period, ...x.shape.slice(axis + 1)])
  return together([cut(x, axis, 0, head), sumAxes(split, [axis]), cut(x, axis, end, x.shape[axis] as number)], axis)
}
