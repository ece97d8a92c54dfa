/**
 * Taylor's theorem as a test of a derivative along a line: l(h) - l(0) - h dl is of the order h^2 if and only if dl is the
 * derivative; with any other number in its place it is of the order h. Sizes run over six decades.
 *
 * The verdict is drawn where it is sharpest. With D(h) the central difference, truncation of D(h / 4) is at most |D(h) - D(h / 4)|
 * (a fifteenth of it for a function with three derivatives), its noise at most 16 s / h, s the measured noise of l; at the size where
 * the sum of the two is smallest, dl may be no further from D than that sum. At a kink of l on the line there is no derivative: dl must
 * then lie between the slopes of the two sides.
 */
import { fails, holds, type Verdict, vacuous } from "../law.js"
import { showNumber } from "../numbers.js"
import { noise } from "./noise.js"

const SIZES = Array.from({ length: 11 }, (_, k) => 4 ** -(k + 2))

export interface Size {
  readonly h: number
  /** Slopes to the right, to the left, and their mean. */
  readonly right: number
  readonly left: number
  readonly central: number
  /** How far `central` may be from the derivative. */
  readonly allowed: number
  /** Whether the slopes of the two sides stay apart as h shrinks: for a smooth function their distance falls with h. */
  readonly kink: boolean
}

const measure = (l: (t: number) => number, least = 0): readonly Size[] => {
  const middle = l(0)
  const s = Math.max(noise(l), least)
  const slopes = SIZES.map((h) => {
    const [plus, minus] = [l(h), l(-h)]
    const [right, left] = [(plus - middle) / h, (middle - minus) / h]
    return { h, right, left, central: (plus - minus) / (2 * h), jump: Math.abs(right - left) }
  })
  return slopes.slice(1).map(({ jump, ...c }, k) => {
    const coarser = slopes[k] as (typeof slopes)[number]
    return {
      ...c,
      allowed: Math.abs(c.central - coarser.central) + (16 * s) / c.h,
      kink: jump > (64 * s) / c.h && jump > coarser.jump / 2,
    }
  })
}

/** The sharpest size; where the larger ones leave the domain of `l`, one that does not. */
const best = (sizes: readonly Size[]): number =>
  sizes.reduce((b, c, k) => {
    const { allowed } = sizes[b] as Size
    return Number.isNaN(allowed) || c.allowed < allowed ? k : b
  }, 0)

/** The slope of `l` at 0, measured where that is sharpest; its values are known to be off by `least` at least. */
export const slopeOf = (l: (t: number) => number, least: number): Size => {
  const sizes = measure(l, least)
  return sizes[best(sizes)] as Size
}

/** Remainders and the orders at which they fall, one line a size. */
const table = (sizes: readonly Size[], dl: number): string => {
  const remainder = (c: Size) => Math.max(Math.abs(c.right - dl), Math.abs(c.left - dl)) * c.h
  const lines = sizes.map((c, k) => {
    const before = sizes[k - 1]
    const order = before === undefined ? "" : `order ${(Math.log(remainder(before) / remainder(c)) / Math.log(before.h / c.h)).toFixed(2)}`
    return `  h = ${c.h.toExponential(1)}  |l(x + h v) - l(x) - h dl| = ${remainder(c).toExponential(2)}  ${order}`.trimEnd()
  })
  return lines.join("\n")
}

/** `l` along a line through 0, and the derivative that is claimed for it there. */
export const taylor = (l: (t: number) => number, dl: number): Verdict => {
  const value = l(0)
  if (!Number.isFinite(value)) return fails(`the value is ${showNumber(value)}: no derivative can be right there`)
  if (!Number.isFinite(dl)) return fails(`the derivative along v is ${showNumber(dl)}, the value is ${showNumber(value)}`)
  const sizes = measure(l)
  const { h, right, left, central, allowed, kink } = sizes[best(sizes)] as Size
  const error = Math.abs(central - dl)
  // the derivative that is claimed has been rounded too, at least once
  const room = allowed + 4 * Number.EPSILON * Math.abs(dl)
  const scale = Math.max(Math.abs(dl), Math.abs(central), Math.abs(value), Number.MIN_VALUE)
  if (error <= room) return holds(error / scale)
  if (kink && Math.min(left, right) - room <= dl && dl <= Math.max(left, right) + room) return vacuous
  return fails(
    [
      kink
        ? `l has a kink at x along v, with slopes ${showNumber(left)} and ${showNumber(right)}; the derivative must lie between them`
        : `the derivative along v is ${showNumber(central)} by central differences (h = ${h.toExponential(1)}, give or take ${allowed.toExponential(1)})`,
      `found ${showNumber(dl)} by the gradient; remainders should fall like h^2 (order 2), and do:`,
      table(sizes, dl),
    ].join("\n"),
    error / scale,
  )
}
