/** The best matching of predictions to targets, on the host. */
import * as E from "fp-ts/lib/Either.js"
import { type RunError, showType, type Tensor, TraceError, tensor, toArray } from "../../core/index.js"
import { bestMatching } from "../metrics/index.js"
import type { Assignment } from "./loss.js"

/**
 * The assignment of least total cost in each image, from the values of costs [B, K, K], by the shortest augmenting paths of Jonker and
 * Volgenant: O(B K^3) on the host. `Left(NonFinite)` when a cost is no finite number: a model has diverged.
 *
 * @throws TraceError where the costs are not [B, K, K]
 *
 * @example
 * leastAssignment(tensor([[[0.5, 0], [0, 0.5]]])) // right([[1, 0]])
 */
export const leastAssignment = (costs: Tensor): E.Either<RunError, Assignment> => {
  const [b, k, columns] = costs.shape
  if (b === undefined || k === undefined || columns !== k || costs.shape.length !== 3)
    throw new TraceError(`leastAssignment: expected costs [images, slots, slots], found ${showType(costs.type)}`)
  const values = toArray(costs)
  const gains = new Float64Array(values.length)
  for (let i = 0; i < gains.length; i++) {
    const cost = values[i] as number
    if (!Number.isFinite(cost))
      return E.left({
        _tag: "NonFinite",
        message: `leastAssignment: the cost of a pair in image ${Math.floor(i / (k * k))} is ${cost}; the model's output is not finite, its parameters have diverged`,
      })
    gains[i] = -cost
  }
  const matched = new Int32Array(b * k)
  for (let i = 0; i < b; i++) matched.set(bestMatching(gains.subarray(i * k * k, (i + 1) * k * k), k, k), i * k)
  return E.right(tensor(matched, [b, k], "int"))
}
