/**
 * One function's claimed derivative along a direction, element by element, against its differences where these are sharpest
 * (`function/taylor.ts`: the tolerance is the truncation and the noise that are measured there).
 */
import { sizeOf, type TensorType } from "../../core/index.js"
import { seeded } from "../arbitraries/element.js"
import { moved } from "../function/difference.js"
import type { Mask } from "../function/masks.js"
import { slopeOf } from "../function/taylor.js"
import { RELATIVE } from "../function/tolerance.js"
import { inner, magnitude, showIndex, showNumber } from "../numbers.js"
import { type Fn, runnable, type Values } from "../run.js"

/** What differences say of a claim. */
export type Slope =
  | { readonly t: "right" }
  /** There is no derivative: the claim lies between the slopes of two sides, or is not finite, as they are; or nothing could be measured. */
  | { readonly t: "kink" | "pole" | "unknown" }
  | { readonly t: "wrong"; readonly why: string }

/** Outputs up to this many numbers are looked at one by one; more, along one random cotangent. */
const FEW = 64

/**
 * What is measured is a bound at the sharpest of ten sizes, of hundreds of numbers: now and then one is too small, where truncation and noise
 * cancel. A law draws again; an accusation is made once.
 */
const BY_CHANCE = 32

/** Non-zero multiples of 1/16 up to 1, the same on every run. */
export const direction = (t: TensorType, seed: number): Float64Array => {
  const next = seeded(seed)
  return Float64Array.from({ length: sizeOf(t.shape) }, () => ((next(0, 1) * 2 - 1) * next(5, 16)) / 16)
}

/**
 * A direction that moves each number of `x` in proportion to its size, so that small ones are not moved out of a function's domain. It is
 * finite whatever `x` is: a number that is not (minus infinity under a mask) is moved like the largest that is, and stays where it was. An
 * infinite direction would give infinity and 0 times infinity for the two sides of an identity that holds.
 */
export const directionAt = (t: TensorType, x: Float64Array, seed: number): Float64Array => {
  const size = magnitude([x.filter(Number.isFinite)]) || 1
  const sizeOfNumber = (n: number): number => (n === 0 || !Number.isFinite(n) ? size : Math.max(Math.abs(n), size / 1024))
  return direction(t, seed).map((d, i) => d * 2 ** Math.ceil(Math.log2(sizeOfNumber(x[i] as number))))
}

const judge = (what: string, l: (t: number) => number, claim: number, size: number): Slope => {
  if (!Number.isFinite(l(0))) return { t: "unknown" }
  const { central, allowed, kink, left, right } = slopeOf(l, Number.EPSILON * size)
  if (!Number.isFinite(claim))
    return Number.isFinite(central)
      ? { t: "wrong", why: `${what} is ${showNumber(claim)}, by central differences ${showNumber(central)}` }
      : { t: "pole" }
  const give = BY_CHANCE * allowed + RELATIVE * Math.max(Math.abs(central), Math.abs(claim))
  if (Number.isNaN(give)) return { t: "unknown" }
  if (Math.abs(central - claim) <= give) return { t: "right" }
  if (kink && Math.min(left, right) - give <= claim && claim <= Math.max(left, right) + give) return { t: "kink" }
  return {
    t: "wrong",
    why: kink
      ? `${what} is ${showNumber(claim)}, and at its kink the slopes are ${showNumber(left)} and ${showNumber(right)}`
      : `${what} is ${showNumber(claim)}, by central differences ${showNumber(central)} (give or take ${give.toExponential(0)})`,
  }
}

const worst = (all: Iterable<Slope>): Slope => {
  let found: Slope = { t: "right" }
  for (const s of all) {
    if (s.t === "wrong") return s
    if (s.t !== "right") found = s
  }
  return found
}

/** The function's float outputs along a line, run once a point. */
const along = (fn: Fn, active: Mask, x: Values, v: Values) => {
  const f = runnable(fn)
  const known = new Map<number, Values>()
  const types = f.outputs.filter((t) => t.elem === "float")
  const at = (t: number): Values => {
    const before = known.get(t)
    if (before !== undefined) return before
    const all = f.run(moved(x, active, v, t)).filter((_, k) => f.outputs[k]?.elem === "float")
    known.set(t, all)
    return all
  }
  return { types, at }
}

/**
 * `claimed` against the slopes of the float outputs of `fn` along `v`. `size` is that of the terms that the outputs are made of, as far as it is
 * known: they may cancel, and their rounding is then larger than any jump of the output shows.
 */
export const slopes = (what: string, fn: Fn, active: Mask, x: Values, v: Values, claimed: Values, size: number): Slope => {
  const { types, at } = along(fn, active, x, v)
  if (types.reduce((n, t) => n + sizeOf(t.shape), 0) > FEW) {
    const u = types.map((t, k) => direction(t, 90 + k))
    return judge(`${what} along a random cotangent`, (t) => inner(u, at(t)).value, inner(u, claimed).value, size)
  }
  return worst(
    (function* () {
      for (const [k, { shape }] of types.entries())
        for (let i = 0; i < sizeOf(shape); i++)
          yield judge(
            `${what}${types.length > 1 ? ` of output ${k}` : ""}${shape.length === 0 ? "" : ` at ${showIndex(i, shape)}`}`,
            (t) => at(t)[k]?.[i] as number,
            claimed[k]?.[i] as number,
            size,
          )
    })(),
  )
}

/** The claim that <u, f> has the slope `claim` along `v`. */
export const slopeAlong = (what: string, fn: Fn, active: Mask, x: Values, v: Values, u: Values, claim: number, size: number): Slope => {
  const { at } = along(fn, active, x, v)
  return judge(what, (t) => inner(u, at(t)).value, claim, size)
}
