/** The public primitive: fixedPoint, and solveFixedPoint, which also tells how the solve went. */
import {
  type AnyTensor,
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
import { stopGradient } from "../ops/index.js"
import { finiteSteps } from "./adjoints/index.js"
import { checkedSolver } from "./checked.js"
import { memoryTypes } from "./fixed-point-params.js"
import { type Asked, ranBy, solveLeaves, stepLeaves } from "./solve-leaves.js"
import { rowsOf, type Solver } from "./spec/index.js"
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
  checkedSolver("solveFixedPoint", solver)
  const { trace = false, warm }: SolveOptions<Z> = options ?? {}
  const { closed, state } = closeMap(f as (z: never) => unknown, init)
  const n = state.leaves.length
  if (finiteSteps(solver.adjoint, solver.method) !== null && (trace || warm !== undefined))
    throw new TraceError(
      `solveFixedPoint: with the adjoint ${solver.adjoint._tag} there is no solve that could be traced or begun warm; take another adjoint`,
    )
  const by = ranBy(solver)
  const asked: Asked = { traces: trace, remembers: warm !== undefined }
  const { z, outs } = solveLeaves(closed, state.leaves, solver, asked, warm == null ? [] : warmInputs(warm, by, state))
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
 * The fixed point z* = f(z*) as a differentiable value: tensors that `f` captures are its parameters, and their gradients come
 * from the implicit function theorem (or from what `solver.adjoint` says), at a cost that does not depend on how many iterations
 * the solve took. The gradient to `init` is zero (`unrolled`, `checkpointed` and `bilevel` excepted).
 *
 * A solve that does not converge is refused when the program ends (`Left(NotConverged)`), unless its policy says otherwise.
 *
 * @example
 * const z = fixedPoint((z) => tanh(add(matmul(z, w), x)), zerosLike(x), anderson({ memory: 5 }))
 */
export const fixedPoint = <Z>(f: (z: Z) => NoInfer<Z>, init: Z & TreeLike<Z>, solver: Solver): Z => {
  checkedSolver("fixedPoint", solver)
  const { closed, state } = closeMap(f as (z: never) => unknown, init)
  const z = stepLeaves(closed, state.leaves, solver) ?? solveLeaves(closed, state.leaves, solver).z
  return unflatten(state.structure, z) as Z
}
