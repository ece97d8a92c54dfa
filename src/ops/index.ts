/** Ops: one record each, with all its rules, and the functions made of them. */
export { add, div, mul, neg, sub } from "./arithmetic.js"
export { cast, stopGradient } from "./cast.js"
export { and, equal, finite, greater, less, lessEqual, not, or, where } from "./compare.js"
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
export {
  abs,
  dot,
  full,
  logSoftmax,
  logsumexp,
  norm,
  onesLike,
  relu,
  restoreAxes,
  sigmoid,
  softmax,
  square,
  standardize,
  zeros,
  zerosLike,
} from "./derived.js"
export { einsum } from "./einsum.js"
export { cos, exp, log, sin, sqrt, tanh } from "./elementary.js"
export { scatterAdd, take, takeRows } from "./gather.js"
export { eye, hessian, hvp, jacobian } from "./higher.js"
export { iota } from "./iota.js"
export { type Binary, broadcastTo } from "./lift.js"
export { matmul } from "./matmul.js"
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
export { all, any, argmax, max, mean, min, sum, sumInt } from "./reduce.js"
export { expandAxis, moveAxis, permute, reshape, transpose } from "./shape.js"
export { concat, indexAxis, pad, type SliceOptions, slice, sliceAxis, stack } from "./slice-pad.js"
export { type Sorted, sort } from "./sort.js"
export { tap } from "./tap.js"
export { type Axes, type VmapOptions, vmap } from "./vmap.js"
