/**
 * The numbers that tensors under test are made of. They are small multiples of 1/16: sums and products of a few of them are
 * exact in float64 (and mostly in float32), so linear laws can be checked to the bit, a difference quotient loses nothing to the
 * rounding of its inputs, and a counter-example is short.
 */
import * as fc from "fast-check"
import { type Domain, type Elem, sizeOf, type TensorType } from "../../core/index.js"

/** Whole numbers lo to hi, each standing for a value. */
interface Range {
  readonly lo: number
  readonly hi: number
  readonly value: (n: number) => number
}

const NOT_FINITE = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]

const sixteenths = (n: number) => n / 16

/** Where numbers are drawn from: the domains of ops, and `unit`, [-1, 1], for directions, and the normal distribution. */
export type Source = Domain | { readonly t: "unit" } | { readonly t: "normal" }

/** The quantiles of the normal distribution (Shore's approximation, 1982), to a multiple of 1/16; n = 0 is the median. */
const normalQuantile = (n: number): number => {
  const tail = (1000 - Math.abs(n)) / 2000
  const z = 5.5556 * (1 - (tail / (1 - tail)) ** 0.1186)
  return (Math.sign(n) * Math.round(z * 16)) / 16
}

const rangeOf = (elem: Elem, domain: Source): Range => {
  if (elem === "bool") return { lo: 0, hi: 1, value: (n) => n }
  if (elem === "key") return { lo: 0, hi: 65535, value: (n) => n }
  switch (domain.t) {
    case "positive":
      return elem === "int" ? { lo: 1, hi: 9, value: (n) => n } : { lo: 4, hi: 64, value: sixteenths }
    case "awayFromZero":
      return elem === "int"
        ? { lo: -9, hi: 8, value: (n) => (n < 0 ? n : n + 1) }
        : { lo: -57, hi: 56, value: (n) => sixteenths(n < 0 ? n - 7 : n + 8) }
    case "between":
      return { lo: Math.ceil(domain.lo * 16), hi: Math.floor(domain.hi * 16), value: sixteenths }
    case "fraction":
      return { lo: -64, hi: 63, value: (n) => (2 * n + 1) / 32 }
    case "extended":
      return elem === "int"
        ? { lo: -9, hi: 9, value: (n) => n }
        : { lo: -16, hi: 16 + NOT_FINITE.length, value: (n) => NOT_FINITE[n - 17] ?? sixteenths(n) }
    case "index":
      return { lo: -1, hi: domain.below, value: (n) => n }
    case "normal":
      return { lo: -999, hi: 999, value: normalQuantile }
    case "unit":
      return { lo: -16, hi: 16, value: sixteenths }
    default:
      return elem === "int" ? { lo: -9, hi: 9, value: (n) => n } : { lo: -64, hi: 64, value: sixteenths }
  }
}

/** Above this size an array is drawn as one seed: it would take fast-check too long to shrink it number by number. */
const LONGEST = 64

/** A few random whole numbers from a seed (mulberry32); seed 0 gives zeros, so that shrinking ends at something plain. */
export const seeded = (seed: number): ((lo: number, hi: number) => number) => {
  let state = seed | 0
  return (lo, hi) => {
    if (seed === 0) return Math.min(Math.max(0, lo), hi)
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return lo + (((t ^ (t >>> 14)) >>> 0) % (hi - lo + 1))
  }
}

const seeds = fc.nat({ max: 0xffff })

/** `n` different multiples of 1/8: no two closer than that. */
const distinct = (n: number): fc.Arbitrary<Float64Array> => {
  const most = Math.max(64, n)
  if (n <= LONGEST)
    return fc
      .uniqueArray(fc.integer({ min: -most, max: most }), { minLength: n, maxLength: n })
      .map((list) => Float64Array.from(list, (x) => x / 8))
  return seeds.map((seed) => {
    const next = seeded(seed)
    const all = Array.from({ length: n }, (_, i) => i - Math.floor(n / 2))
    for (let i = n - 1; i > 0; i--) {
      const j = next(0, i)
      ;[all[i], all[j]] = [all[j] as number, all[i] as number]
    }
    return Float64Array.from(all, (x) => x / 8)
  })
}

/** The numbers of a tensor of a type. */
export const elements = (type: TensorType, domain: Source): fc.Arbitrary<Float64Array> => {
  const n = sizeOf(type.shape) * (type.elem === "key" ? 4 : 1)
  if (domain.t === "distinct" && type.elem === "float") return distinct(n)
  const { lo, hi, value } = rangeOf(type.elem, domain)
  if (n <= LONGEST)
    return fc.array(fc.integer({ min: lo, max: hi }), { minLength: n, maxLength: n }).map((list) => Float64Array.from(list, value))
  return seeds.map((seed) => {
    const next = seeded(seed)
    return Float64Array.from({ length: n }, () => value(next(lo, hi)))
  })
}
