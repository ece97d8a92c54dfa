/** Ops: one record each, with all its rules, and the functions made of them. */
import "./rewrites/index.js"

export {
  celu,
  elu,
  type GeluOptions,
  gelu,
  hardSigmoid,
  hardTanh,
  leakyRelu,
  mish,
  relu,
  relu6,
  selu,
  silu,
  softsign,
} from "./activations.js"
export { add, div, mul, neg, sub } from "./arithmetic.js"
export { flattenAxes, splitAxis, squeeze, unstack } from "./axes.js"
export { cast, stopGradient } from "./cast.js"
export {
  binaryCrossEntropy,
  type ClassLossOptions,
  type CrossEntropyOptions,
  crossEntropy,
  klDivergence,
  type Labels,
  nll,
} from "./class-losses.js"
export { and, equal, finite, greater, less, lessEqual, not, or, where } from "./compare.js"
export { full, onesLike, zeros, zerosLike } from "./constants.js"
export {
  checkpoint,
  cond,
  condOnRows,
  leastFixedPoint,
  mergeAll,
  pick,
  place,
  type ScanOptions,
  scan,
  tuples,
  whileLoop,
} from "./control/index.js"
export { type ConvOptions, conv } from "./conv.js"
export { type ConvTransposeOptions, convTranspose } from "./conv-transpose.js"
export { arange, linspace, meshgrid, oneHot, ones } from "./creation.js"
export { type CumulativeOptions, cummax, cummin, cumprod, cumsum, logcumsumexp } from "./cumulative.js"
export { customJvp, customName, customVjp, type DerivativeOf, ReverseOnly, type ReverseRule } from "./custom/index.js"
export { dynamicSlice, type Start, updateSlice } from "./dynamic-slice.js"
export { einsum } from "./einsum.js"
export { cos, exp, log, sin, sqrt, tanh } from "./elementary.js"
export { erf, erfc, erfInv } from "./error-function.js"
export { exp2, expm1, log1p, log2, log10 } from "./exponential.js"
export { clip, maximum, minimum } from "./extrema.js"
export { binaryFormula, unaryFormula } from "./formula.js"
export { scatterAdd, take, takeRows } from "./gather.js"
export { eye, hessian, hvp, jacobian } from "./higher.js"
export { acosh, asinh, atanh, cosh, sinh } from "./hyperbolic.js"
export { pixelShuffle, pixelUnshuffle, type ResizeOptions, resize, upsample } from "./image.js"
export { iota } from "./iota.js"
export { type Binary, binaryOp, broadcastTo, unaryOp } from "./lift.js"
export * from "./linalg/index.js"
export { logaddexp, logit, logSigmoid, sigmoid, softplus, xlogy } from "./logistic.js"
export type { LossOptions } from "./loss.js"
export { matmul } from "./matmul.js"
export { diag, diagonal, kron, outer, trace, tril, triu } from "./matrices.js"
export { type AffineOptions, groupNorm, instanceNorm, layerNorm, type NormalisationOptions, rmsNorm, standardize } from "./normalisation.js"
export { dot, type MomentOptions, type NormOptions, norm, normalize, std, variance } from "./norms.js"
export {
  argmin,
  argsort,
  median,
  type OrderOptions,
  quantile,
  type SearchOptions,
  searchSorted,
  topK,
} from "./order.js"
export { type AvgPoolOptions, avgPool, globalAvgPool, globalMaxPool, maxPool, type PoolOptions } from "./pool.js"
export { pow, reciprocal, rsqrt, square } from "./power.js"
export { isInf, isNaN, type NanToNumOptions, nanToNum, notEqual, xor } from "./predicates.js"
export { countNonZero, prod } from "./prod.js"
export {
  bernoulli,
  type ChoiceOptions,
  categorical,
  cauchy,
  choice,
  exponential,
  foldIn,
  type GumbelSoftmaxOptions,
  gumbel,
  gumbelSoftmax,
  type Key,
  key,
  type Location,
  laplace,
  logistic,
  type Moments,
  normal,
  type Probability,
  permutation,
  type Range,
  randint,
  randomBits,
  shuffle,
  split,
  splitKeys,
  type Truncation,
  truncatedNormal,
  uniform,
} from "./random/index.js"
export { all, any, argmax, max, mean, min, type ReduceOptions, sum, sumInt } from "./reduce.js"
export { restoreAxes } from "./reduced-axes.js"
export { hinge, huber, mae, mse, smoothL1 } from "./regression-losses.js"
export { reverse, roll } from "./reverse.js"
export { ceil, floor, remainder, round, trunc } from "./rounding.js"
export { expandAxis, moveAxis, permute, reshape, transpose } from "./shape.js"
export { abs, sign } from "./sign.js"
export { cosineSimilarity, type SimilarityOptions } from "./similarity.js"
export { concat, indexAxis, pad, type SliceOptions, slice, sliceAxis, stack } from "./slice-pad.js"
export { logSoftmax, logsumexp, type MaskOptions, type RowAxes, softmax } from "./softmax.js"
export { type Sorted, sort } from "./sort.js"
export type { Padding } from "./spatial.js"
export { scatterSet, takeAlong } from "./take-along.js"
export { tap } from "./tap.js"
export { repeat, tile } from "./tile.js"
export { acos, asin, atan, atan2, tan } from "./trigonometric.js"
export { type Axes, type VmapOptions, vmap } from "./vmap.js"
export { overlapAdd, type WindowOptions, windows } from "./windows.js"
