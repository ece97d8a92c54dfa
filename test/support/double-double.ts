/**
 * Elementary functions of float64 numbers to about 100 bits, as sums of two float64 (Dekker, Knuth): fast enough to measure functions
 * at hundreds of thousands of numbers. Held to the series in whole numbers of `exact-elementary.ts` by a test of their own.
 */
import { exactly, type Format, rightAngles } from "./exact-elementary.js"

type Pair = readonly [high: number, low: number]

/** (high + low) 2^e */
export interface Value {
  readonly of: Pair
  readonly e: number
}

const sumOf = (a: number, b: number): Pair => {
  const s = a + b
  const c = s - a
  return [s, a - (s - c) + (b - c)]
}

const halves = (a: number): Pair => {
  const c = a * (2 ** 27 + 1)
  const upper = c - (c - a)
  return [upper, a - upper]
}

const productOf = (a: number, b: number): Pair => {
  const p = a * b
  const [a1, a2] = halves(a)
  const [b1, b2] = halves(b)
  return [p, a1 * b1 - p + a1 * b2 + a2 * b1 + a2 * b2]
}

const add = ([a, b]: Pair, [c, d]: Pair): Pair => {
  const [s, e] = sumOf(a, c)
  const [t, u] = sumOf(b, d)
  const [v, w] = sumOf(s, e + t)
  return sumOf(v, w + u)
}

const times = ([a, b]: Pair, [c, d]: Pair): Pair => {
  const [p, e] = productOf(a, c)
  return sumOf(p, e + (a * d + b * c))
}

const negative = ([a, b]: Pair): Pair => [-a, -b]

const over = (x: Pair, y: Pair): Pair => {
  const q = x[0] / y[0]
  const rest = add(x, negative(times(y, [q, 0])))
  const next = rest[0] / y[0]
  const last = add(rest, negative(times(y, [next, 0])))
  return add(sumOf(q, next), [last[0] / y[0], 0])
}

const scaled = ([a, b]: Pair, by: number): Pair => [a * by, b * by]

/** To two float64, from units of 2^-places. */
const pairOf = (m: bigint, places: number): Pair => {
  const high = Number(m)
  return [high * 2 ** -places, Number(m - BigInt(high)) * 2 ** -places]
}

/** 1 / k! */
const inverseFactorials = ((): readonly Pair[] => {
  const known: Pair[] = [[1, 0]]
  for (let k = 1; k < 32; k++) known.push(over(known[k - 1] as Pair, [k, 0]))
  return known
})()

const horner = (x: Pair, coefficients: readonly Pair[]): Pair => coefficients.reduceRight((sum, c) => add(c, times(x, sum)))

/** ln 2 in three parts; products of the first with n below 2^12 are exact. */
const ln2 = ((): readonly [number, Pair] => {
  const { m, e } = exactly.log(2)
  const head = (m >> BigInt(-e - 40)) << BigInt(-e - 40)
  return [Number(head) * 2 ** e, pairOf(m - head, -e)]
})()

/** e^r - 1 for |r| < 0.4: by its series at r / 64, then (1 + m)^2 - 1 = m (m + 2) six times. */
const expm1Near = (r: Pair): Pair => {
  const s = scaled(r, 1 / 64)
  let m = times(s, horner(s, inverseFactorials.slice(1, 13)))
  for (let i = 0; i < 6; i++) m = times(m, add(m, [2, 0]))
  return m
}

const remainder = (x: number, n: number): Pair => add(sumOf(x, -n * ln2[0]), negative(times([n, 0], ln2[1])))

const exp = (x: number): Value => {
  const bounded = Math.max(-2000, Math.min(x, 2000))
  const n = Math.round(bounded / Math.LN2)
  return { of: add([1, 0], expm1Near(remainder(bounded, n))), e: n }
}

const expm1 = (x: number): Pair => {
  const n = Math.round(x / Math.LN2)
  const m = expm1Near(remainder(x, n))
  return n === 0 ? m : add(scaled(add([1, 0], m), 2 ** n), [-1, 0])
}

/** From a float64 that is nearly right, by a step whose error is its third power. */
const logNear1 = (x: number): Pair => {
  const y = Math.log(x)
  const m = expm1(y)
  const lacks = add(sumOf(x, -1), negative(m))
  return add([y, 0], over(scaled(lacks, 2), add(sumOf(x, 1), m)))
}

