/** The public primitive: fixedPoint, and solveFixedPoint, which also tells how the solve went. */
import {
  type AnyTensor,
  apply,
  type Closed,
  closeBody,
  flatten,
  sameStructure,
  sameType,
  showStructure,
  showType,
  sizeOf,
  type Tensor,
  TraceError,
  type TreeLike,
  unflatten,
} from "../core/index.js"
import { add, condOnRows, finite, stopGradient, sub } from "../ops/index.js"
import { neumannSeries, unrolledSteps } from "./adjoints/index.js"
import { fixedPointOp } from "./fixed-point-op.js"
import { type FixedPointParams, memoryTypes } from "./fixed-point-params.js"
import { type Method, partsOf, rowsOf, type Solver } from "./spec/index.js"
import { type Warm, warmLeaves, warmOf } from "./warm.js"

/** What a solve gives. Everything but `z` is a constant to every transform. */
export interface SolvedFixedPoint<Z> {
  readonly z: Z
  /** A code of `solveStatuses`, one a row. */
  readonly status: Tensor
  /** |f(z) - z| of the state that is returned, one a row. */
  readonly residual: Tensor
  /** Evaluations of f, one a row. */
  readonly evaluations: Tensor
}

/** f closed over what it captured, checked to map states to states. */
const closeMap = (f: (z: never) => unknown, init: unknown) => {
  const state = flatten("fixedPoint: the initial state", init)
  if (state.leaves.length === 0) throw new TraceError("fixedPoint: the initial state has no tensors")
  state.leaves.forEach((t, i) => {
    if (t.type.elem !== "float")
      throw new TraceError(
        `fixedPoint: the state must be float, found ${showType(t.type)}${state.paths[i] === "" ? "" : ` at ${state.paths[i]}`}; what does not change can be captured, and whileLoop carries any kind`,
      )
  })
  const closed = closeBody(
    "fixedPoint",
    state.leaves.map((t) => t.type),
    (leaves) => {
      // a tree made of the leaves of the state: what f takes
      const out = flatten("fixedPoint: the state that f returns", f(unflatten(state.structure, leaves) as never))
      if (!sameStructure(out.structure, state.structure))
        throw new TraceError(
          `fixedPoint: the state has the structure ${showStructure(state.structure)}, f returned ${showStructure(out.structure)}`,
        )
      out.leaves.forEach((t, i) => {
        const before = (state.leaves[i] as AnyTensor).type
        if (!sameType(t.type, before))
          throw new TraceError(
            `fixedPoint: f must map states to states: ${state.paths[i] === "" ? "the state" : state.paths[i]} goes in as ${showType(before)} and comes out as ${showType(t.type)}`,
          )
      })
      return out.leaves
    },
  )
  return { closed, state }
}

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

type Asked = Pick<FixedPointParams, "traces" | "remembers">

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
  // Only `exact` differentiates the solve; for the other adjoints it is a constant, and what follows it is differentiated.
  const inputs = [...captured, ...init, ...earlier]
  const { name: site = "fixedPoint" } = solver
  return apply(
    fixedPointOp,
    { f: graph, constants: captured.map(() => 0), rows, solver, site, emitted: 0, resumes: earlier.length > 0, ...asked },
    solver.adjoint._tag === "exact" ? inputs : inputs.map((t) => (t.type.elem === "float" ? stopGradient(t as Tensor) : t)),
  )
}

/**
 * What an adjoint makes of a solution. Where failures are used, a row without any finite iterate stays the constant that it is:
 * f there would be NaN, and NaN times a cotangent of zero would reach the gradient of what the rows share.
 */
const follow = (
  { graph, captured }: Closed,
  outs: readonly AnyTensor[],
  { method, onFailure }: Solver,
  made: (f: Closed, z: readonly AnyTensor[]) => readonly AnyTensor[],
): readonly AnyTensor[] => {
  const n = graph.outputs.length
  const z = outs.slice(0, n)
  if (onFailure !== "useBest") return made({ graph, captured }, z)
  const rows = rowsOf(method)
  const operand = (rows: number) => (value: AnyTensor) => ({ value, rows, mask: false })
  return condOnRows(
    finite(outs[n + 1] as Tensor),
    [...captured.map(operand(0)), ...z.map(operand(rows))],
    z.map(() => rows),
    (args) => made({ graph, captured: args.slice(0, captured.length) }, args.slice(captured.length)),
    (args) => args.slice(captured.length),
  )
}

