/** Centres of soft clusters as a fixed point: soft k-means, the maximum likelihood means of equal, round Gaussians. */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { anderson, fixedPoint, perRow, picard, type Solver, solverCodec } from "../../implicit/index.js"
import { broadcastTo, div, einsum, exp, expandAxis, full, mul, normal, softmax, square, sub, sum } from "../../ops/index.js"
import { optional, positive, whole } from "../schema/index.js"
import { checkFeatures } from "./dense.js"
import type { Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

/** Soft k-means as data. */
export interface SoftKMeansSpec {
  readonly _tag: "softKMeans"
  readonly clusters: number
  readonly features: number
  readonly sharpness: number
  readonly solver: Solver
}

/** Parameters of soft k-means. */
export interface SoftKMeansParams {
  /** Where centres start, [clusters, features]. They choose between solutions; their gradient is 0 by the implicit function theorem. */
  readonly initial: Tensor
  /** Logarithm of the sharpness. */
  readonly logSharpness: Tensor<[]>
}

/** Options of soft k-means. */
export interface SoftKMeansOptions {
  /** Sharpness at the start: how fast the weight of a centre falls with squared distance. Default 1. */
  readonly sharpness?: number
  /** Default `perRow(picard({ maxEvaluations: 2000 }))`. */
  readonly solver?: Solver
}

const SHARPNESS = 1
// repeated application is expectation maximisation: every turn raises the likelihood, where acceleration can wander and stall
const SOLVER = perRow(picard({ maxEvaluations: 2000 }))

/**
 * Points x [B, N, features] to centres c [B, clusters, features], each the mean of all points with weights softmax over the clusters of
 * -sharpness |x - c|^2. Gradients reach the points and the sharpness through the solution; permuting points changes nothing,
 * and permuting initial centres permutes the centres.
 *
 * @example
 * const layer = softKMeans(3, 8)
 * layer.apply(layer.init(key(0)), zeros([1, 5, 8]), { mode: "eval" }).shape // [1, 3, 8]
 */
export const softKMeans = (
  clusters: number,
  features: number,
  { sharpness = SHARPNESS, solver = SOLVER }: SoftKMeansOptions = {},
): Layer<SoftKMeansParams, Tensor, Tensor, SoftKMeansSpec> => ({
  spec: { _tag: "softKMeans", clusters, features, sharpness, solver },
  init: (key) => ({ initial: normal(key, [clusters, features]) as Tensor, logSharpness: full([], Math.log(sharpness)) as Tensor<[]> }),
  apply: ({ initial, logSharpness }, x) => {
    if (x.shape.length !== 3) throw new TraceError(`softKMeans: expected points [B, N, ${features}], found ${showType(x.type)}`)
    checkFeatures("softKMeans", x, features)
    const start = broadcastTo(initial, [x.shape[0] as number, clusters, features]) as Tensor
    const turn = (c: Tensor): Tensor => {
      // |x|^2 is the same for all centres and cancels
      const near = sub(mul(einsum("bnd,bkd->bnk", x, c), 2), expandAxis(sum(square(c), [2]) as Tensor, 1)) as Tensor
      const weights = softmax(mul(near, exp(logSharpness)) as Tensor, 2)
      return div(einsum("bnk,bnd->bkd", weights, x), expandAxis(sum(weights, [1]) as Tensor, 2)) as Tensor
    }
    return fixedPoint(turn, start, solver)
  },
})

defineLayer({
  tag: "softKMeans",
  fields: {
    clusters: whole(1, 65536),
    features: whole(1, 65536),
    sharpness: optional(positive, SHARPNESS),
    solver: optional(solverCodec, SOLVER),
  },
  build: ({ clusters, features, ...options }) => softKMeans(clusters, features, options),
  example: (choose) => {
    const features = choose.int(1, 3)
    // so blunt that the centres contract to one point: every solve converges
    const solver = perRow(anderson({ atol: 1e-13, rtol: 1e-13, onFailure: "useBest" }))
    return {
      layer: softKMeans(choose.int(1, 3), features, { sharpness: 0.01, solver }),
      input: float(choose.int(1, 2), choose.int(1, 4), features),
    }
  },
})