const log = (x: number): Pair => {
  if (x < 2 ** -1022) return add(log(x * 2 ** 54), negative(logOfPower(54)))
  const k = Math.round(Math.log2(x))
  // in two steps, as 2^-k may be no float64
  const m = x * 2 ** -Math.trunc(k / 2) * 2 ** -(k - Math.trunc(k / 2))
  return k === 0 ? logNear1(m) : add(logOfPower(k), logNear1(m))
}
const logOfPower = (k: number): Pair => add([k * ln2[0], 0], times([k, 0], ln2[1]))

/** The first term alone says all, and the next two fit in the low part. */
const small = 2 ** -60

const tanh = (x: number): Pair => {
  if (Math.abs(x) < small) return [x, -((x * x * x) / 3)]
  if (Math.abs(x) > 40) return [Math.sign(x), 0]
  const m = expm1(2 * Math.abs(x))
  const y = over(m, add(m, [2, 0]))
  return x < 0 ? negative(y) : y
}

/** Coefficients of sin r / r and of cos r in the square of r. */
const alternating = (first: 0 | 1): readonly Pair[] =>
  Array.from({ length: 15 }, (_, k): Pair => {
    const term = inverseFactorials[2 * k + first] as Pair
    return k % 2 === 0 ? term : negative(term)
  })
const sines = alternating(1)
const cosines = alternating(0)

/** sin of x + turns pi/2. */
const sine = (x: number, turns: bigint): Pair => {
  const isNear = Math.abs(x) < 0.7
  const { n, r } = isNear ? { n: 0n, r: 0n } : rightAngles(x)
  const rest: Pair = isNear ? [x, 0] : pairOf(r, 256)
  const square = times(rest, rest)
  const y = (n + turns) % 2n === 0n ? times(rest, horner(square, sines)) : horner(square, cosines)
  return ((n + turns) & 2n) === 0n ? y : negative(y)
}

const whole = (of: Pair): Value => ({ of, e: 0 })

/** For finite numbers, above 0 for log. */
export const closely = {
  exp,
  log: (x: number): Value => whole(log(x)),
  tanh: (x: number): Value => whole(tanh(x)),
  sin: (x: number): Value => whole(Math.abs(x) < small ? [x, -((x * x * x) / 6)] : sine(x, 0n)),
  cos: (x: number): Value => whole(Math.abs(x) < small ? [1, -((x * x) / 2)] : sine(x, 1n)),
} as const

/** The exponent of a power of two that is above a value, and the half of which is not; `smallest` for 0. */
const exponentOf = ({ of: [high, low], e }: Value, smallest: number): number => {
  const size = Math.abs(high)
  if (size === 0) return smallest
  if (size < 2 ** -1022) return exponentOf({ of: [high * 2 ** 54, low * 2 ** 54], e: e - 54 }, smallest)
  // a logarithm may be wrong next to a power of two
  const near = Math.floor(Math.log2(size))
  const below = size < 2 ** near ? near - 1 : size >= 2 ** (near + 1) ? near + 1 : near
  const isUnder = size === 2 ** below && low * high < 0
  return below + (isUnder ? 0 : 1) + e
}

/** x 2^e, in steps that are float64 themselves. */
const shifted = (x: number, e: number): number => {
  if (Math.abs(e) <= 1000) return x * 2 ** e
  return shifted(x * 2 ** (Math.sign(e) * 1000), e - Math.sign(e) * 1000)
}

/** As `ulps` of `exact-elementary.ts`. */
export const ulpsFrom = (found: number, { of: [high, low], e }: Value, { digits, smallest, beyond }: Format): number => {
  if (Number.isNaN(found)) return Infinity
  const exponent = exponentOf({ of: [high, low], e }, smallest)
  const sign = found < 0 ? -1 : 1
  if (!Number.isFinite(found) && exponent > beyond && sign * high > 0) return 0
  const unit = Math.max(smallest, Math.min(exponent, beyond) - digits)
  const y = Number.isFinite(found) ? shifted(found, -unit) : sign * 2 ** (beyond - unit)
  return Math.abs(y - shifted(high, e - unit) - shifted(low, e - unit))
}