/** What else a solve takes and gives; nothing of it costs anything where it is not asked for. */
export interface SolveOptions<Z> {
  /** Whether the result has `trace`. */
  readonly trace?: boolean
  /**
   * Where an earlier solve ended, or null for the first of a series; the result then has `warm`, for the next. The solve begins at its
   * state instead of `init`, with what the solver had learnt. A row in which something of it is not finite begins at `init`.
   */
  readonly warm?: Warm<Z> | null
}

/** What a solve with these options gives. */
export type Solved<Z, O> = SolvedFixedPoint<Z> &
  (O extends { readonly trace: true }
    ? {
        /**
         * The residual of each evaluation, [rows..., most evaluations]: infinite where f was not finite, -1 behind the last evaluation of
         * the row. Constant to every transform.
         */
        readonly trace: Tensor
      }
    : unknown) &
  (O extends { readonly warm: Warm<unknown> | null }
    ? {
        /** The end of this solve, to begin a later one with. Constant to every transform. */
        readonly warm: Warm<Z>
      }
    : unknown)

/** The type of `solveFixedPoint`: what it gives follows from what it is asked for. */
export interface SolveFixedPoint {
  <Z>(f: (z: Z) => NoInfer<Z>, init: Z & TreeLike<Z>, solver: Solver): SolvedFixedPoint<Z>
  <Z, const O extends SolveOptions<Z>>(f: (z: Z) => NoInfer<Z>, init: Z & TreeLike<Z>, solver: Solver, options: O): Solved<Z, O>
}

/**
 * As `fixedPoint`, with the status, the residual and the number of evaluations of the solve as values in the program; on request with the
 * residual of every evaluation (`trace`) and with what a later solve can begin from (`warm`).
 *
 * @example
 * const { z, residual, evaluations } = solveFixedPoint((z) => cos(z), tensor(1), picard())
 * const { trace, warm } = solveFixedPoint((z) => cos(z), tensor(1), broyden(), { trace: true, warm: null })
 * solveFixedPoint((z) => cos(mul(z, 1.01)), tensor(1), broyden(), { warm }).evaluations // fewer
 */
export const solveFixedPoint: SolveFixedPoint = <Z, O extends SolveOptions<Z>>(
  f: (z: Z) => NoInfer<Z>,
  init: Z & TreeLike<Z>,
  solver: Solver,
  options?: O,
): Solved<Z, O> => {
  const { trace = false, warm }: SolveOptions<Z> = options ?? {}
  const { closed, state } = closeMap(f as (z: never) => unknown, init)
  const n = state.leaves.length
  const { adjoint } = solver
  if (adjoint._tag === "unrolled" && (trace || warm !== undefined))
    throw new TraceError(
      "solveFixedPoint: with the adjoint unrolled there is no solve that could be traced or begun warm; take another adjoint",
    )
  // with truncated, the steps that are not differentiated are a solve of fixed length, with its residual and its status
  const by: Solver =
    adjoint._tag === "truncated"
      ? { ...solver, method: { _tag: "iterate", count: adjoint.steps - adjoint.last }, onFailure: counted(solver) }
      : solver
  const answer = (z: readonly AnyTensor[], outs: readonly AnyTensor[]): Solved<Z, O> => {
    const told = outs.map((t) => stopGradient(t as Tensor))
    const [status, residual, evaluations] = told.slice(n) as [Tensor, Tensor, Tensor]
    const kept = told.slice(trace ? n + 4 : n + 3)
    return {
      z: unflatten(state.structure, z),
      status,
      residual,
      evaluations,
      ...(trace ? { trace: told[n + 3] } : {}),
      ...(warm === undefined ? {} : { warm: warmOf(unflatten(state.structure, told.slice(0, n)), kept, kindOf(by, state.leaves)) }),
    } as Solved<Z, O> // its fields follow the values of the options, which their types hold
  }
  const solved = () => {
    const asked: Asked = { traces: trace, remembers: warm !== undefined }
    return solve(closed, state.leaves, by, asked, warm == null ? [] : warmInputs(warm, by, state))
  }
  switch (adjoint._tag) {
    case "exact": {
      const outs = solved()
      return answer(outs.slice(0, n), outs)
    }
    case "oneStep":
    case "neumann": {
      const outs = solved()
      const terms = adjoint._tag === "oneStep" ? 0 : adjoint.terms
      return answer(
        follow(closed, outs, solver, (f, z) => neumannSeries(f, z, terms)),
        outs,
      )
    }
    case "truncated": {
      const outs = solved()
      const z = follow(closed, outs, solver, (f, z) => unrolledSteps(f, z, adjoint.last, 1))
      const judged = judge(closed, z, solver)
      // status and residual of the last step, what else is told of the steps before
      return answer(judged.slice(0, n), [...outs.slice(0, n), ...judged.slice(n, n + 2), ...outs.slice(n + 2)])
    }
    case "unrolled": {
      const z = unrolledSteps(closed, state.leaves, adjoint.steps, damping(solver.method))
      const judged = judge(closed, z, solver)
      return answer(judged.slice(0, n), judged)
    }
  }
}

