/** Values of expressions on the interpreter, together with what their solves tell: tests of statuses need the report also when a solve is refused. */
import { type AnyTensor, closeExpression, flatten, harvestGraph, type SolveReport } from "../../src/core/index.js"
import { leafValues } from "../../src/core/program/evaluate.js"
import { readReport } from "../../src/core/program/report.js"
import { runGraph } from "../../src/core/targets/interpreter/index.js"

export interface Outcome {
  /** One array a leaf, in the order of the tree. */
  readonly values: readonly (readonly number[])[]
  readonly solves: readonly SolveReport[]
  /** The solves for whose sake the program would end as a `Left`. */
  readonly refused: readonly SolveReport[]
}

const valuesOf = (leaves: readonly AnyTensor[]) => {
  const { graph, captured } = closeExpression(leaves)
  const harvested = harvestGraph(graph)
  const all = runGraph(harvested.graph, leafValues("outcome", captured), { cancelled: false })
  return { own: all.slice(0, leaves.length), ...readReport(harvested.emissions, all.slice(leaves.length)) }
}

export const outcome = (tree: unknown): Outcome => {
  const { own, report, refused } = valuesOf(flatten("outcome", tree).leaves)
  return { values: own.map((x) => [...x]), solves: report.solves, refused }
}

/** All numbers of a tree, leaf after leaf; throws where a solve would be refused, so that no test compares garbage. */
export const numbers = (tree: unknown): readonly number[] => {
  const { values, refused } = outcome(tree)
  if (refused.length > 0) throw new Error(`refused: ${refused.map((s) => `${s.site} ${s.status}`).join(", ")}`)
  return values.flat()
}

export const number = (tree: unknown): number => numbers(tree)[0] as number

/** The report of the solve with this name. */
export const solveOf = (tree: unknown, site: string): SolveReport => {
  const { solves } = outcome(tree)
  const found = solves.find((s) => s.site === site)
  if (found === undefined) throw new Error(`no solve is called ${site}; there are: ${solves.map((s) => s.site).join(", ")}`)
  return found
}

/** The largest difference between two lists, relative to the largest of the expected numbers. */
export const relativeError = (expected: readonly number[], found: readonly number[]): number => {
  if (expected.length !== found.length) return Number.POSITIVE_INFINITY
  const scale = Math.max(...expected.map(Math.abs), Number.MIN_VALUE)
  const worst = Math.max(...expected.map((x, i) => Math.abs(x - (found[i] as number))))
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst === 0 ? 0 : worst / scale
}
