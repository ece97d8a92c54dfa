/** Statuses as numbers inside a program, and what a solve tells the program that contains it. */
import { type AnyTensor, type Emission, type SolveStatus, sizeOf, solveStatuses, type Tensor } from "../core/index.js"
import { add, full, less, max, where } from "../ops/index.js"
import type { Policy } from "./spec/index.js"

export const code = (status: SolveStatus): Tensor<[]> => full([], solveStatuses.indexOf(status)) as Tensor<[]>
export const codeOf = (status: SolveStatus): number => solveStatuses.indexOf(status)

const larger = (a: AnyTensor, b: AnyTensor): AnyTensor => where(less(a as Tensor, b as Tensor), b as Tensor, a as Tensor)

const scalar = { elem: "float", shape: [] } as const

/**
 * A solve's tuple is (status, residual, evaluations); the merge is the worst, the largest, the sum: in any order, the same. `advice` is what a
 * refusal says in place of the status.
 */
export const solveEmission = (site: string, policy: Policy, advice: string | null = null): Emission => ({
  kind: "solve",
  site,
  info: { policy, ...(advice === null ? {} : { advice }) },
  types: [scalar, scalar, scalar],
  merge: ([s, r, n], [s2, r2, n2]) => [
    larger(s as AnyTensor, s2 as AnyTensor),
    larger(r as AnyTensor, r2 as AnyTensor),
    add(n as Tensor, n2 as Tensor),
  ],
})

/** As `solveEmission`, and two numbers more: an estimate of the operator's condition (0 for none), and how many unknowns it has. */
export const linearEmission = (site: string, policy: Policy, advice: string | null = null): Emission => {
  const solve = solveEmission(site, policy, advice)
  return {
    ...solve,
    types: [...solve.types, scalar, scalar],
    merge: (a, b) => [...solve.merge(a.slice(0, 3), b.slice(0, 3)), ...a.slice(3).map((t, i) => larger(t, b[3 + i] as AnyTensor))],
  }
}

/** Derivative solves are sites too. */
export const derivativeSite = (site: string): string => (site.endsWith("'") ? site : `${site}'`)

/** Equal solves are done once, and told under the names of both. */
export const bothNames = (a: string, b: string): string => [...new Set([...a.split(" = "), ...b.split(" = ")])].join(" = ")

/** The tuple of a solve from its rows' statuses, residuals and evaluations: the worst row; of no rows, that nothing ran. */
export const worstRow = (rows: readonly AnyTensor[]): readonly AnyTensor[] =>
  rows.map((t) => (t.shape.length === 0 ? t : sizeOf(t.shape) === 0 ? full([], 0) : max(t as Tensor)))
