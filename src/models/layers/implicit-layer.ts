/** A layer whose output is the fixed point of a layer (deep equilibrium models; Bai, Kolter and Koltun 2019). */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { anderson, fixedPoint, oneStep, picard, type Solver, solverCodec, unrolled } from "../../implicit/index.js"
import { zeros } from "../../ops/index.js"
import { optional, orNull, whole } from "../schema/index.js"
import { activation } from "./activation.js"
import { dense } from "./dense.js"
import { applyPart, type Layer, type UncheckedLayer } from "./layer.js"
import { total } from "./lift.js"
import { across } from "./parallel.js"
import { defineLayer, float, type LayerSpec, layerCodec, layerOf } from "./registry.js"
import { seq } from "./seq.js"

/** An implicit layer as data: its cell and how the fixed point is sought. */
export interface ImplicitSpec {
  readonly _tag: "implicit"
  readonly of: LayerSpec
  readonly solver: Solver
  readonly features: number | null
}

/** Options of an implicit layer. */
export interface ImplicitOptions {
  /** Features of the state z on its last axis; its other axes are those of x. Default those of x. */
  readonly features?: number | null
}

/**
 * z* = layer([z*, x]): the layer's output is the state that it leaves as it is, found by the solver from a state of zeros. Gradients to
 * the parameters and to x pass by the solver's adjoint; the cost of `exact` does not depend on how many iterations there were. What the
 * layer draws is drawn once, so that every iteration sees the same noise.
 *
 * A solve that fails ends the program as `Left(NotConverged)`, unless the solver's policy says otherwise.
 *
 * @throws TraceError where the layer's output is not of the type of z.
 *
 * @example
 * const map = seq(across([dense(64, 64), dense(8, 64)]), total, activation("tanh"))
 * implicit(map, anderson({ memory: 5 }), { features: 64 }) // [B, 8] -> [B, 64]
 */
export const implicit = <P, X extends Tensor>(
  of: Layer<P, readonly [Tensor, X], Tensor>,
  solver: Solver,
  { features = null }: ImplicitOptions = {},
): Layer<P, X, Tensor, ImplicitSpec> => ({
  spec: { _tag: "implicit", of: of.spec, solver, features },
  init: of.init,
  apply: (params, x, context) => {
    if (x.shape.length === 0) throw new TraceError(`implicit: expected features on a last axis, found ${showType(x.type)}`)
    const start = zeros(features === null ? x.shape : [...x.shape.slice(0, -1), features]) as Tensor
    return fixedPoint((z: Tensor) => applyPart(context, 0, "of", of, params, [z, x] as const), start, solver)
  },
})

defineLayer({
  tag: "implicit",
  fields: { of: layerCodec, solver: solverCodec, features: optional(orNull(whole(1, 65536)), null) },
  build: ({ of, solver, features }) => implicit(layerOf(of) as UncheckedLayer, solver, { features }),
  example: (choose) => {
    const [inputs, features] = [choose.int(1, 3), choose.int(1, 3)]
    // sigmoid has slopes of at most 1/4, so the map contracts for moderate weights
    const map = seq(across([dense(features, features), dense(inputs, features)]) as UncheckedLayer, total, activation("sigmoid"))
    const useBest = { onFailure: "useBest" } as const
    const solvers = [anderson(useBest), picard({ adjoint: oneStep, ...useBest }), picard({ adjoint: unrolled(3), ...useBest })]
    return {
      layer: implicit(map as UncheckedLayer, solvers[choose.int(0, 2)] as Solver, { features }),
      input: float(choose.int(1, 2), inputs),
    }
  },
})
