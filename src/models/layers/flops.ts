/** How much arithmetic a traced function makes, read off its graph. */
import {
  type Equation,
  type Graph,
  type Lowering,
  type Nest,
  type Scalar,
  simplifyGraph,
  sizeOf,
  type TensorType,
  typeOf,
} from "../../core/index.js"
import { fixedCount, type Solver } from "../../implicit/index.js"

/**
 * The rule: one operation for each function of numbers that is computed at a point (a sum, a product, a comparison, exp: all alike), and
 * one for each number that a reduction takes in. So a multiply-add counts 2, a product [m, k] x [k, n] counts 2 m k n, a convolution 2 for
 * each element of its kernel at each output and pair of channels, zeros around the input included. Zeros that a stride of a transposed
 * convolution would put in between count nothing. Moving, copying, selecting and casting, index arithmetic and random bits count nothing;
 * but to put tensors side by side is to add them, padded, and counts as that.
 */
export interface Flops {
  readonly total: number
  readonly contractions: number
  readonly convolutions: number
  /** Everything else. */
  readonly pointwise: number
  /** Whether there are loops whose length is known at run time only; they are counted once. */
  readonly atLeast: boolean
}

const none: Flops = { total: 0, contractions: 0, convolutions: 0, pointwise: 0, atLeast: false }

const sum = (a: Flops, b: Flops): Flops => ({
  total: a.total + b.total,
  contractions: a.contractions + b.contractions,
  convolutions: a.convolutions + b.convolutions,
  pointwise: a.pointwise + b.pointwise,
  atLeast: a.atLeast || b.atLeast,
})

const times = (a: Flops, n: number): Flops => ({
  total: n * a.total,
  contractions: n * a.contractions,
  convolutions: n * a.convolutions,
  pointwise: n * a.pointwise,
  atLeast: a.atLeast,
})

const larger = (a: Flops, b: Flops): Flops => ({ ...(a.total >= b.total ? a : b), atLeast: a.atLeast || b.atLeast })

/** Functions of numbers in a scalar expression. */
const functionsIn = (s: Scalar): number => {
  switch (s.t) {
    case "unary":
      return 1 + functionsIn(s.a)
    case "binary":
      return 1 + functionsIn(s.a) + functionsIn(s.b)
    case "select":
      return functionsIn(s.c) + functionsIn(s.a) + functionsIn(s.b)
    case "guarded":
      return functionsIn(s.a)
    default:
      return 0
  }
}

/** The part of the points at which the loads of an expression exist, as far as strides decide it: 1 / (the product of the divisors). */
const existing = (s: Scalar): number => {
  switch (s.t) {
    case "load":
      return s.guards.reduce((part, g) => (g.t === "divides" ? part / g.by : part), 1)
    case "binary":
      return Math.min(existing(s.a), existing(s.b))
    default:
      return 1
  }
}

const inNest = ({ domain, reduce, body, epilogue }: Nest): number => {
  const points = sizeOf(domain)
  const after = epilogue === null ? 0 : points * functionsIn(epilogue)
  if (reduce === null) return points * functionsIn(body) + after
  // summands of a scatter go to one place each, whatever the size of the axis that is written
  const walked = reduce.indicator === undefined ? points : points / (domain[reduce.indicator.axis] as number)
  return walked * sizeOf(reduce.extent) * existing(body) * (functionsIn(body) + 1) + after
}

const inLowering = (lowering: Lowering, name: string): Flops => {
  switch (lowering.t) {
    case "index": {
      const total = lowering.nests.reduce((n, nest) => n + inNest(nest), 0)
      const kind = name === "einsum" ? "contractions" : name === "conv" ? "convolutions" : "pointwise"
      return { ...none, total, [kind]: total }
    }
    case "graph":
      return flopsOfGraph(lowering.graph)
    case "routine":
      return flopsOfGraph(lowering.graph())
    case "scan":
      return times(flopsOfGraph(lowering.body), lowering.length)
    case "while":
      return { ...sum(flopsOfGraph(lowering.condition), flopsOfGraph(lowering.body)), atLeast: true }
    case "cond":
      return larger(flopsOfGraph(lowering.whenTrue), flopsOfGraph(lowering.whenFalse))
    case "region":
      return flopsOfGraph(lowering.body)
  }
}

const inEquation = (graph: Graph, { op, params, inputs, outputs }: Equation): Flops => {
  if (op.name === "fixedPoint") {
    // the map itself, as often as it is applied: that many times and once for the residual, or once where the solve decides
    const { f, solver } = params as { readonly f: Graph; readonly solver: Solver }
    const count = fixedCount(solver.method)
    return count === null ? { ...flopsOfGraph(f), atLeast: true } : times(flopsOfGraph(f), count + 1)
  }
  const types = (variables: readonly number[]): readonly TensorType[] => variables.map((v) => typeOf(graph, v))
  return inLowering(op.lower(params, types(inputs), types(outputs)), op.name)
}

const ofSimplified = (graph: Graph): Flops => graph.equations.reduce((n, e) => sum(n, inEquation(graph, e)), none)

/**
 * The operations of a graph, bodies included: of `cond` the costlier branch, of a `scan` as often as it turns.
 *
 * @example
 * flopsOfGraph(traceTree("cost", loss, [params, x]).graph).total
 */
export const flopsOfGraph = (graph: Graph): Flops => ofSimplified(simplifyGraph(graph))
