/** What losses share: weights of rows, and how the losses of elements become one. */
import { broadcastAlong, showType, type Tensor, TraceError } from "../core/index.js"
import { div, mul } from "./arithmetic.js"
import { equal, where } from "./compare.js"
import { zerosLike } from "./constants.js"
import { mean, sum } from "./reduce.js"

/** Weights and reduction of losses. */
export interface LossOptions {
  /** One a row: its axes are the first axes of the losses, whose other axes they are repeated along. All 1 by default. */
  readonly weights?: Tensor
  /**
   * "mean" (default): the sum of weighted losses over the sum of weights, 0 where all weights are 0; without weights the mean. "sum": the
   * sum of weighted losses. "none": the weighted losses themselves. Losses of weight 0 don't count, whatever they are: NaN included.
   */
  readonly reduction?: "mean" | "sum" | "none"
}

/** Losses of elements or rows, weighted and reduced. */
export const reduceLoss = (name: string, losses: Tensor, { weights, reduction = "mean" }: LossOptions): Tensor => {
  if (weights === undefined) return reduction === "none" ? losses : reduction === "sum" ? sum(losses) : mean(losses)
  const rank = weights.shape.length
  if (rank > losses.shape.length || weights.shape.some((n, i) => n !== losses.shape[i]))
    throw new TraceError(
      `${name}: weights are ${showType(weights.type)}, losses ${showType(losses.type)}; give one weight a row: a shape that the losses' shape begins with`,
    )
  const w = broadcastAlong(
    weights,
    losses.shape,
    weights.shape.map((_, i) => i),
  ) as Tensor
  const absent = equal(w, 0)
  const weighted = mul(w, where(absent, zerosLike(losses), losses)) as Tensor
  if (reduction === "none") return weighted
  const total = sum(weighted)
  if (reduction === "sum") return total
  const all = sum(w)
  return div(total, where(equal(all, 0), 1, all) as Tensor) as Tensor
}

/** Both operands, or an error that shows both shapes: losses don't broadcast, since a shape that was meant otherwise would go unnoticed. */
export const checkSameShape = (name: string, a: Tensor, b: Tensor): void => {
  if (a.shape.length !== b.shape.length || a.shape.some((n, i) => n !== b.shape[i]))
    throw new TraceError(`${name}: expected two of one shape, found ${showType(a.type)} and ${showType(b.type)}; broadcast or reshape one`)
}
