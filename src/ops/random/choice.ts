/** Draws from a finite population. */
import { type AnyTensor, type Elem, type Mutable, showType, sizeOf, type Tensor, TraceError, type Unchecked } from "../../core/index.js"
import { add, mul, neg, sub } from "../arithmetic.js"
import { cast } from "../cast.js"
import { less, lessEqual, where } from "../compare.js"
import { log } from "../elementary.js"
import { take } from "../gather.js"
import { iota } from "../iota.js"
import { normalAxes } from "../normal-axes.js"
import { sum, sumInt } from "../reduce.js"
import { expandAxis, reshape } from "../shape.js"
import { indexAxis, sliceAxis } from "../slice-pad.js"
import { sort } from "../sort.js"
import { gumbel } from "./continuous.js"
import { randint } from "./discrete.js"
import type { Key } from "./keys.js"
import { permutation } from "./permutation.js"
import { unit } from "./uniform.js"

/** How `choice` draws. */
export interface ChoiceOptions {
  /** Whether one may be drawn again. Default true. */
  readonly replace?: boolean
  /** One for each of the population, not negative; their sum need not be 1. Default all equal. */
  readonly weights?: Tensor
  /** The axis of a tensor to draw from. Default 0. */
  readonly axis?: number
}

type Positions = Tensor<Unchecked, "int">

/** Sums of the first 1, 2, ... n: n^2 additions, all at once. */
const runningSums = (w: Tensor): Tensor => {
  const n = w.shape[0] as number
  const [i, j] = [expandAxis(iota(n), -1), expandAxis(iota(n), 0)] as AnyTensor[] as [Tensor, Tensor]
  return sum(where(lessEqual(j, i), expandAxis(w, 0) as Tensor, 0) as Tensor, [1]) as Tensor
}

/** Where a uniform number falls among the running sums: the position of the first that reaches it. */
const weighed = (k: Key, shape: readonly number[], weights: Tensor): Positions => {
  const sums = runningSums(weights)
  // in (0, total]: what has no weight ends where it begins, and is not met
  const at = mul(sub(1, unit(k, shape)) as Tensor, indexAxis(sums, 0, (weights.shape[0] as number) - 1) as Tensor) as Tensor
  return sumInt(cast(less(sums, expandAxis(at, -1) as Tensor), "int"), [-1])
}

/** Those with the largest log-weights plus Gumbel noise: successive draws without replacement (Kool et al. 2019). */
const largest = (k: Key, draws: number, weights: Tensor): Positions => {
  const noisy = add(log(weights), gumbel(k, weights.shape) as Tensor) as Tensor
  return sliceAxis(sort(neg(noisy) as Tensor).positions, 0, 0, draws)
}

const positionsOf = (k: Key, n: number, shape: readonly number[], { replace = true, weights }: ChoiceOptions): Positions => {
  const draws = sizeOf(shape)
  if (weights !== undefined && (weights.shape.length !== 1 || weights.shape[0] !== n))
    throw new TraceError(`choice: expected one weight for each of ${n}, found ${showType(weights.type)}`)
  if (n < 1) throw new TraceError("choice: there is nothing to draw from")
  if (!replace && draws > n) throw new TraceError(`choice: ${draws} draws without replacement from ${n}; draw fewer, or replace`)
  if (replace) return weights === undefined ? (randint(k, shape, 0, n) as Positions) : weighed(k, shape, weights)
  return reshape(
    weights === undefined ? sliceAxis(permutation(k, n) as Positions, 0, 0, draws) : largest(k, draws, weights),
    shape,
  ) as Positions
}

/**
 * Draws of `shape` from the numbers 0 to n - 1, or from the positions of an axis of a tensor, which `shape` then replaces. With
 * replacement: `randint`, or the inverse of the weights' running sum. Without: a `permutation`'s first, or the Gumbel trick. JAX's draws of
 * float32 (up to rounding of the weights' sums). What has no weight is not drawn, unless too few others are left. Differentiable in the
 * tensor, not in the weights.
 *
 * @throws TraceError where weights don't fit, nothing is there, or more than all are drawn without replacement.
 *
 * @example
 * choice(key(0), 10, [3], { replace: false }) // three different ones of ten
 */
export function choice<const S extends readonly number[]>(
  k: Key,
  from: number,
  shape: S,
  options?: ChoiceOptions,
): Tensor<Mutable<S>, "int">
export function choice<E extends Elem>(
  k: Key,
  from: Tensor<Unchecked, E>,
  shape: readonly number[],
  options?: ChoiceOptions,
): Tensor<Unchecked, E>
export function choice(k: Key, from: number | AnyTensor, shape: readonly number[], options: ChoiceOptions = {}): AnyTensor {
  if (typeof from === "number") return positionsOf(k, from, shape, options)
  const [a] = normalAxes("choice", from.shape.length, [options.axis ?? 0]) as [number]
  return take(from as Tensor, positionsOf(k, from.shape[a] as number, shape, options), a)
}
