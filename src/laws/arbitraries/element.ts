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

/** A count from 0 to n - 1 that is made of a few numbers, so that it shrinks with them. */
const countOf = (numbers: Float64Array, n: number): number => {
  const sum = numbers.reduce((a, x, i) => a + (i + 1) * x, 0)
  return ((sum % n) + n) % n
}

/** Each matrix of the last two axes from whole numbers in [-16, 16]; what is no matrix has nothing to dominate. */
const dominated = (numbers: Float64Array, shape: readonly number[], anywhere: boolean): Float64Array => {
  const [rows, columns] = shape.slice(-2)
  if (rows === undefined || columns === undefined) return numbers.map(sixteenths)
  const n = Math.max(rows, columns)
  const out = new Float64Array(numbers.length)
  for (let start = 0; start < numbers.length; start += rows * columns) {
    const own = numbers.subarray(start, start + rows * columns)
    const [first, backwards] = [countOf(own, n), countOf(own.subarray(1), 2) === 1]
    for (let i = 0; i < rows; i++) {
      const place = anywhere ? (first + (backwards ? n - i : i)) % n : i
      // others sum up to at most 1, dominant ones are 2, 4, 6, ... in an order of their own
      for (let j = 0; j < columns; j++) {
        const x = own[i * columns + j] as number
        const size = 2 + 2 * ((first + i) % n)
        out[start + i * columns + j] = j !== place ? Math.trunc((x * Math.min(1, 4 / n)) / 4) / 16 : anywhere && x < 0 ? -size : size
      }
    }
  }
  return out
}

const matrices = (type: TensorType, anywhere: boolean): fc.Arbitrary<Float64Array> =>
  whole(sizeOf(type.shape), -16, 16).map((numbers) => dominated(numbers, type.shape, anywhere))

/** `n` whole numbers from `lo` to `hi`. */
const whole = (n: number, lo: number, hi: number): fc.Arbitrary<Float64Array> => {
  if (n <= LONGEST) return fc.array(fc.integer({ min: lo, max: hi }), { minLength: n, maxLength: n }).map((list) => Float64Array.from(list))
  return seeds.map((seed) => {
    const next = seeded(seed)
    return Float64Array.from({ length: n }, () => next(lo, hi))
  })
}

/** The numbers of a tensor of a type. */
export const elements = (type: TensorType, domain: Source): fc.Arbitrary<Float64Array> => {
  const n = sizeOf(type.shape) * (type.elem === "key" ? 4 : 1)
  if (domain.t === "distinct" && type.elem === "float") return distinct(n)
  if (domain.t === "dominant" && type.elem === "float") return matrices(type, domain.anywhere)
  const { lo, hi, value } = rangeOf(type.elem, domain)
  return whole(n, lo, hi).map((numbers) => numbers.map(value))
}
