/** A user's function with its solves done in another way, and what comparisons of two ways need. */
import { type AnyTensor, closeBody, type TensorType } from "../../core/index.js"
import {
  type Adjoint,
  type AnyLinearSolver,
  auto,
  dense,
  exact,
  type FoundSolve,
  fixedCount,
  gmres,
  type LinearSolver,
  type Method,
  partsOf,
  type Solver,
  withSolves,
} from "../../implicit/index.js"
import { type Verdict, vacuous } from "../law.js"
import { type Fn, RunRefused } from "../run.js"

type Leaves = readonly AnyTensor[]

/** `fn` with every solve changed; `extra` are inputs behind its own. */
export const rewritten = (fn: Fn, extra: readonly TensorType[], change: (s: FoundSolve, extra: Leaves) => Leaves): Fn => ({
  inputs: [...fn.inputs, ...extra],
  apply: (args) => {
    const closed = closeBody("laws", fn.inputs, fn.apply)
    const own = args.slice(0, fn.inputs.length)
    return withSolves(closed.graph, [...closed.captured, ...own], (s) => change(s, args.slice(fn.inputs.length)))
  },
})

/** What the solves of a function are, without computing anything. */
export const solvesOf = (fn: Fn): readonly FoundSolve[] => {
  const all: FoundSolve[] = []
  const seen = rewritten(fn, [], (s) => {
    all.push(s)
    return s.solve()
  })
  closeBody("laws", seen.inputs, seen.apply)
  return all
}

/**
 * Tolerances of solves that are compared. Two solutions with residuals up to 1e-13 differ by up to 2e-13 / (1 - q) where f contracts
 * by q, and derivatives of moderate programs by some ten times that: `AGREE` covers q up to 0.999.
 */
const TIGHT = { atol: 1e-13, rtol: 1e-13, maxEvaluations: 4000 }
export const AGREE = 1e-8
/** Results below this size are compared as if they had it: next to zero the tolerance of a solve is absolute. */
export const FLOOR = 1e-2

const tightLinear = <L extends AnyLinearSolver>(linear: L): L => (linear._tag === "dense" ? linear : { ...linear, ...TIGHT, atol: 0 })

const tightAdjoint = (adjoint: Adjoint): Adjoint => {
  if (adjoint._tag !== "exact") return adjoint
  return adjoint.structure === "positiveDefinite"
    ? exact(tightLinear(adjoint.linear), adjoint.structure)
    : exact(tightLinear(adjoint.linear), adjoint.structure)
}

/** The same solver as exact as float64 allows, so that laws speak of the solution and not of the tolerance. */
export const tight = (solver: Solver): Solver => ({
  ...solver,
  ...TIGHT,
  adjoint: tightAdjoint(solver.adjoint),
})

/** `fn` with its solves tight, and changed further. */
export const tightened = (
  fn: Fn,
  extra: readonly TensorType[] = [],
  change: (s: FoundSolve, extra: Leaves) => Leaves = (s) => s.solve(),
): Fn => rewritten(fn, extra, (s, more) => change(s.changed({ solver: tight(s.solver) }), more))

/** The method that takes the steps: the first one, where there are several. */
const ofMethod = (method: Method): Method => {
  const [first] = partsOf(method)
  return first === undefined ? method : ofMethod(first)
}

/** Whether a solve looks for a solution; else its number of steps is the point. */
export const seeksSolution = (s: FoundSolve): boolean => fixedCount(s.solver.method) === null
/** Whether its derivatives are those of the solution. */
export const isExact = (s: FoundSolve): boolean => s.solver.adjoint._tag === "exact"

const METHODS: readonly Method[] = [
  { _tag: "anderson", memory: 5, mixing: 1 },
  { _tag: "newtonKrylov", memory: 30 },
  { _tag: "broyden", memory: 20, lineSearch: true },
]

/** Two other ways to the same solution, each with another linear solver, none of them in need of a contraction. */
export const otherSolvers = (solver: Solver): readonly Solver[] => {
  const tag = ofMethod(solver.method)._tag
  const linear = solver.adjoint._tag === "exact" ? solver.adjoint.linear : auto()
  const others = [linear._tag === "gmres" ? auto() : gmres(), linear._tag === "dense" ? gmres() : dense()]
  return METHODS.filter((m) => m._tag !== tag)
    .slice(0, 2)
    .map((method, i) => tight({ ...solver, method, ...(isExactAdjoint(solver) ? { adjoint: exact(others[i] as LinearSolver) } : {}) }))
}
const isExactAdjoint = (solver: Solver): boolean => solver.adjoint._tag === "exact"

/** A comparison with a run that may be refused, where a refusal means that the law's condition does not hold. */
export const where = (compare: () => Verdict): Verdict => {
  try {
    return compare()
  } catch (e) {
    if (e instanceof RunRefused) return vacuous
    throw e
  }
}

/** Types of the states of all solves in order: what offsets of them are. */
export const stateTypes = (solves: readonly FoundSolve[]): readonly TensorType[] => solves.flatMap((s) => s.init.map((t) => t.type))

/** Hands each solve, in order, its share of offsets. */
export const sharing = (): ((s: FoundSolve, all: Leaves) => Leaves) => {
  let next = 0
  return (s, all) => {
    const mine = all.slice(next, next + s.init.length)
    next = (next + s.init.length) % Math.max(all.length, 1)
    return mine
  }
}
