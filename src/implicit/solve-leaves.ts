/** A solve leaf by leaf, with the derivatives that its adjoint stands for. */
import { type AnyTensor, apply, type Closed, showType, sizeOf, type Tensor, TraceError } from "../core/index.js"
import { add, condOnRows, finite, stopGradient, sub } from "../ops/index.js"
import { atSolution, broydenDamping, finiteSteps, straightThrough, unrolledSteps } from "./adjoints/index.js"
import { fixedPointOp } from "./fixed-point-op.js"
import type { FixedPointParams } from "./fixed-point-params.js"
import { type Adjoint, type Method, partsOf, rowsOf, type Solver } from "./spec/index.js"
import { cotangentsTold, tangentsTold, valuesTold } from "./told-finite.js"

const checkRows = (rows: number, leaves: readonly AnyTensor[]) => {
  const sizes = new Set(leaves.map((t) => t.shape[0]))
  if (rows > 0 && (sizes.size !== 1 || sizes.has(undefined)))
    throw new TraceError(
      `fixedPoint: perRow needs a first axis of one size in every leaf of the state, found ${leaves.map((t) => showType(t.type)).join(", ")}`,
    )
}

const bracketed = (method: Method): boolean => method._tag === "bisection" || partsOf(method).some(bracketed)

/** Bisection is for one number, a row each. */
const checkBracketed = (rows: number, leaves: readonly AnyTensor[]) => {
  const numbers = leaves.reduce((n, t) => n + sizeOf(t.shape.slice(rows)), 0)
  if (numbers !== 1)
    throw new TraceError(
      `fixedPoint: bisection needs a state of one number${rows > 0 ? " a row" : ""}, found ${leaves.map((t) => showType(t.type)).join(", ")}; use newton({ lineSearch: true }) or dogleg()`,
    )
}

/** What else is asked of a solve. */
export type Asked = Pick<FixedPointParams, "traces" | "remembers">

/** Whether derivatives go through the solve; for the other adjoints it is a constant, and what follows it is differentiated. */
const throughSolve = ({ _tag }: Adjoint): boolean => _tag === "exact" || _tag === "shine"

const siteOf = ({ name = "fixedPoint" }: Solver): string => name

/** The solve itself: leaves of z, status, residual, evaluations, and what else is asked for. `earlier` is the end of another solve. */
const solve = (
  { graph, captured }: Closed,
  init: readonly AnyTensor[],
  solver: Solver,
  asked: Asked = {},
  earlier: readonly AnyTensor[] = [],
): readonly AnyTensor[] => {
  const rows = rowsOf(solver.method)
  checkRows(rows, init)
  if (bracketed(solver.method)) checkBracketed(rows, init)
  if (solver.adjoint._tag === "shine") broydenDamping(solver.method) // refuses other methods
  const inputs = [...captured, ...init, ...earlier]
  return apply(
    fixedPointOp,
    { f: graph, constants: captured.map(() => 0), rows, solver, site: siteOf(solver), emitted: 0, resumes: earlier.length > 0, ...asked },
    throughSolve(solver.adjoint) ? inputs : inputs.map((t) => (t.type.elem === "float" ? stopGradient(t as Tensor) : t)),
  )
}

/** Whether the adjoint state is that of a linear solve, which is told. */
const isSolved = (adjoint: Adjoint): boolean => adjoint._tag === "exact" || (adjoint._tag === "shine" && adjoint.guard !== undefined)

/**
 * f whose parameters' cotangents are told where they are not finite: an adjoint that is no solve has nobody else to say so, and one that is has
 * its say on the adjoint state, not on what the parameters make of it.
 */
const guarded = ({ graph, captured }: Closed, solver: Solver): Closed => ({
  graph,
  captured: cotangentsTold(siteOf(solver), solver.onFailure, captured, { beside: isSolved(solver.adjoint) ? "linearSolve" : "nothing" }),
})

/** Whether the value of an adjoint at a finite solution may be none, since it is more than f there, and nobody judges it. */
const mayBeLost = (adjoint: Adjoint): boolean => (adjoint._tag === "neumann" && adjoint.terms > 0) || adjoint._tag === "defined"

/**
 * What an adjoint makes of a solution. Where failures are used, a row without any finite iterate stays the constant that it is:
 * f there would be NaN, and NaN times a cotangent of zero would reach the gradient of what the rows share.
 */
