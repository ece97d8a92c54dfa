/** A rate that falls when what is watched no longer does. */
import { type Tensor, TraceError } from "../../core/index.js"
import { add, and, div, full, less, lessEqual, mul, not, or, sub, where } from "../../ops/index.js"
import { atLeastZero, between, optional, variant, whole } from "../schema/index.js"
import type { Transformation } from "./transformation.js"
import { mapTrees } from "./tree.js"

/** A rate that falls when the loss no longer does, as data. */
export interface PlateauSpec {
  readonly _tag: "reduceOnPlateau"
  /** What the rate is multiplied by. Default 0.5. */
  readonly factor: number
  /** Windows without a better mean before that happens. Default 10. */
  readonly patience: number
  /** Steps of a window, whose mean is compared. Default 100. */
  readonly every: number
  /** By what share of the best a mean must be better to count. Default 1e-4. */
  readonly threshold: number
  /** The smallest factor. Default 0. */
  readonly floor: number
}

export const plateauCodec = variant("reduceOnPlateau", {
  factor: optional(between(0, 1), 0.5),
  patience: optional(whole(0, 2 ** 24), 10),
  every: optional(whole(1, 2 ** 24), 100),
  threshold: optional(atLeastZero, 1e-4),
  floor: optional(between(0, 1), 0),
})

/** What the watch over a plateau keeps from step to step. */
export interface PlateauState {
  /** What updates are multiplied by. */
  readonly scale: Tensor<[]>
  /** The best mean of a window; before the first, one that anything is better than. */
  readonly best: Tensor<[]>
  /** Windows since. */
  readonly since: Tensor<[]>
  /** Steps of this window, and the sum of what was watched in it. */
  readonly count: Tensor<[]>
  readonly total: Tensor<[]>
}

/** Larger than any loss, finite in float32. */
const UNSEEN = 3e38

const number = (x: number) => full([], x) as Tensor<[]>
const unseen = (best: Tensor<[]>) => lessEqual(number(UNSEEN / 2), best)
const pick = (c: Tensor<[], "bool">, a: Tensor<[]>, b: Tensor<[]>) => where(c, a, b) as Tensor<[]>

/**
 * Multiplies updates by a factor that starts at 1. Every `every` steps the mean of the value that the update is told (the loss) is compared
 * with the best so far; after more than `patience` windows without a better one the factor is multiplied by `factor`. PyTorch's
 * ReduceLROnPlateau in mode min with a relative threshold, with a window in the place of an epoch.
 *
 * @throws TraceError when the update is told no value.
 * @example
 * chain(adam({ rate: 3e-4 }), reduceOnPlateau({ factor: 0.5, patience: 4, every: 1000 }))
 */
export const reduceOnPlateau = (options: Partial<Omit<PlateauSpec, "_tag">> = {}): Transformation<PlateauState, PlateauSpec> => {
  const spec: PlateauSpec = { _tag: "reduceOnPlateau", factor: 0.5, patience: 10, every: 100, threshold: 1e-4, floor: 0, ...options }
  return {
    spec,
    init: () => ({ scale: number(1), best: number(UNSEEN), since: number(0), count: number(0), total: number(0) }),
    update: (updates, state, _params, told) => {
      if (told?.value === undefined)
        throw new TraceError("reduceOnPlateau: expected a value to watch; pass { value: loss } as the fourth argument of update")
      const count = add(state.count, 1) as Tensor<[]>
      const total = add(state.total, told.value) as Tensor<[]>
      const mean = div(total, count) as Tensor<[]>
      const ends = lessEqual(number(spec.every), count)
      // a share of |best|, so that a mean below 0 must be better too and not only as good
      const margin = mul(pick(less(state.best, 0), mul(state.best, -1) as Tensor<[]>, state.best), spec.threshold) as Tensor<[]>
      const better = less(mean, pick(unseen(state.best), state.best, sub(state.best, margin) as Tensor<[]>))
      const waited = add(state.since, 1) as Tensor<[]>
      const falls = and(and(ends, not(better)), less(number(spec.patience), waited))
      const lower = mul(state.scale, spec.factor) as Tensor<[]>
      const scale = pick(falls, pick(less(lower, spec.floor), number(spec.floor), lower), state.scale)
      const reset = or(better, falls)
      return [
        mapTrees("reduceOnPlateau", (u) => mul(u as Tensor, scale as Tensor) as Tensor, updates),
        {
          scale,
          best: pick(and(ends, better), mean, state.best),
          since: pick(ends, pick(reset, number(0), waited), state.since),
          count: pick(ends, number(0), count),
          total: pick(ends, number(0), total),
        },
      ]
    },
  }
}
