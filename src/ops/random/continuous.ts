/**
 * Distributions on the line, each the inverse of its distribution function at uniform numbers (Box and Muller for the normal).
 * All are reparameterised: a draw is a differentiable function of its parameters.
 */
import type { Mutable, Tensor } from "../../core/index.js"
import { div, mul, neg, sub } from "../arithmetic.js"
import { less, where } from "../compare.js"
import { cos, log, sin, sqrt } from "../elementary.js"
import { type Key, splitKeys } from "./keys.js"
import { atShape, type Location, moved, type Parameter } from "./parameters.js"
import { openUnit, unit } from "./uniform.js"

/** Mean and standard deviation of a distribution. */
export interface Moments {
  /** Default 0. */
  readonly mean?: Parameter
  /** Default 1. */
  readonly std?: Parameter
}

/**
 * Normal numbers of a mean and a standard deviation, by default 0 and 1 (Box and Muller 1958, on two uniform draws: at
 * most 5.7 standard deviations out). Not JAX's numbers: those are an inverse error function at one draw.
 *
 * @example
 * normal(key(0), [2, 3], { mean: 1, std: 0.5 })
 */
export const normal = <const S extends readonly number[]>(k: Key, shape: S, { mean, std }: Moments = {}): Tensor<Mutable<S>> => {
  const [a, b] = splitKeys(k, 2) as [Key, Key]
  const radius = sqrt(mul(log(sub(1, unit(a, shape)) as Tensor), -2))
  const z = mul(radius, cos(mul(unit(b, shape), 2 * Math.PI))) as Tensor
  return moved("normal", z, mean, std) as Tensor<Mutable<S>>
}

/**
 * Exponential numbers of a rate, by default 1: `-log(1 - u) / rate`, JAX's of float32.
 *
 * @example
 * exponential(key(0), [4], { rate: 2 }) // of mean 1/2
 */
export const exponential = <const S extends readonly number[]>(
  k: Key,
  shape: S,
  { rate }: { readonly rate?: Parameter } = {},
): Tensor<Mutable<S>> => {
  const e = neg(log(sub(1, unit(k, shape)) as Tensor)) as Tensor
  return (rate === undefined ? e : div(e, atShape("exponential", "the rate", rate, shape) as Tensor)) as Tensor<Mutable<S>>
}

/**
 * Gumbel numbers, `loc - scale log(-log u)`: the largest of many exponential ones. JAX's of float32, but where u is 0 (once in
 * 2^23): here it counts as 2^-24.
 *
 * @example
 * argmax(add(logits, gumbel(key(0), logits.shape)), -1) // a draw from softmax(logits)
 */
export const gumbel = <const S extends readonly number[]>(k: Key, shape: S, { loc, scale }: Location = {}): Tensor<Mutable<S>> =>
  moved("gumbel", neg(log(neg(log(openUnit(k, shape))) as Tensor)) as Tensor, loc, scale) as Tensor<Mutable<S>>

/**
 * Logistic numbers, `loc + scale log(u / (1 - u))`. JAX's of float32, but where u is 0 (once in 2^23): here it counts as 2^-24.
 *
 * @example
 * logistic(key(0), [3])
 */
export const logistic = <const S extends readonly number[]>(k: Key, shape: S, { loc, scale }: Location = {}): Tensor<Mutable<S>> => {
  const u = openUnit(k, shape)
  return moved("logistic", log(div(u, sub(1, u) as Tensor)) as Tensor, loc, scale) as Tensor<Mutable<S>>
}

/**
 * Laplace numbers, of density `exp(-|x - loc| / scale) / (2 scale)`: the logarithm of twice the smaller tail
 * at u, negative (as in JAX) where u is large. JAX spreads u over (-1, 1) and loses a unit of 2^-23 on the way: its numbers differ by that.
 *
 * @example
 * laplace(key(0), [3], { scale: 2 })
 */
export const laplace = <const S extends readonly number[]>(k: Key, shape: S, { loc, scale }: Location = {}): Tensor<Mutable<S>> => {
  const u = openUnit(k, shape)
  const left = less(u, 0.5)
  // both tails are exact: 1 - u has no more bits than u
  const tail = log(mul(where(left, u, sub(1, u) as Tensor) as Tensor, 2)) as Tensor
  return moved("laplace", where(left, neg(tail), tail) as Tensor, loc, scale) as Tensor<Mutable<S>>
}

/**
 * Cauchy numbers, `loc + scale tan(pi (u - 1/2))`: no mean, at most 5.4e6 scales out. The tangent is the cotangent of the smaller tail,
 * which float32 keeps; JAX's numbers differ in the far tails, where its tangent is taken next to a pole, and by a unit of u.
 *
 * @example
 * cauchy(key(0), [3])
 */
export const cauchy = <const S extends readonly number[]>(k: Key, shape: S, { loc, scale }: Location = {}): Tensor<Mutable<S>> => {
  const u = openUnit(k, shape)
  const left = less(u, 0.5)
  const angle = mul(where(left, u, sub(1, u) as Tensor) as Tensor, Math.PI)
  const away = div(cos(angle), sin(angle)) as Tensor
  return moved("cauchy", where(left, neg(away), away) as Tensor, loc, scale) as Tensor<Mutable<S>>
}
