/** How far a set of predictions is from a set of targets. Locatello et al. 2020, "Object-Centric Learning with Slot Attention", set prediction. */
import { showType, type Tensor, TraceError, tensor, type Unchecked } from "../../core/index.js"
import { add, broadcastTo, div, expandAxis, huber, log, mean, mul, neg, sub, sum, takeRows } from "../../ops/index.js"

/** Which target each prediction is matched to, [B, K]: a permutation of 0 to K - 1 an image. */
export type Assignment = Tensor<Unchecked, "int">

/** How far a feature is from its target: Huber's loss with delta 1, as published; or the cross-entropy of two probabilities. */
export const setDistances = ["huber", "crossEntropy"] as const
/** How far a feature is from its target. */
export type SetDistance = (typeof setDistances)[number]

/** What a loss of sets measures by. */
export interface SetLossOptions {
  /** Default Huber's loss. */
  readonly distance?: SetDistance
  /** What the distance of each feature is multiplied by; default 1. Larger ones for the position let it weigh as much as many classes. */
  readonly weights?: readonly number[]
}

/** Both are [B, K, features]. */
const checkSets = (name: string, predictions: Tensor, targets: Tensor, { weights }: SetLossOptions): readonly [number, number, number] => {
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
  if (weights !== undefined && weights.length !== f)
    throw new TraceError(`${name}: expected a weight for each of ${f} features, found ${weights.length}`)
  return [b, k, f]
}

/** A sigmoid in single precision ends at exactly 0 and 1, where a logarithm does not. */
const least = 1e-6

/** -t log p - (1 - t) log(1 - p). Behind a sigmoid its slope is p - t: it does not vanish where a prediction is sure and wrong. */
const crossEntropyOf = (p: Tensor, t: Tensor): Tensor => {
  const [sure, unsure] = [log(add(p, least) as Tensor), log(sub(1 + least, p) as Tensor)] as [Tensor, Tensor]
  return neg(add(mul(t, sure) as Tensor, mul(sub(1, t) as Tensor, unsure) as Tensor) as Tensor) as Tensor
}

/** Mean over the last axis. */
const distanceOf = ({ distance = "huber", weights }: SetLossOptions, p: Tensor, t: Tensor): Tensor => {
  const each = distance === "huber" ? huber(p, t, { reduction: "none" }) : crossEntropyOf(p, t)
  return mean(weights === undefined ? each : (mul(each, broadcastTo(tensor(weights), each.shape)) as Tensor), [-1]) as Tensor
}

/**
 * The distance (mean over features) of every prediction to every target of its image, [B, K, K]: row i is prediction i. Huber's loss with
 * delta 1, or the cross-entropy of features in [0, 1]. B K^2 F elements.
 *
 * @throws TraceError where the shapes are not [B, K, F] twice, or there is not one weight a feature
 *
 * @example
 * evaluate(pairwiseCosts(tensor([[[0], [1]]]), tensor([[[1], [0]]]))) // right([[[0.5, 0], [0, 0.5]]])
 */
export const pairwiseCosts = (predictions: Tensor, targets: Tensor, options: SetLossOptions = {}): Tensor => {
  const [b, k, f] = checkSets("pairwiseCosts", predictions, targets, options)
  const pairs = (t: Tensor, axis: number) => broadcastTo(expandAxis(t, axis) as Tensor, [b, k, k, f]) as Tensor
  return distanceOf(options, pairs(predictions, 2), pairs(targets, 1))
}

/**
 * The distance (as that of `pairwiseCosts`) of each prediction to the target it is matched to, summed over slots, mean over images. The
 * assignment is data: the gradient takes it as constant. It is the gradient of the least loss over all assignments too, wherever only one
 * is least. B K F elements.
 *
 * @throws TraceError where the shapes do not fit
 *
 * @example
 * evaluate(matchedLoss(tensor([[[0], [1]]]), tensor([[[1], [0]]]), tensor([[0, 1]], "int"))) // right(1)
 * evaluate(matchedLoss(tensor([[[0], [1]]]), tensor([[[1], [0]]]), tensor([[1, 0]], "int"))) // right(0)
 */
export const matchedLoss = (predictions: Tensor, targets: Tensor, assignment: Assignment, options: SetLossOptions = {}): Tensor<[]> => {
  const [b, k] = checkSets("matchedLoss", predictions, targets, options)
  if (assignment.shape.join() !== `${b},${k}`)
    throw new TraceError(`matchedLoss: expected an assignment int[${b}, ${k}], found ${showType(assignment.type)}`)
  return div(sum(distanceOf(options, predictions, takeRows(targets, assignment, 1))) as Tensor<[]>, b) as Tensor<[]>
}
