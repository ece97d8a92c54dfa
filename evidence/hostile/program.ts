/** The program of a plan: the solve with what it tells, the value with its adjoint, and the gradient to everything. */
import {
  compile,
  exact,
  type Program,
  perRow,
  type Solver,
  solveFixedPoint,
  type Tensor,
  tensor,
  toArray,
  vjp,
  vmap,
} from "../../src/index.js"
import type { Plan } from "./plan.js"
import { mapOf, type Numbers, type Parameters, type Shape } from "./problem.js"

/** What a program hands out. */
export interface Results {
  /** The solution, and how its solve ended, one status and residual a row. */
  readonly z: Tensor
  readonly status: Tensor
  readonly residual: Tensor
  /** What the adjoint makes of the solution: the value that is differentiated. */
  readonly y: Tensor
  /** How the solve behind that value ended. */
  readonly judged: Tensor
  readonly gradient: Parameters
}

/** The solve of one row, or of all rows that a solver tells apart. */
const solved = (plan: Plan, solver: Solver, p: Parameters) =>
  solveFixedPoint(mapOf(plan.g, p), p.start, plan.shape.batching === "perRow" ? perRow(solver) : solver)

const overRows = <R>(plan: Plan, p: Parameters, one: (p: Parameters) => R): R =>
  plan.shape.batching === "vmap"
    ? (vmap((c: Tensor, d: Tensor, start: Tensor) => one({ ...p, c, d, start }) as never)(p.c, p.d, p.start) as R)
    : one(p)

export const programOf = (plan: Plan): Program<[Parameters], Results> => {
  // adjoints other than exact give a value that goes on from the solution: the solution itself is seen by an exact one
  const seen: Solver = plan.adjoint._tag === "exact" ? plan.solver : { ...plan.solver, adjoint: exact() }
  const f = (p: Parameters): Results => {
    const { z, status, residual } = overRows(plan, p, (q) => {
      const s = solved(plan, seen, q)
      return { z: s.z, status: s.status, residual: s.residual }
    })
    const [y, pull] = vjp((q: Parameters) => overRows(plan, q, (row) => solved(plan, plan.solver, row).z), p)
    const judged = overRows(plan, p, (row) => solved(plan, plan.solver, row).status)
    return { z, status, residual, y, judged, gradient: pull(p.u)[0] as Parameters }
  }
  return compile(f, { target: plan.target }) as Program<[Parameters], Results>
}

/** Numbers as what a program takes. */
export const tensorsOf = ({ batching, rows, n }: Shape, p: Numbers): Parameters => {
  const lead = batching === "one" ? [n] : [rows, n]
  const of = (x: Float64Array, shape: readonly number[]) => tensor(x, shape) as Tensor
  return {
    W: of(p.W, [n, n]),
    s: of(p.s, []),
    c: of(p.c, lead),
    d: of(p.d, lead),
    start: of(p.start, lead),
    u: of(p.u, lead),
  }
}

export const numbersOf = (t: Tensor): Float64Array => Float64Array.from(toArray(t))
