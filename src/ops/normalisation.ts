/** Normalisation of activations. Channels are the last axis; epsilon stands inside the root. */
import { type Shape, type Tensor, TraceError } from "../core/index.js"
import { add, div, mul } from "./arithmetic.js"
import { sqrt } from "./elementary.js"
import { normalAxes } from "./normal-axes.js"
import { centred } from "./norms.js"
import { square } from "./power.js"
import { mean } from "./reduce.js"
import { restoreAxes } from "./reduced-axes.js"
import { reshape } from "./shape.js"

/** What follows a normalisation. */
export interface AffineOptions {
  /** Factors and summands after normalisation, broadcast to the operand; none by default. */
  readonly scale?: Tensor
  readonly shift?: Tensor
  /** Default 1e-5. */
  readonly epsilon?: number
}

/** Which axes are normalised together, and what follows. */
export interface NormalisationOptions extends AffineOptions {
  /** The axes normalised together; the last one by default. */
  readonly axes?: readonly number[]
}

const affine = (x: Tensor, { scale, shift }: AffineOptions): Tensor => {
  const scaled = scale === undefined ? x : (mul(x, scale) as Tensor)
  return shift === undefined ? scaled : (add(scaled, shift) as Tensor)
}

/** `x / sqrt(mean(x^2) + epsilon)` */
const overRoot = (x: Tensor, axes: readonly number[], epsilon: number): Tensor =>
  div(x, restoreAxes(sqrt(add(mean(square(x), axes) as Tensor, epsilon) as Tensor), x.shape, axes)) as Tensor

const standardized = (x: Tensor, axes: readonly number[], epsilon: number): Tensor => overRoot(centred(x, axes), axes, epsilon)

/**
 * `(x - mean) / sqrt(variance + epsilon)` over the last axis; scale and shift are the caller's. Default epsilon 1e-5.
 *
 * @example
 * evaluate(standardize(tensor([1, 3]), 0)) // right([-1, 1])
 */
export const standardize = <S extends Shape>(x: Tensor<S>, epsilon = 1e-5): Tensor<S> =>
  standardized(x as Tensor, [x.shape.length - 1], epsilon) as Tensor<S>

/**
 * Layer normalisation: `(x - mean) / sqrt(variance + epsilon)` over some axes of each row, then scale and shift. Ba, Kiros and Hinton,
 * arXiv:1607.06450.
 *
 * @example
 * evaluate(layerNorm(tensor([1, 3]), { epsilon: 0 })) // right([-1, 1])
 */
export const layerNorm = <S extends Shape>(x: Tensor<S>, options: NormalisationOptions = {}): Tensor<S> => {
  const { axes = [-1], epsilon = 1e-5 } = options
  return affine(standardized(x as Tensor, normalAxes("layerNorm", x.shape.length, axes), epsilon), options) as Tensor<S>
}

/**
 * `x / sqrt(mean(x^2) + epsilon)` over some axes of each row, then scale and shift: layer normalisation without the mean. Zhang and
 * Sennrich, NeurIPS 2019.
 *
 * @example
 * evaluate(rmsNorm(tensor([3, -3]), { epsilon: 0 })) // right([1, -1])
 */
export const rmsNorm = <S extends Shape>(x: Tensor<S>, options: NormalisationOptions = {}): Tensor<S> => {
  const { axes = [-1], epsilon = 1e-5 } = options
  return affine(overRoot(x as Tensor, normalAxes("rmsNorm", x.shape.length, axes), epsilon), options) as Tensor<S>
}

/**
 * Group normalisation of `[batch, ..., channels]`: channels are split into `groups` neighbouring ones, and each group of each example is
 * normalised over its channels and all axes between. Wu and He, ECCV 2018.
 *
 * @throws TraceError where there are fewer than two axes, or `groups` does not divide the channels.
 *
 * @example
 * evaluate(groupNorm(tensor([[1, 3, 5, 9]]), 2, { epsilon: 0 })) // right([[-1, 1, -1, 1]])
 */
export const groupNorm = <S extends Shape>(x: Tensor<S>, groups: number, options: AffineOptions = {}): Tensor<S> => {
  const { shape } = x
  const channels = shape.at(-1) ?? 0
  if (shape.length < 2) throw new TraceError(`groupNorm: expected [batch, ..., channels], found [${shape.join(", ")}]`)
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
    throw new TraceError(`groupNorm: ${groups} groups do not divide ${channels} channels of [${shape.join(", ")}]`)
  const split = reshape(x as Tensor, [...shape.slice(0, -1), groups, channels / groups]) as Tensor
  const axes = split.shape.map((_, i) => i).filter((i) => i > 0 && i !== shape.length - 1)
  return affine(reshape(standardized(split, axes, options.epsilon ?? 1e-5), shape) as Tensor, options) as Tensor<S>
}

/**
 * Instance normalisation of `[batch, ..., channels]`: each channel of each example over all axes between. Ulyanov, Vedaldi and
 * Lempitsky, arXiv:1607.08022.
 *
 * @throws TraceError where there are fewer than three axes.
 *
 * @example
 * evaluate(instanceNorm(tensor([[[1], [3]]]), { epsilon: 0 })) // right([[[-1], [1]]])
 */
export const instanceNorm = <S extends Shape>(x: Tensor<S>, options: AffineOptions = {}): Tensor<S> => {
  const { shape } = x
  if (shape.length < 3) throw new TraceError(`instanceNorm: expected [batch, ..., channels] with axes between, found [${shape.join(", ")}]`)
  const axes = shape.map((_, i) => i).slice(1, -1)
  return affine(standardized(x as Tensor, axes, options.epsilon ?? 1e-5), options) as Tensor<S>
}
