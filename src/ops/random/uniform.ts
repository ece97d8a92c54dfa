/** Uniform numbers, which every other distribution is made of. */
import type { Mutable, Tensor } from "../../core/index.js"
import { add, mul, sub } from "../arithmetic.js"
import { cast } from "../cast.js"
import { less, where } from "../compare.js"
import { indexAxis } from "../slice-pad.js"
import { type Key, randomBits } from "./keys.js"
import { atShape, type Parameter } from "./parameters.js"

/** The whole part of numbers that are not negative. */
export const floored = (x: Tensor): Tensor => cast(cast(x, "int"), "float") as Tensor

/** Uniform in [0, 1): the upper 23 of 32 random bits, the numbers that JAX draws in float32. */
export const unit = (k: Key, shape: readonly number[]): Tensor => {
  const bits = cast(randomBits(k, shape), "float")
  // 16 bits of the high half, 7 of the low one
  const high = mul(indexAxis(bits, -1, 0), 128)
  return mul(add(high, floored(mul(indexAxis(bits, -1, 1), 2 ** -9))), 2 ** -23) as Tensor
}

/**
 * Uniform in (0, 1): as `unit`, but 2^-24 for 0, the middle of the cell that 0 stands for. So a logarithm of it is finite, and
 * as far out as a draw of 23 bits may be. (JAX takes the smallest normal number, 2^-126: an outlier once in 2^23 draws.)
 */
export const openUnit = (k: Key, shape: readonly number[]): Tensor => {
  const u = unit(k, shape)
  return where(less(u, 2 ** -24), 2 ** -24, u) as Tensor
}

/** The interval that numbers are drawn from. */
export interface Range {
  /** Default 0. */
  readonly low?: Parameter
  /** Default 1. */
  readonly high?: Parameter
}

/**
 * Uniform numbers in [low, high), by default [0, 1), with 23 random bits: the same on every target, and JAX's of float32. In a
 * range that is short beside its numbers rounding may give `high` itself. Bounds broadcast to `shape`; the draw is
 * differentiable in them.
 *
 * @example
 * uniform(key(0), [2, 3], { low: -1, high: 1 })
 */
export const uniform = <const S extends readonly number[]>(k: Key, shape: S, { low, high }: Range = {}): Tensor<Mutable<S>> => {
  const u = unit(k, shape)
  if (low === undefined && high === undefined) return u as Tensor<Mutable<S>>
  const from = atShape("uniform", "the lower bound", low ?? 0, shape) as Tensor
  const to = atShape("uniform", "the upper bound", high ?? 1, shape) as Tensor
  return add(from, mul(u, sub(to, from) as Tensor) as Tensor) as Tensor as Tensor<Mutable<S>>
}
