/** The solves in a graph, done in another way: what laws of implicit layers compare a layer with. */
import {
  type AnyOp,
  type AnyTensor,
  apply,
  bodyOf,
  type Closed,
  type Graph,
  inline,
  inputTypes,
  mapBodies,
  type Tensor,
  walk,
} from "../core/index.js"
import { jacobian, stopGradient } from "../ops/index.js"
import { neumannSeries, unrolledSteps } from "./adjoints/index.js"
import { type FixedPointParams, partsOfInputs } from "./fixed-point-params.js"
import { pack, unpack } from "./pack.js"
import type { Solver } from "./spec/index.js"

type Leaves = readonly AnyTensor[]

/** What a solve is changed to. */
export interface SolveChange {
  readonly solver?: Solver
  readonly init?: Leaves
  /** The map from f and a state; `extra` are tensors of the state's types that it may use beside what f captured. */
  readonly map?: (f: (z: Leaves) => Leaves, z: Leaves, extra: Leaves) => Leaves
  readonly extra?: Leaves
}

/** A solve where it stands, begun at its initial state (and not at the end of an earlier one). */
export interface FoundSolve {
  readonly solver: Solver
  readonly init: Leaves
  /** Whether it stands in the body of another op, whose values it can't hand out. */
  readonly inBody: boolean
  readonly changed: (by: SolveChange) => FoundSolve
  /** Leaves of z, then status, residual and evaluations, one a row. */
  readonly solve: () => Leaves
  /** Leaves of z, with the derivatives of that many terms of the Neumann series. */
  readonly neumann: (terms: number) => Leaves
  /** Leaves of f applied that many times. */
  readonly unrolled: (steps: number) => Leaves
  /** df/dz at the solution, as a matrix over all leaves and rows. */
  readonly jacobian: () => Tensor
}

interface Place {
  readonly op: AnyOp
  readonly inBody: boolean
}

const found = (place: Place, p: FixedPointParams, constants: Leaves, init: Leaves): FoundSolve => {
  const n = init.length
  const closed: Closed = { graph: p.f, captured: constants }
  const solve = (): Leaves => apply(place.op, p, [...constants, ...init])
  const solution = (): Leaves => solve().slice(0, n)
  return {
    solver: p.solver,
    init,
    inBody: place.inBody,
    changed: ({ solver = p.solver, init: from = init, map, extra = [] }) => {
      const types = inputTypes(p.f)
      const count = constants.length
      const f =
        map === undefined
          ? p.f
          : bodyOf("fixedPoint", [...types.slice(0, count), ...extra.map((t) => t.type), ...types.slice(count)], (args) => {
              const [known, more, z] = [args.slice(0, count), args.slice(count, count + extra.length), args.slice(count + extra.length)]
              return map((at) => inline(p.f, [...known, ...at]), z, more)
            })
      const added = map === undefined ? [] : extra
      const params: FixedPointParams = { ...p, f, solver, constants: [...p.constants, ...added.map(() => p.rows)] }
      return found(place, params, [...constants, ...added], from)
    },
    solve,
    neumann: (terms) => {
      const stopped = [...constants, ...init].map((t) => (t.type.elem === "float" ? stopGradient(t as Tensor) : t))
      return neumannSeries(closed, apply(place.op, p, stopped).slice(0, n), terms)
    },
    unrolled: (steps) => unrolledSteps(closed, init, steps, 1),
    jacobian: () => {
      const z = solution().map((t) => stopGradient(t as Tensor) as AnyTensor)
      const types = z.map((t) => t.type)
      return jacobian((v: Tensor) => pack(inline(p.f, [...constants, ...unpack(v, types, 0)]), 0))(pack(z, 0))
    },
  }
}

const rewrite = (graph: Graph, inputs: Leaves, change: (s: FoundSolve) => Leaves, inBody: boolean): Leaves =>
  walk<AnyTensor>(graph, inputs, (e, ins) => {
    const params = mapBodies(e.params, (body) => bodyOf("solves", inputTypes(body), (args) => rewrite(body, args, change, true)))
    if (e.op.name !== "fixedPoint") return apply(e.op, params, ins)
    const p = params as FixedPointParams
    const { constants, init } = partsOfInputs(p, ins)
    const z = change(found({ op: e.op, inBody }, { ...p, resumes: false }, constants, init))
    return [...z.slice(0, init.length), ...apply(e.op, p, ins).slice(init.length)]
  })

/**
 * The outputs of a graph at `inputs`, with each of its solves replaced by leaves of z that `change` gives.
 *
 * @example
 * withSolves(graph, inputs, (solve) => solve.unrolled(50))
 */
export const withSolves = (graph: Graph, inputs: Leaves, change: (s: FoundSolve) => Leaves): Leaves => rewrite(graph, inputs, change, false)
