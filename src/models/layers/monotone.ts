/** Monotone operator equilibrium layer (Winston and Kolter 2020): a fixed point that exists, once, whatever the parameters. */
import type { Tensor } from "../../core/index.js"
import {
  anderson,
  linearSolve,
  monotoneFixedPoint,
  peacemanRachford,
  type Solver,
  type Splitting,
  solverCodec,
  splittingCodec,
} from "../../implicit/index.js"
import { add, einsum, eye, type Key, mul, relu, splitKeys, sub, transpose, vmap, zerosLike } from "../../ops/index.js"
import { optional, positive, whole } from "../schema/index.js"
import { type DenseParams, dense, onLastAxis } from "./dense.js"
import { glorot } from "./initial.js"
import { applyPart, type Features, type Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

/** A monotone operator layer as data. */
export interface MonotoneSpec {
  readonly _tag: "monotone"
  readonly inputs: number
  readonly features: number
  readonly margin: number
  readonly splitting: Splitting
  readonly solver: Solver
}

/** `p` and `q` are [features, features]; `input` is the dense map of x. */
export interface MonotoneParams {
  readonly p: Tensor
  readonly q: Tensor
  readonly input: DenseParams
}

/** Options of `monotone`. */
export interface MonotoneOptions {
  /** How monotone I - W is at least, m > 0. Default 1. */
  readonly margin?: number
  /** Default `peacemanRachford()`, which converges whatever the parameters become. */
  readonly splitting?: Splitting
  /** Default `anderson({ safeguard: {} })`. */
  readonly solver?: Solver
}

/** W = (1 - m) I - P' P + Q - Q': the symmetric part of I - W is m I + P' P. */
const weightsOf = ({ p, q }: MonotoneParams, margin: number): Tensor => {
  const symmetric = sub(mul(eye(p.shape[0] as number), 1 - margin), einsum("ki,kj->ij", p, p)) as Tensor
  return add(symmetric, sub(q, transpose(q))) as Tensor
}

/** (I + alpha (I - W))^-1, made once: all rows of the unit matrix are solved with one factorisation. */
const inverseOf = (w: Tensor, { alpha, linear }: Extract<Splitting, { readonly _tag: "peacemanRachford" }>): Tensor => {
  const operator = (x: Tensor): Tensor => sub(mul(x, 1 + alpha), mul(onLastAxis(x, w), alpha)) as Tensor
  return vmap((row: Tensor) => linearSolve(operator, row, { solver: linear, name: "monotone, resolvent" }))(
    eye(w.shape[0] as number),
  ) as Tensor
}

/**
 * z* = relu(z* W + x U + b) on the last axis, W = (1 - m) I - P' P + Q - Q'. For any P, Q there is exactly one solution, and Peaceman-Rachford
 * splitting finds it; its matrix is inverted once for all steps. Gradients pass by the solver's adjoint.
 *
 * @example
 * monotone(784, 64, { margin: 0.5, splitting: peacemanRachford({ alpha: 1 }) })
 */
export const monotone = <const I extends number, const N extends number>(
  inputs: I,
  features: N,
  { margin = 1, splitting = peacemanRachford(), solver = anderson({ safeguard: {} }) }: MonotoneOptions = {},
): Layer<MonotoneParams, Features<I>, Features<N>, MonotoneSpec> => {
  const input = dense(inputs, features)
  return {
    spec: { _tag: "monotone", inputs, features, margin, splitting, solver },
    init: (key) => {
      const [p, q, u] = splitKeys(key, 3) as [Key, Key, Key]
      const square = (k: Key) => glorot(k, [features, features], features, features)
      return { p: square(p), q: square(q), input: input.init(u) }
    },
    apply: (params, x, context) => {
      const shift: Tensor = applyPart(context, 0, "input", input, params.input, x) as Tensor
      const w = weightsOf(params, margin)
      const inverse = splitting._tag === "peacemanRachford" ? inverseOf(w, splitting) : null
      const resolvent = inverse === null ? {} : { resolvent: (c: Tensor) => onLastAxis(c, inverse) }
      const equation = { linear: (z: Tensor) => onLastAxis(z, w), shift, prox: relu, ...resolvent }
      return monotoneFixedPoint<Tensor>(equation, zerosLike(shift), splitting, solver) as Features<N>
    },
  }
}

defineLayer({
  tag: "monotone",
  fields: {
    inputs: whole(1, 65536),
    features: whole(1, 65536),
    margin: optional(positive, 1),
    splitting: optional(splittingCodec, peacemanRachford()),
    solver: optional(solverCodec, anderson({ safeguard: {} })),
  },
  build: (spec) => monotone(spec.inputs, spec.features, spec),
  example: (choose) => {
    const [inputs, features] = [choose.int(1, 4), choose.int(1, 3)]
    const splitting = peacemanRachford({ alpha: choose.int(1, 4) / 2 })
    const solver = anderson({ safeguard: {}, onFailure: "useBest" }) // inputs of any size
    return { layer: monotone(inputs, features, { splitting, solver }), input: float(...choose.shape(2), inputs) }
  },
})
