/** How far a set of predictions is from a set of targets. Locatello et al. 2020, "Object-Centric Learning with Slot Attention", set prediction. */
import { showType, type Tensor, TraceError, type Unchecked } from "../../core/index.js"
import { broadcastTo, div, expandAxis, huber, mean, sum, takeRows } from "../../ops/index.js"

/** Which target each prediction is matched to, [B, K]: a permutation of 0 to K - 1 an image. */
export type Assignment = Tensor<Unchecked, "int">

/** Both are [B, K, features]. */
const checkSets = (name: string, predictions: Tensor, targets: Tensor): readonly [number, number, number] => {
  const [b, k, f] = predictions.shape
  if (
    b === undefined ||
    k === undefined ||
    f === undefined ||
    predictions.shape.length !== 3 ||
    targets.shape.join() !== predictions.shape.join()
  )
    throw new TraceError(
      `${name}: expected predictions and targets [images, slots, features] of one shape, found ${showType(predictions.type)} and ${showType(targets.type)}; setTargets pads to the number of slots`,
    )
  return [b, k, f]
}

/** Huber's loss with delta 1, mean over the last axis. */
const distance = (predictions: Tensor, targets: Tensor): Tensor => mean(huber(predictions, targets, { reduction: "none" }), [-1]) as Tensor

/**
 * Huber's loss (delta 1, mean over features) of every prediction with every target of its image, [B, K, K]: row i is prediction i.
 * B K^2 F elements.
 *
 * @throws TraceError where the shapes are not [B, K, F] twice
 *
 * @example
 * evaluate(pairwiseCosts(tensor([[[0], [1]]]), tensor([[[1], [0]]]))) // right([[[0.5, 0], [0, 0.5]]])
 */
export const pairwiseCosts = (predictions: Tensor, targets: Tensor): Tensor => {
  const [b, k, f] = checkSets("pairwiseCosts", predictions, targets)
  const pairs = (t: Tensor, axis: number) => broadcastTo(expandAxis(t, axis) as Tensor, [b, k, k, f]) as Tensor
  return distance(pairs(predictions, 2), pairs(targets, 1))
}

/**
 * Huber's loss (delta 1, mean over features) of each prediction with the target it is matched to, summed over slots, mean over images. The
 * assignment is data: the gradient takes it as constant. It is the gradient of the least loss over all assignments too, wherever only one
 * is least. B K F elements.
 *
 * @throws TraceError where the shapes do not fit
 *
 * @example
 * evaluate(matchedLoss(tensor([[[0], [1]]]), tensor([[[1], [0]]]), tensor([[0, 1]], "int"))) // right(1)
 * evaluate(matchedLoss(tensor([[[0], [1]]]), tensor([[[1], [0]]]), tensor([[1, 0]], "int"))) // right(0)
 */
export const matchedLoss = (predictions: Tensor, targets: Tensor, assignment: Assignment): Tensor<[]> => {
  const [b, k] = checkSets("matchedLoss", predictions, targets)
  if (assignment.shape.join() !== `${b},${k}`)
    throw new TraceError(`matchedLoss: expected an assignment int[${b}, ${k}], found ${showType(assignment.type)}`)
  return div(sum(distance(predictions, takeRows(targets, assignment, 1))) as Tensor<[]>, b) as Tensor<[]>
}
