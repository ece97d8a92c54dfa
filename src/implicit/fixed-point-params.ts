import { type Graph, sizeOf, type TensorType } from "../core/index.js"
import { algorithmOf, memoryShape } from "./solvers/index.js"
import { budgetOf, type Solver } from "./spec/index.js"

/**
 * Inputs: constants (what f captured), the initial state, then, if it resumes, the state and the memory of an earlier solve. Outputs: the
 * state, then status, residual, evaluations a row, then the trace where it is asked for and the memory where it is asked for or the
 * adjoint is `shine`, then what f emits.
 */
export interface FixedPointParams {
  /** (constants, z) -> z, and then what its own solves emit. */
  readonly f: Graph
  /** How many of the row axes each constant carries in front. Rows that `perRow` named are the state's alone: its constants have none. */
  readonly constants: readonly number[]
  readonly rows: number
  readonly solver: Solver
  readonly site: string
  readonly emitted: number
  /** Whether it begins where an earlier solve ended. */
  readonly resumes?: boolean
  /** Whether it gives the residual of every evaluation. */
  readonly traces?: boolean
  /** Whether it gives what its solver remembers. */
  readonly remembers?: boolean
}

/** Leaves of the state. */
export const leavesOf = (p: FixedPointParams): number => p.f.outputs.length - p.emitted

/** Types of what the solver remembers of a state, rows in front. */
export const memoryTypes = (
  { solver, rows }: Pick<FixedPointParams, "solver" | "rows">,
  state: readonly TensorType[],
): readonly TensorType[] => {
  const lead = (state[0] as TensorType).shape.slice(0, rows)
  const unknowns = state.reduce((n, t) => n + sizeOf(t.shape.slice(rows)), 0)
  return memoryShape(algorithmOf(solver.method), unknowns).types.map(({ elem, shape }) => ({ elem, shape: [...lead, ...shape] }))
}

/** Whether it gives what its solver remembers: to a later solve, or to its own adjoint. */
export const givesMemory = ({ remembers, solver }: FixedPointParams): boolean => remembers === true || solver.adjoint._tag === "shine"

/** Types of what it gives beside the state, before what f emits: one number a row each, and what was asked for. */
export const toldTypes = (p: FixedPointParams, state: readonly TensorType[]): readonly TensorType[] => {
  const lead = (state[0] as TensorType).shape.slice(0, p.rows)
  const each: TensorType = { elem: "float", shape: lead }
  return [
    each,
    each,
    each,
    ...(p.traces ? [{ elem: "float" as const, shape: [...lead, budgetOf(p.solver)] }] : []),
    ...(givesMemory(p) ? memoryTypes(p, state) : []),
  ]
}

/** The inputs by their parts. */
export const partsOfInputs = <T>(p: FixedPointParams, inputs: readonly T[]) => {
  const [constants, n] = [p.constants.length, leavesOf(p)]
  return {
    constants: inputs.slice(0, constants),
    init: inputs.slice(constants, constants + n),
    /** State and memory of an earlier solve. */
    earlier: inputs.slice(constants + n),
  }
}

/** What the solver remembers, of the outputs of a solve that gives it. */
export const memoryOf = <T>(p: FixedPointParams, outputs: readonly T[]): readonly T[] =>
  outputs.slice(leavesOf(p) + (p.traces ? 4 : 3), outputs.length - p.emitted)