/** What a warm start is told apart by: the method, and the number of unknowns it has histories of. */
const kindOf = ({ method }: Solver, leaves: readonly AnyTensor[]) => {
  const rows = rowsOf(method)
  return { method, unknowns: leaves.reduce((total, t) => total + sizeOf(t.shape.slice(rows)), 0) }
}

const warmInputs = (warm: Warm<unknown>, solver: Solver, state: ReturnType<typeof closeMap>["state"]): readonly AnyTensor[] => {
  const types = state.leaves.map((t) => t.type)
  const memory = memoryTypes({ solver, rows: rowsOf(solver.method) }, types)
  return warmLeaves(warm, { ...kindOf(solver, state.leaves), structure: state.structure, types, memory })
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

/** The policy of a number of steps that is given: not to converge is no failure, not to be finite is one. */
const counted = ({ onFailure }: Solver): Solver["onFailure"] => (onFailure === "useBest" ? "useBest" : "fixedBudget")

const perRowLike = (method: Method): Method =>
  rowsOf(method) > 0 ? { _tag: "perRow", of: { _tag: "iterate", count: 0 } } : { _tag: "iterate", count: 0 }

/** The damping of a method that is repeated application; others can't be unrolled by name of their steps. */
const damping = (method: Method): number => {
  switch (method._tag) {
    case "picard":
    case "iterate":
      return 1
    case "damped":
      return method.tau * damping(method.of)
    case "perRow":
      return damping(method.of)
    default:
      throw new TraceError(
        `unrolled: ${method._tag} is not repeated application; unroll picard, damped or iterate, or take the adjoint exact`,
      )
  }
}

/**
 * The fixed point z* = f(z*) as a differentiable value: tensors that `f` captures are its parameters, and their gradients come
 * from the implicit function theorem (or from what `solver.adjoint` says), at a cost that does not depend on how many iterations
 * the solve took. The gradient to `init` is zero (`unrolled` excepted).
 *
 * A solve that does not converge is refused when the program ends (`Left(NotConverged)`), unless its policy says otherwise.
 *
 * @example
 * const z = fixedPoint((z) => tanh(add(matmul(z, w), x)), zerosLike(x), anderson({ memory: 5 }))
 */
export const fixedPoint = <Z>(f: (z: Z) => NoInfer<Z>, init: Z & TreeLike<Z>, solver: Solver): Z => {
  if (solver.adjoint._tag !== "unrolled") return solveFixedPoint(f, init, solver).z
  const { closed, state } = closeMap(f as (z: never) => unknown, init)
  return unflatten(state.structure, unrolledSteps(closed, state.leaves, solver.adjoint.steps, damping(solver.method))) as Z
}
