/** Which programs are tried: family, solver, adjoint, policy and target of the program with a number, all from the seed. */
import type { Adjoint, Policy, Solver } from "../../src/index.js"
import { adjointList, goesTogether, solverList } from "../../test/support/implicit-lists.js"
import { type Pointwise, pointwise } from "./maps.js"
import type { Batching, Shape } from "./problem.js"
import { randomOf } from "./random.js"

export const hostileTargets = ["interpreter", "wasm:f64", "wasm"] as const
export type HostileTarget = (typeof hostileTargets)[number]

export interface Plan {
  readonly g: Pointwise
  readonly shape: Shape
  readonly solver: Solver
  readonly adjoint: Adjoint
  readonly target: HostileTarget
  readonly told: string
}

const policies: readonly Policy[] = ["reject", "useBest"]

export const planOf = (seed: number, program: number): Plan => {
  const r = randomOf(seed, program, 1)
  const g = r.pick(pointwise)
  const batching = r.pick<Batching>(["one", "perRow", "vmap"])
  // now and then a state without a number, or a batch without a row
  const n = r.chance(0.04) ? 0 : 1 + r.below(3)
  const rows = batching === "one" ? 1 : r.chance(0.04) ? 0 : 1 + r.below(4)
  const { name, value: method } = r.pick(solverList)
  const adjoint = r.pick(adjointList.filter(({ value }) => goesTogether(method, value)))
  const onFailure = r.pick(policies)
  const target = r.pick(hostileTargets)
  // an absolute tolerance of nothing lets no small unit pass for converged; and some budgets are too small
  const tolerance = r.chance(0.5) ? { atol: 0 } : {}
  const budget = r.chance(0.2) ? { maxEvaluations: 1 + r.below(12) } : {}
  const told = [
    g.name,
    `n = ${n}`,
    batching === "one" ? "" : `${batching} ${rows} rows`,
    name,
    adjoint.name,
    onFailure,
    JSON.stringify({ ...tolerance, ...budget }),
    target,
  ]
  return {
    g,
    shape: { batching, rows, n },
    solver: { ...method, ...tolerance, ...budget, adjoint: adjoint.value, onFailure },
    adjoint: adjoint.value,
    target,
    told: told.filter((x) => x !== "" && x !== "{}").join(", "),
  }
}
