/**
 * Elementary functions of float64 numbers to about 200 bits, by their series in whole numbers: what the functions of targets
 * are measured against. `Math` will not do for float64, as its own functions are off by up to an ulp.
 */

/** m 2^e */
export interface Exact {
  readonly m: bigint
  readonly e: number
}

const bits = 256
const one = 1n << BigInt(bits)

const view = new DataView(new ArrayBuffer(8))

/** A finite number as it is. */
export const exact = (x: number): Exact => {
  view.setFloat64(0, x)
  const word = view.getBigUint64(0)
  const exponent = Number((word >> 52n) & 0x7ffn)
  const fraction = word & ((1n << 52n) - 1n)
  const m = exponent === 0 ? fraction : fraction | (1n << 52n)
  return { m: word >> 63n === 1n ? -m : m, e: Math.max(exponent, 1) - 1075 }
}

const shifted = (m: bigint, by: number): bigint => (by >= 0 ? m << BigInt(by) : m >> BigInt(-by))

/** In units of 2^-places, rounded down. */
const fixed = ({ m, e }: Exact, places = bits): bigint => shifted(m, e + places)

const times = (a: bigint, b: bigint): bigint => (a * b) >> BigInt(bits)

/** The sum of a series from its first term on, each made from the one before, until they vanish. */
const series = (first: bigint, next: (term: bigint, n: bigint) => bigint): bigint => {
  let sum = 0n
  let term = first
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    sum += term
    term = next(term, n)
  }
  return sum
}

/** artanh(p / q) in units of 2^-places. */
const artanh = (p: bigint, q: bigint, places: number): bigint => {
  const square = [p * p, q * q] as const
  let sum = 0n
  let power = (p << BigInt(places)) / q
  for (let n = 1n; power !== 0n && power !== -1n; n += 2n) {
    sum += power / n
    power = (power * square[0]) / square[1]
  }
  return sum
}

const ln2 = 2n * artanh(1n, 3n, bits)

/** Enough of pi to take multiples of it from 2^1024. */
const piBits = 1400

/** Machin: pi / 4 = 4 arctan(1/5) - arctan(1/239). */
const halfPi = ((): bigint => {
  const arctan = (q: bigint): bigint => {
    let sum = 0n
    let power = (1n << BigInt(piBits)) / q
    for (let n = 1n; power !== 0n; n += 2n) {
      sum += n % 4n === 1n ? power / n : -(power / n)
      power /= q * q
    }
    return sum
  }
  return 2n * (4n * arctan(5n) - arctan(239n))
})()

const roundedQuotient = (a: bigint, b: bigint): bigint => (2n * a + b - ((((2n * a + b) % (2n * b)) + 2n * b) % (2n * b))) / (2n * b)

/** Beyond 2000 it is beyond every format, so what is beyond that is taken for 2000. */
const exp = (x: number): Exact => {
  const r = fixed(exact(Math.max(-2000, Math.min(x, 2000))))
  const n = roundedQuotient(r, ln2)
  const rest = r - n * ln2
  return { m: series(one, (term, k) => times(term, rest) / k), e: Number(n) - bits }
}

const log = (x: number): Exact => {
  const { m, e } = exact(x)
  const length = m.toString(2).length
  // x = (m / 2^length) 2^(e + length), or twice the first where that is nearer to 1
  const scale = m * 3n < 2n << BigInt(length) ? length - 1 : length
  const unit = 1n << BigInt(scale)
  return { m: 2n * artanh(m - unit, m + unit, bits) + BigInt(e + scale) * ln2, e: -bits }
}

const small = 2 ** -30

/** x (1 + a x^2 + b x^4), for odd functions of small numbers: the next term is below 2^-170. */
const odd = (x: number, a: readonly [bigint, bigint], b: readonly [bigint, bigint]): Exact => {
  const { m, e } = exact(x)
  const square = shifted(m * m, 2 * e + bits)
  const ratio = one + (square * a[0]) / a[1] + (times(square, square) * b[0]) / b[1]
  return { m: m * ratio, e: e - bits }
}

const tanh = (x: number): Exact => {
  if (Math.abs(x) < small) return odd(x, [-1n, 3n], [2n, 15n])
  if (Math.abs(x) > 100) return { m: x < 0 ? -one : one, e: -bits }
  const power = exp(2 * x)
  const e = fixed(power)
  return { m: ((e - one) << BigInt(bits)) / (e + one), e: -bits }
}

/** x = n pi/2 + r, with r to 256 bits after the point. */
export const rightAngles = (x: number): { readonly n: bigint; readonly r: bigint } => {
  const whole = fixed(exact(x), piBits)
  const n = roundedQuotient(whole, halfPi)
  return { n, r: (whole - n * halfPi) >> BigInt(piBits - bits) }
}

/** sin of x + turns pi/2. */
const sine = (x: number, turns: bigint): Exact => {
  const { n, r } = rightAngles(x)
  const minusSquare = -times(r, r)
  const quadrant = (((n + turns) % 4n) + 4n) % 4n
  const m =
    quadrant % 2n === 0n
      ? series(r, (term, k) => times(term, minusSquare) / (2n * k * (2n * k + 1n)))
      : series(one, (term, k) => times(term, minusSquare) / (2n * k * (2n * k - 1n)))
  return { m: quadrant < 2n ? m : -m, e: -bits }
}

/** For finite numbers, above 0 for log. */
export const exactly = {
  exp,
  log,
  tanh,
  sin: (x: number): Exact => (Math.abs(x) < small ? odd(x, [-1n, 6n], [1n, 120n]) : sine(x, 0n)),
  cos: (x: number): Exact => sine(x, 1n),
} as const

export interface Format {
  /** Bits of the significand. */
  readonly digits: number
  /** Exponents of the smallest unit and of the first number beyond the largest. */
  readonly smallest: number
  readonly beyond: number
}

export const formats = {
  float32: { digits: 24, smallest: -149, beyond: 128 },
  float64: { digits: 53, smallest: -1074, beyond: 1024 },
} as const satisfies Record<string, Format>

/** How far a result is from the exact one, in units in the last place of the exact one; infinity counts as the first number beyond the largest. */
export const ulps = (found: number, expected: Exact, { digits, smallest, beyond }: Format): number => {
  if (Number.isNaN(found)) return Infinity
  const { m, e } = Number.isFinite(found) ? exact(found) : { m: found < 0 ? -1n : 1n, e: beyond }
  const size = expected.m < 0n ? -expected.m : expected.m
  const exponent = size === 0n ? smallest : size.toString(2).length + expected.e
  const unit = Math.max(smallest, Math.min(exponent, beyond) - digits)
  const common = Math.min(e, expected.e, unit) - 20
  const difference = shifted(m, e - common) - shifted(expected.m, expected.e - common)
  // all that is beyond the largest number is infinity
  if (!Number.isFinite(found) && exponent > beyond && found > 0 === expected.m > 0n) return 0
  return Math.abs(Number(shifted(difference, common - unit + 20))) / 2 ** 20
}
