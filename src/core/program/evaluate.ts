/** Runs an expression at once, on the interpreter: for the REPL, tests and small values. */
import * as E from "fp-ts/lib/Either.js"
import { harvestGraph } from "../compile/harvest.js"
import { type RunError, TraceError } from "../errors.js"
import { closeExpression } from "../graph/close.js"
import { runFailure, runGraph } from "../targets/interpreter/index.js"
import { applyOf, constant, constantData, isPlaceholder } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { flatten, unflatten } from "../tensor/tree.js"
import { badOutputs, explainNonFinite } from "./debug.js"
import type { Read } from "./handle.js"
import { notConverged, readReport } from "./report.js"

const NEVER = { cancelled: false }

/** The values of leaves, or a `TraceError` that names the function whose argument one is. */
export const leafValues = (what: string, leaves: readonly AnyTensor[]): readonly Float64Array[] =>
  leaves.map((t) => {
    const data = constantData(t)
    if (data !== null) return data
    const a = applyOf(t)
    const owner = isPlaceholder(a) ? a.params.owner : a.op.name
    throw new TraceError(
      `${what}: the expression depends on an argument of ${owner}, which has no value: inside a function's callback nothing can be computed yet. Return the tensor from it instead`,
    )
  })

/** How `evaluate` looks at what it computes. */
export interface EvaluateOptions {
  /** Where the value is not finite, gives `Left(NonFiniteValue)` with the op that made it; the line too, of what `withLines` made. */
  readonly debug?: boolean
}

const evaluateAll = (tensors: readonly AnyTensor[], { debug = false }: EvaluateOptions): E.Either<RunError, readonly AnyTensor[]> => {
  const { graph, captured } = closeExpression(tensors)
  const harvested = harvestGraph(graph)
  const leaves = leafValues("evaluate", captured)
  const values = runGraph(harvested.graph, leaves, NEVER)
  const bad = debug ? badOutputs(harvested.graph, tensors.length, values) : []
  const fault = bad.length === 0 ? null : explainNonFinite(harvested.graph, leaves, bad, values, () => "a leaf", NEVER)
  if (fault !== null) return E.left(fault)
  const failure = notConverged(readReport(harvested.emissions, values.slice(tensors.length)))
  // a value may be an input or stand in two places; leaves own their data
  return failure === null ? E.right(tensors.map((t, i) => constant(t.type, (values[i] as Float64Array).slice()))) : E.left(failure)
}

/**
 * A tree of expressions as a tree of leaves. They have no history: a loop in a REPL neither recomputes nor keeps its past.
 * Leaves are returned as they are.
 *
 * @example
 * evaluate(mul(tensor(3), 2)) // right(6)
 */
export const evaluate = <P>(tree: P, options: EvaluateOptions = {}): E.Either<RunError, Read<P>> => {
  try {
    const flat = flatten("evaluate", tree)
    const open = flat.leaves.filter((t) => constantData(t) === null)
    const made = open.length === 0 ? E.right([]) : evaluateAll(open, options)
    if (E.isLeft(made)) return made
    let next = 0
    const leaves = flat.leaves.map((t) => (constantData(t) === null ? made.right[next++] : t))
    return E.right(unflatten(flat.structure, leaves) as Read<P>)
  } catch (error) {
    return E.left(runFailure(error))
  }
}
