/** Whole numbers and truth values. */
import { type AnyTensor, literal, type Mutable, type Tensor, TraceError, type Unchecked } from "../../core/index.js"
import { add, div, mul, sub } from "../arithmetic.js"
import { cast } from "../cast.js"
import { less, lessEqual, where } from "../compare.js"
import { sigmoid } from "../logistic.js"
import { indexAxis } from "../slice-pad.js"
import { type Key, randomBits, splitKeys } from "./keys.js"
import { atShape, type Parameter } from "./parameters.js"
import { floored, unit } from "./uniform.js"

type WholeParameter = number | Tensor<Unchecked, "int">

/** The digits of `bits` bits of a half of 16, from the highest. */
const digitsOf = (half: Tensor, bits: number): readonly Tensor[] => {
  const digits: Tensor[] = []
  let rest = half
  for (let at = 16 - bits; at >= 0; at -= bits) {
    const digit = floored(mul(rest, 2 ** -at) as Tensor)
    digits.push(digit)
    rest = sub(rest, mul(digit, 2 ** at) as Tensor) as Tensor
  }
  return digits
}

/** `x mod m` for whole 0 <= x < 2^24, whatever the target's division rounds to. */
const remainder = (x: Tensor, m: Tensor): Tensor => {
  const r = sub(x, mul(floored(div(x, m) as Tensor), m) as Tensor) as Tensor
  const up = where(less(r, 0), add(r, m) as Tensor, r) as Tensor
  return where(lessEqual(m, up), sub(up, m) as Tensor, up) as Tensor
}

const WIDEST = 2 ** 22

/** Bits of a digit such that (span - 1) 2^bits + 2^bits - 1 is exact in float32. */
const digitBits = (span: number): number => ([16, 8, 4, 2] as const).find((bits) => span <= 2 ** (24 - bits)) as number

/**
 * Whole numbers in [low, high). 64 random bits, as one number, modulo the range (digit by digit, in numbers that float32 holds): the
 * bias of any outcome is below range / 2^64. JAX's numbers for ranges up to 2^16; for wider ones JAX's bias is range / 2^32, this
 * one's stays. Bounds given as tensors broadcast to `shape`, must be at most 2^16 apart, and give `low` where nothing is between them.
 *
 * @throws TraceError where bounds given as numbers are not whole, have nothing between them or are more than 2^22 apart.
 *
 * @example
 * randint(key(0), [5], 1, 7) // five dice
 */
export const randint = <const S extends readonly number[]>(
  k: Key,
  shape: S,
  low: WholeParameter,
  high: WholeParameter,
): Tensor<Mutable<S>, "int"> => {
  const known = typeof low === "number" && typeof high === "number"
  for (const bound of [low, high])
    if (typeof bound === "number" && !Number.isSafeInteger(bound)) throw new TraceError(`randint: bounds must be whole, found ${bound}`)
  if (known && !(low < high)) throw new TraceError(`randint: expected low < high, found ${low} and ${high}`)
  if (known && high - low > WIDEST)
    throw new TraceError(`randint: bounds may be at most 2^22 apart, found ${low} and ${high}; combine two draws for more`)
  const whole = (what: string, x: WholeParameter) =>
    atShape("randint", what, typeof x === "number" ? literal(x, "int") : x, shape) as Tensor
  const from = whole("the lower bound", low)
  const span = cast(sub(whole("the upper bound", high), from) as Tensor, "float") as Tensor
  const width = known ? span : (where(less(span, 1), 1, span) as Tensor)
  const bits = digitBits(known ? high - low : 2 ** 16)
  const halves = splitKeys(k, 2).flatMap((part) => {
    const drawn = cast(randomBits(part, shape), "float")
    return [indexAxis(drawn, -1, 0), indexAxis(drawn, -1, 1)] as readonly Tensor[]
  })
  const [first, ...rest] = halves.flatMap((half) => digitsOf(half, bits)) as [Tensor, ...Tensor[]]
  const offset = rest.reduce((r, digit) => remainder(add(mul(r, 2 ** bits), digit) as Tensor, width), remainder(first, width))
  return add(from, cast(offset, "int") as AnyTensor as Tensor) as AnyTensor as Tensor<Mutable<S>, "int">
}

/** One of the two, each broadcast to the shape of the draw. */
export type Probability = { readonly p: Parameter } | { readonly logits: Parameter }

/**
 * True with probability `p`, or `sigmoid(logits)`; 1/2 by default: `uniform < p`, JAX's draws of float32. A probability is met
 * to 2^-23. Targets of float32 and float64 may differ where rounding of `p` itself passes the uniform number: at most once in 2^23 draws.
 *
 * @example
 * bernoulli(key(0), [4], { p: 0.9 })
 */
export const bernoulli = <const S extends readonly number[]>(
  k: Key,
  shape: S,
  probability: Probability = { p: 0.5 },
): Tensor<Mutable<S>, "bool"> => {
  const p =
    "p" in probability
      ? atShape("bernoulli", "the probability", probability.p, shape)
      : sigmoid(atShape("bernoulli", "the logits", probability.logits, shape) as Tensor)
  return less(unit(k, shape), p as Tensor) as Tensor<Mutable<S>, "bool">
}