const follow = (
  closed: Closed,
  outs: readonly AnyTensor[],
  solver: Solver,
  made: (f: Closed, z: readonly AnyTensor[]) => readonly AnyTensor[],
): readonly AnyTensor[] => {
  const { graph, captured } = guarded(closed, solver)
  const { adjoint, method, onFailure } = solver
  const told = mayBeLost(adjoint) ? valuesTold : tangentsTold
  const n = graph.outputs.length
  const z = outs.slice(0, n)
  if (onFailure !== "useBest") return told(siteOf(solver), onFailure, made({ graph, captured }, z))
  const rows = rowsOf(method)
  const operand = (rows: number) => (value: AnyTensor) => ({ value, rows, mask: false })
  const led = condOnRows(
    finite(outs[n + 1] as Tensor),
    [...captured.map(operand(0)), ...z.map(operand(rows))],
    z.map(() => rows),
    (args) => made({ graph, captured: args.slice(0, captured.length) }, args.slice(captured.length)),
    (args) => args.slice(captured.length),
  )
  return told(siteOf(solver), onFailure, led)
}

/**
 * Where a given number of steps ended, judged by one more application, which nothing differentiates: leaves of z with their own
 * derivatives, status, residual, evaluations. The value is that of the judge, so that no program hands it out without the judgement.
 */
const judge = (closed: Closed, z: readonly AnyTensor[], solver: Solver): readonly AnyTensor[] => {
  const outs = solve(closed, z, { ...solver, method: perRowLike(solver.method), onFailure: counted(solver) })
  return outs.map((t, i) => {
    const own = z[i]
    return own === undefined ? t : add(stopGradient(t as Tensor), sub(own as Tensor, stopGradient(own as Tensor)))
  })
}

/**
 * A given number of steps and nothing else: there is no residual, so a state, tangent or cotangent that is not finite is the only thing that can
 * be refused, and it is, unless failures are used.
 */
export const stepLeaves = (closed: Closed, init: readonly AnyTensor[], solver: Solver): readonly AnyTensor[] | null => {
  const steps = finiteSteps(solver.adjoint, solver.method)
  if (steps === null) return null
  const [site, policy] = [siteOf(solver), counted(solver)]
  return valuesTold(site, policy, steps(guarded(closed, { ...solver, onFailure: policy }), cotangentsTold(site, policy, init)))
}

/** The policy of a number of steps that is given: not to converge is no failure, not to be finite is one. */
const counted = ({ onFailure }: Solver): Solver["onFailure"] => (onFailure === "useBest" ? "useBest" : "fixedBudget")

const perRowLike = (method: Method): Method =>
  rowsOf(method) > 0 ? { _tag: "perRow", of: { _tag: "iterate", count: 0 } } : { _tag: "iterate", count: 0 }

/** Whether steps lead away from the state that the solve judged. */
const movesOn = ({ _tag }: Adjoint): boolean => _tag === "truncated" || _tag === "phantom"

/** A solve's leaves. */
export interface SolvedLeaves {
  /** The state, with the adjoint's derivatives. */
  readonly z: readonly AnyTensor[]
  /** Where the solve ended, then status, residual and evaluations of `z`, then what else is asked for; constant but for the state. */
  readonly outs: readonly AnyTensor[]
}

/** The solver that runs: with truncated, the steps that are not differentiated are a solve of fixed length. */
export const ranBy = (solver: Solver): Solver => {
  const { adjoint } = solver
  if (adjoint._tag === "bilevel") return ranBy({ ...solver, adjoint: adjoint.of })
  return adjoint._tag === "truncated"
    ? { ...solver, method: { _tag: "iterate", count: adjoint.steps - adjoint.last }, onFailure: counted(solver) }
    : solver
}

/** Solves z = f(z), from the end of another solve where `earlier` holds one. */
export const solveLeaves = (
  closed: Closed,
  init: readonly AnyTensor[],
  solver: Solver,
  asked: Asked = {},
  earlier: readonly AnyTensor[] = [],
): SolvedLeaves => {
  const { adjoint } = solver
  const n = init.length
  if (adjoint._tag === "bilevel") {
    const { z, outs } = solveLeaves(closed, init, { ...solver, adjoint: adjoint.of }, asked, earlier)
    return { z: straightThrough(z, init), outs }
  }
  const stepped = stepLeaves(closed, init, solver)
  if (stepped !== null) {
    const outs = judge(closed, stepped, solver)
    return { z: outs.slice(0, n), outs }
  }
  const outs = solve(throughSolve(adjoint) ? guarded(closed, solver) : closed, init, ranBy(solver), asked, earlier)
  const made: ReturnType<typeof atSolution> =
    adjoint._tag === "truncated" ? (f, z) => unrolledSteps(f, z, adjoint.last, 1) : atSolution(adjoint)
  if (made === null) {
    const z = outs.slice(0, n)
    // a linear solve tells of tangents, too
    return { z: isSolved(adjoint) ? z : tangentsTold(siteOf(solver), solver.onFailure, z), outs }
  }
  const led = follow(closed, outs, solver, made)
  if (!movesOn(adjoint)) return { z: led, outs }
  const judged = judge(closed, led, solver)
  // status and residual of the last step, what else is told of the steps before
  return { z: judged.slice(0, n), outs: [...outs.slice(0, n), ...judged.slice(n, n + 2), ...outs.slice(n + 2)] }
}
