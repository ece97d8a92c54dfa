/** erf and erfc to 500 bits by their Taylor series in whole numbers, for |x| <= 9: what functions of float64 numbers are measured against. */
import { type Exact, exact } from "./exact-elementary.js"

const BITS = 900
const one = 1n << BigInt(BITS)

const fixed = ({ m, e }: Exact): bigint => (e + BITS >= 0 ? m << BigInt(e + BITS) : m >> BigInt(-e - BITS))
const times = (a: bigint, b: bigint): bigint => (a * b) >> BigInt(BITS)

const squareRoot = (n: bigint): bigint => {
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 2))
  for (;;) {
    const next = (x + n / x) >> 1n
    if (next >= x) return x
    x = next
  }
}

/** Machin: pi = 16 arctan(1/5) - 4 arctan(1/239). */
const pi = ((): bigint => {
  const arctan = (q: bigint): bigint => {
    let sum = 0n
    let power = one / q
    for (let n = 1n; power !== 0n; n += 2n) {
      sum += n % 4n === 1n ? power / n : -(power / n)
      power /= q * q
    }
    return sum
  }
  return 16n * arctan(5n) - 4n * arctan(239n)
})()

/** 2 / sqrt(pi) sum of (-1)^n x^(2n+1) / (n! (2n+1)); terms reach 2^117, so 900 bits leave 500 of a result of 2^-120. */
const series = (x: number): bigint => {
  const r = fixed(exact(x))
  const square = times(r, r)
  let sum = 0n
  let term = r
  for (let n = 0n; term !== 0n && term !== -1n; n++) {
    sum += term / (2n * n + 1n)
    term = -times(term, square) / (n + 1n)
  }
  return (2n * (sum << BigInt(BITS))) / squareRoot(pi << BigInt(BITS))
}

export const exactErf = (x: number): Exact => ({ m: series(x), e: -BITS })
export const exactErfc = (x: number): Exact => ({ m: one - series(x), e: -BITS })
