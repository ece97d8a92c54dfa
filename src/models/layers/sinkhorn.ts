/** Transport plans between two sets, by Sinkhorn's iteration as a fixed point (Cuturi 2013). */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { anderson, fixedPoint, perRow, type Solver, solverCodec } from "../../implicit/index.js"
import { add, div, exp, expandAxis, logsumexp, mean, neg, sub, zeros } from "../../ops/index.js"
import { optional, positive } from "../schema/index.js"
import type { Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

/** A Sinkhorn layer as data. */
export interface SinkhornSpec {
  readonly _tag: "sinkhorn"
  readonly epsilon: number
  readonly solver: Solver
}

/** Options of a Sinkhorn layer. */
export interface SinkhornOptions {
  /** Weight of the entropy: the plan is sharper the smaller it is, and the iteration slower. Default 1. */
  readonly epsilon?: number
  /** Default `perRow(anderson())`. */
  readonly solver?: Solver
}

const EPSILON = 1
const SOLVER = perRow(anderson())

/**
 * Costs C [B, N, M] to plans P [B, N, M]: the P with rows of sum 1/N and columns of sum 1/M that is least in <P, C> + epsilon sum(P log P).
 *
 * P = exp(f + g - C / epsilon), where the potentials f [N] and g [M] make one marginal right for the other's sake. Adding a number to
 * all of f and taking it from all of g changes nothing: that freedom would make the derivative's system singular, so the mean of f is fixed at 0.
 * Gradients are those of the plan, not of the iterations.
 *
 * @example
 * const cost = tensor([[[0, 1], [1, 0]]])
 * sinkhorn().apply(null, cost, { mode: "eval" }) // [[[0.3655292893, 0.1344707107], [0.1344707107, 0.3655292893]]]
 */
export const sinkhorn = ({ epsilon = EPSILON, solver = SOLVER }: SinkhornOptions = {}): Layer<null, Tensor, Tensor, SinkhornSpec> => ({
  spec: { _tag: "sinkhorn", epsilon, solver },
  init: () => null,
  apply: (_params, cost) => {
    if (cost.shape.length !== 3) throw new TraceError(`sinkhorn: expected costs [B, N, M], found ${showType(cost.type)}`)
    const [batch, n, m] = cost.shape as readonly [number, number, number]
    const gain = div(neg(cost), epsilon) as Tensor
    /** The potential that makes the sums over `axis` equal, given the other one's. */
    const other = (f: Tensor, axis: 1 | 2, size: number): Tensor =>
      sub(neg(logsumexp(add(gain, expandAxis(f, axis === 1 ? 2 : 1)) as Tensor, axis) as Tensor), Math.log(size)) as Tensor
    const turn = (f: Tensor): Tensor => {
      const next = other(other(f, 1, m), 2, n)
      return sub(next, expandAxis(mean(next, [1]) as Tensor, 1)) as Tensor
    }
    const f = fixedPoint(turn, zeros([batch, n]) as Tensor, solver)
    return exp(add(add(gain, expandAxis(f, 2)), expandAxis(other(f, 1, m), 1)) as Tensor)
  },
})

defineLayer({
  tag: "sinkhorn",
  fields: { epsilon: optional(positive, EPSILON), solver: optional(solverCodec, SOLVER) },
  build: sinkhorn,
  example: (choose) => ({
    layer: sinkhorn({ epsilon: choose.int(1, 3), solver: perRow(anderson({ atol: 1e-13, rtol: 1e-13, onFailure: "useBest" })) }),
    input: float(choose.int(1, 2), choose.int(1, 4), choose.int(1, 4)),
  }),
})
