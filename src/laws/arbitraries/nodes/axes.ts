/** Nodes along an axis: running sums, sorting, masked softmax, norms, moments. */
import { sizeOf, type Tensor, tensor, type Unchecked } from "../../../core/index.js"
import * as op from "../../../ops/index.js"
import { ordered, someOrder } from "./apart.js"
import { alongAxis, type NodeChoices, type NodeKind, none } from "./node.js"

const directed = (d: NodeChoices) => ({ reverse: d.bool(), exclusive: d.bool() })
const inOrder = (d: NodeChoices, size: number) => ({ order: someOrder(d, size) })

/** Which positions of an axis count: at least one. */
const masked = (d: NodeChoices, size: number) => {
  const kept = d.int(0, size - 1)
  return { mask: Array.from({ length: size }, (_, i) => i === kept || d.bool()) }
}
const maskOf = (x: Tensor, axis: number, mask: readonly boolean[]): Tensor<Unchecked, "bool"> =>
  tensor(mask.map(Number), [mask.length, ...x.shape.slice(axis + 1).map(() => 1)], "bool")

/** Element i of the order at place i of an axis, whatever the others. */
const positions = (shape: readonly number[], axis: number, order: readonly number[]): Tensor<Unchecked, "int"> => {
  const inner = sizeOf(shape.slice(axis + 1))
  const at = Float64Array.from({ length: sizeOf(shape) }, (_, i) => order[Math.floor(i / inner) % order.length] as number)
  return tensor(at, shape, "int")
}

const positive = (x: Tensor): Tensor => op.add(op.square(op.tanh(x)), 0.5) as Tensor

export const axisKinds: Readonly<Record<string, NodeKind>> = {
  cumsum: alongAxis("cumsum", directed, (x, axis, how) => op.cumsum(op.tanh(x) as Tensor, axis, how)),
  cumprod: alongAxis("cumprod", directed, (x, axis, how) => op.cumprod(positive(x), axis, how)),
  logcumsumexp: alongAxis(
    "logcumsumexp",
    (d) => ({ reverse: d.bool() }),
    (x, axis, how) => op.logcumsumexp(x, axis, how),
  ),
  cummax: alongAxis("cummax", inOrder, (x, axis, { order }) => op.cummax(ordered(x, axis, order), axis)),
  sort: alongAxis("sort", inOrder, (x, axis, { order }) => op.sort(ordered(x, axis, order), axis as number).values),
  topK: alongAxis(
    "topK",
    (d, size) => ({ k: d.int(1, size), order: someOrder(d, size) }),
    (x, axis, { k, order }) => op.topK(ordered(x, axis, order), k, axis).values,
  ),
  quantile: alongAxis(
    "quantile",
    (d, size) => ({ q: d.int(0, 8) / 8, order: someOrder(d, size) }),
    (x, axis, { q, order }) => op.quantile(ordered(x, axis, order), q, axis),
  ),
  largest: alongAxis("largest", inOrder, (x, axis, { order }) => op.max(ordered(x, axis, order), [axis]) as Tensor),
  maskedSoftmax: alongAxis("maskedSoftmax", masked, (x, axis, { mask }) => op.softmax(x, axis as number, { mask: maskOf(x, axis, mask) })),
  logSoftmax: alongAxis("logSoftmax", none, (x, axis) => op.logSoftmax(x, axis as number)),
  maskedLogsumexp: alongAxis(
    "maskedLogsumexp",
    masked,
    (x, axis, { mask }) => op.logsumexp(x, axis as number, { mask: maskOf(x, axis, mask) }) as Tensor,
  ),
  prod: alongAxis("prod", none, (x, axis) => op.prod(positive(x), [axis]) as Tensor),
  variance: alongAxis("variance", none, (x, axis) => op.variance(x, [axis])),
  norm: alongAxis("norm", none, (x, axis) => op.norm(positive(x), { axes: [axis] })),
  normalize: alongAxis("normalize", none, (x, axis) => op.normalize(positive(x), { axes: [axis] })),
  cosineSimilarity: alongAxis("cosineSimilarity", none, (x, axis) =>
    op.cosineSimilarity(positive(x), positive(op.sin(x) as Tensor), { axes: [axis] }),
  ),
  // an epsilon that keeps derivatives moderate where all elements are equal
  layerNorm: alongAxis("layerNorm", none, (x, axis) => op.layerNorm(x, { axes: [axis], epsilon: 0.25 })),
  rmsNorm: alongAxis("rmsNorm", none, (x, axis) => op.rmsNorm(x, { axes: [axis], epsilon: 0.25 })),
  reverse: alongAxis("reverse", none, (x, axis) => op.reverse(x, [axis])),
  roll: alongAxis(
    "roll",
    (d) => ({ shift: d.int(-2, 2) }),
    (x, axis, { shift }) => op.roll(x, shift, axis),
  ),
  repeat: alongAxis("repeat", none, (x, axis) => op.repeat(x, 2, axis)),
  takeAlong: alongAxis("takeAlong", inOrder, (x, axis, { order }) => op.takeAlong(x, positions(x.shape, axis, order), axis)),
}
