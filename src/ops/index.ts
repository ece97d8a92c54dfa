/** Ops: one record each, with all its rules, and the functions made of them. */
export { add, div, mul, neg, sub } from "./arithmetic.js"
export { cast, stopGradient } from "./cast.js"
export { and, equal, greater, isFinite, less, lessEqual, not, or, where } from "./compare.js"
export { checkpoint, cond, leastFixedPoint, mergeAll, pick, place, scan, tuples, whileLoop, type ScanOptions } from "./control/index.js"
export { conv, type ConvOptions } from "./conv.js"
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
export { broadcastTo, type Binary } from "./lift.js"
export { matmul } from "./matmul.js"
export { foldIn, key, normal, randomBits, split, splitKeys, uniform, type Key } from "./random.js"
export { all, any, argmax, max, mean, min, sum, sumInt } from "./reduce.js"
export { expandAxis, moveAxis, permute, reshape, transpose } from "./shape.js"
export { concat, indexAxis, pad, slice, sliceAxis, stack, type SliceOptions } from "./slice-pad.js"
export { sort, type Sorted } from "./sort.js"
export { vmap, type Axes, type VmapOptions } from "./vmap.js"
