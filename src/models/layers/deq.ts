/** Deep equilibrium layers (Bai, Kolter and Koltun 2019): a dense cell, and a transformer block as the cell. */
import type { Tensor } from "../../core/index.js"
import { anderson, fixedPoint, oneStep, picard, type Solver, solverCodec } from "../../implicit/index.js"
import { add, type Key, mul, splitKeys, zerosLike } from "../../ops/index.js"
import { optional, whole } from "../schema/index.js"
import { type Activation, activate, activationCodec } from "./activation.js"
import { type DenseParams, dense, onLastAxis } from "./dense.js"
import { type ImplicitSpec, implicit } from "./implicit-layer.js"
import { orthogonal } from "./initial.js"
import { applyPart, type Features, type Layer } from "./layer.js"
import { total } from "./lift.js"
import { defineLayer, float } from "./registry.js"
import { seq } from "./seq.js"
import { type TransformerBlockOptions, type TransformerBlockParams, transformerBlock } from "./transformer.js"

/** A deep equilibrium layer as data. */
export interface DeqSpec {
  readonly _tag: "deq"
  readonly inputs: number
  readonly features: number
  readonly activation: Activation
  readonly solver: Solver
}

/** `w` is [features, features]; `input` is the dense map of x. */
export interface DeqParams {
  readonly w: Tensor
  readonly input: DenseParams
}

/** Options of `deq`. */
export interface DeqOptions {
  /** Default tanh. */
  readonly activation?: Activation
  /** Default `anderson()`. */
  readonly solver?: Solver
}

/**
 * z* = activation(z* W + x U + b) on the last axis. W starts as half an orthogonal matrix, so that with tanh or relu the map contracts by 1/2
 * whatever x is; training may take it further, and a solve that then fails is a `Left(NotConverged)`.
 *
 * @example
 * deq(784, 64)
 * deq(784, 64, { solver: picard({ adjoint: oneStep }) }) // the gradient of one application, cheaper and biased
 */
export const deq = <const I extends number, const N extends number>(
  inputs: I,
  features: N,
  { activation = "tanh", solver = anderson() }: DeqOptions = {},
): Layer<DeqParams, Features<I>, Features<N>, DeqSpec> => {
  const input = dense(inputs, features)
  return {
    spec: { _tag: "deq", inputs, features, activation, solver },
    init: (key) => {
      const [w, u] = splitKeys(key, 2) as [Key, Key]
      return { w: mul(orthogonal(w, features), 0.5), input: input.init(u) }
    },
    apply: (params, x, context) => {
      const given: Tensor = applyPart(context, 0, "input", input, params.input, x) as Tensor
      const cell = (z: Tensor): Tensor => activate(activation, add(onLastAxis(z, params.w), given) as Tensor)
      return fixedPoint(cell, zerosLike(given), solver) as Features<N>
    },
  }
}

defineLayer({
  tag: "deq",
  fields: {
    inputs: whole(1, 65536),
    features: whole(1, 65536),
    activation: optional(activationCodec, "tanh"),
    solver: optional(solverCodec, anderson()),
  },
  build: (spec) => deq(spec.inputs, spec.features, spec),
  example: (choose) => {
    const [inputs, features] = [choose.int(1, 4), choose.int(1, 4)]
    const useBest = { onFailure: "useBest" } as const // inputs of any size
    const solver = choose.bool() ? anderson(useBest) : picard({ adjoint: oneStep, ...useBest })
    return { layer: deq(inputs, features, { solver }), input: float(...choose.shape(2), inputs) }
  },
})

/** Options of `transformerDeq`. */
export interface TransformerDeqOptions extends Omit<TransformerBlockOptions, "norm" | "memory" | "dropout"> {
  /** Default `anderson({ memory: 8 })`. */
  readonly solver?: Solver
}

/**
 * z* = block(z* + x), one transformer block on top of itself for ever: sequences [B, T, features] in and out. The block normalises its
 * branches' sums ("post"), so states stay of one size. It is an `implicit` of a `seq`.
 *
 * The map contracts, and its solution is the only one, where the elements of x have a deviation well above 2 and the weights are small. With less it
 * may have others (without weights -N(x) beside N(x), N the normalisation), and the layer's value is the one that the solver comes to from 0.
 *
 * @example
 * transformerDeq(64, { heads: 4, hidden: 128 })
 */
export const transformerDeq = <const N extends number>(
  features: N,
  { solver = anderson({ memory: 8 }), ...block }: TransformerDeqOptions = {},
): Layer<readonly [null, TransformerBlockParams], Tensor, Tensor, ImplicitSpec> =>
  implicit(seq(total, transformerBlock<N>(features, { ...block, norm: "post" })), solver)
