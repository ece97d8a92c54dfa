/** Losses of classes and distributions. Logits are given, not probabilities: nothing overflows and no probability is lost. */
import { type AnyTensor, broadcastAlong, type Elem, showType, type Tensor, TraceError, type Unchecked } from "../core/index.js"
import { add, mul, neg, sub } from "./arithmetic.js"
import { and, equal, less, lessEqual, where } from "./compare.js"
import { iota } from "./iota.js"
import { softplus, xlogy } from "./logistic.js"
import { checkSameShape, type LossOptions, reduceLoss } from "./loss.js"
import { normalAxes } from "./normal-axes.js"
import { mean, sum } from "./reduce.js"
import { restoreAxes } from "./reduced-axes.js"
import { logSoftmax } from "./softmax.js"

/** Class numbers, one a row: the shape of the scores without the axis of classes. */
export type Labels = Tensor<Unchecked, "int">

/** Options of losses over classes. */
export interface ClassLossOptions extends LossOptions {
  /** The axis of classes; the last one by default. */
  readonly axis?: number
}

/** Options of cross-entropies. */
export interface CrossEntropyOptions extends ClassLossOptions {
  /** Share of each target that is spread evenly over all classes, in [0, 1]; 0 by default. */
  readonly labelSmoothing?: number
}

const axisOf = (name: string, x: Tensor, axis: number): readonly [number] => normalAxes(name, x.shape.length, [axis]) as readonly [number]

/** The score of each row's own class, NaN where the label is none. */
const scoreOf = (name: string, scores: Tensor, labels: Labels, axes: readonly [number]): Tensor => {
  const [axis] = axes
  const rows = scores.shape.filter((_, i) => i !== axis)
  if (labels.shape.length !== rows.length || labels.shape.some((n, i) => n !== rows[i]))
    throw new TraceError(
      `${name}: labels are ${showType(labels.type)} for scores ${showType(scores.type)}; expected int[${rows.join(", ")}], one class number a row`,
    )
  const classes = scores.shape[axis] as number
  const number = broadcastAlong(iota(classes), scores.shape, [axis])
  const label = restoreAxes(labels as AnyTensor as Tensor, scores.shape, axes)
  const own = equal(number as Tensor, label)
  const score = sum(where(own, scores, 0) as Tensor, axes) as Tensor
  const l = labels as AnyTensor as Tensor
  return where(and(lessEqual(0, l), less(l, classes)), score, Number.NaN)
}

const isLabels = (t: AnyTensor): t is Labels => t.type.elem === ("int" satisfies Elem)

/**
 * Cross-entropy of softmax(logits) with class numbers (an int tensor, one a row) or with distributions (float, of the logits' shape). With
 * `labelSmoothing` s the target is `(1 - s) target + s / classes`. A class of probability 0 in the target adds 0, also where its logit is
 * -Infinity. A label outside the classes gives NaN; such a row can be left out by weight 0. The mean is over rows.
 *
 * @throws TraceError where the shapes don't fit or `labelSmoothing` is outside [0, 1].
 *
 * @example
 * evaluate(crossEntropy(tensor([[0, 0]]), cast(tensor([1]), "int"))) // right(0.6931471805599453)
 */
export const crossEntropy = (logits: Tensor, targets: Labels | Tensor, options: CrossEntropyOptions = {}): Tensor => {
  const { axis = -1, labelSmoothing = 0, ...rest } = options
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new TraceError(`crossEntropy: labelSmoothing is ${labelSmoothing}; it must be in [0, 1]`)
  const axes = axisOf("crossEntropy", logits, axis)
  const logProbabilities = logSoftmax(logits, axes) as Tensor
  const sharp = isLabels(targets)
    ? neg(scoreOf("crossEntropy", logProbabilities, targets, axes))
    : againstDistribution("crossEntropy", logProbabilities, targets, axes)
  if (labelSmoothing === 0) return reduceLoss("crossEntropy", sharp as Tensor, rest)
  const even = neg(mean(logProbabilities, axes) as Tensor)
  const smooth = add(mul(sharp as Tensor, 1 - labelSmoothing), mul(even, labelSmoothing)) as Tensor
  return reduceLoss("crossEntropy", smooth, rest)
}

/** `-sum(p log q)`, without the terms of p = 0: where q is 0 too, their product is NaN. */
const againstDistribution = (name: string, logProbabilities: Tensor, target: Tensor, axes: readonly number[]): Tensor => {
  checkSameShape(name, logProbabilities, target)
  const safe = where(
    equal(target, 0),
    where(lessEqual(logProbabilities, -Number.MAX_VALUE), 0, logProbabilities) as Tensor,
    logProbabilities,
  ) as Tensor
  return neg(sum(mul(target, safe) as Tensor, axes) as Tensor)
}

/**
 * Negative log likelihood: less the log probability of each row's class. A label outside the classes gives NaN.
 *
 * @throws TraceError where the labels' shape is not that of the rows.
 *
 * @example
 * evaluate(nll(logSoftmax(tensor([[0, 0]])), cast(tensor([1]), "int"))) // right(0.6931471805599453)
 */
export const nll = (logProbabilities: Tensor, labels: Labels, { axis = -1, ...options }: ClassLossOptions = {}): Tensor =>
  reduceLoss("nll", neg(scoreOf("nll", logProbabilities, labels, axisOf("nll", logProbabilities, axis))) as Tensor, options)

/**
 * Kullback-Leibler divergence `sum(p log(p / q))` of distributions p from q, which is given by its logarithm; p = 0 adds 0. The mean is
 * over rows.
 *
 * @throws TraceError where the shapes differ.
 *
 * @example
 * evaluate(klDivergence(logSoftmax(tensor([[0, 0]])), tensor([[0.5, 0.5]]))) // right(0)
 */
export const klDivergence = (logPredictions: Tensor, targets: Tensor, { axis = -1, ...options }: ClassLossOptions = {}): Tensor => {
  const axes = axisOf("klDivergence", logPredictions, axis)
  const cross = againstDistribution("klDivergence", logPredictions, targets, axes)
  const entropy = sum(xlogy(targets, targets) as Tensor, axes) as Tensor
  return reduceLoss("klDivergence", add(entropy, cross) as Tensor, options)
}

/**
 * Cross-entropy of sigmoid(logits) with targets in [0, 1]: `t softplus(-x) + (1 - t) softplus(x)`, which keeps its digits for certain
 * predictions of either class; its derivative is `sigmoid(x) - t`.
 *
 * @throws TraceError where the shapes differ.
 *
 * @example
 * evaluate(binaryCrossEntropy(tensor([0]), tensor([1]))) // right(0.6931471805599453)
 */
export const binaryCrossEntropy = (logits: Tensor, targets: Tensor, options: LossOptions = {}): Tensor => {
  checkSameShape("binaryCrossEntropy", logits, targets)
  const ofOne = mul(targets, softplus(neg(logits)) as Tensor) as Tensor
  const ofZero = mul(sub(1, targets) as Tensor, softplus(logits)) as Tensor
  return reduceLoss("binaryCrossEntropy", add(ofOne, ofZero) as Tensor, options)
}
