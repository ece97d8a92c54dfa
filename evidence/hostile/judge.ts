/** What a program claims of its results, held against plain numbers. Each fault is a sentence; none is a silent error less. */
import { reachesInit } from "../../src/implicit/spec/index.js"
import { type Adjoint, type RunError, type SolveReport, solveStatuses } from "../../src/index.js"
import type { Pointwise } from "./maps.js"
import type { Plan } from "./plan.js"
import { type Bounded, limits, type Numbers, transposedAt, valueAt } from "./problem.js"
import { numbersOf, type Results } from "./program.js"

/** What came of a case: refused with a reason, answered and found as claimed, or at fault. */
export type Finding =
  | { readonly t: "refused" }
  | { readonly t: "answered"; readonly converged: number; readonly adjoints: number }
  | { readonly t: "fault"; readonly why: string }

const fault = (why: string): Finding => ({ t: "fault", why })
const CONVERGED = solveStatuses.indexOf("Converged")

const length = (x: Iterable<number>): number => Math.hypot(...x)
const finite = (x: Float64Array): boolean => x.every(Number.isFinite)

export const judgeRefusal = ({ solver, shape }: Plan, error: RunError): Finding => {
  if (error._tag === "TraceError") return shape.n === 0 || shape.rows === 0 ? { t: "refused" } : fault(`refused: ${error.message}`)
  if (error._tag !== "NotConverged") return fault(`it ended as ${error._tag}: ${error.message}`)
  if (solver.onFailure !== "reject") return fault(`the policy ${solver.onFailure} was refused: ${error.message}`)
  if (error.solves.length === 0 || error.solves.some((s) => s.status === "Converged" || s.status === "NotRun"))
    return fault(`refused for solves that converged: ${error.message}`)
  return { t: "refused" }
}

const told = (x: number): string => x.toExponential(3)

/** Status and residual of a row's solution. */
const judgeSolution = (plan: Plan, p: Numbers, z: Float64Array, row: number, status: number, residual: number): string | null => {
  const { epsilon } = limits[plan.target === "wasm" ? "float32" : "float64"]
  if (!Number.isInteger(status) || status < CONVERGED || status >= solveStatuses.length) return `row ${row} has the status ${status}`
  const name = solveStatuses[status]
  if (plan.solver.onFailure === "reject" && status !== CONVERGED) return `row ${row} is handed out with the status ${name}`
  const fz = valueAt(plan.g, p, z, row, epsilon)
  const difference = fz.map(({ value }, i) => value - (z[i] as number))
  const found = length(difference)
  const slack = length(fz.map(({ bound }, i) => bound + 4 * epsilon * Math.abs(z[i] as number))) + 64 * epsilon * found
  if (status === CONVERGED && !Number.isFinite(found)) return `row ${row} is Converged where f(z) - z is ${found}`
  if (!Number.isFinite(found))
    return Number.isFinite(residual) ? `row ${row} tells the residual ${told(residual)} where f(z) is not finite` : null
  if (!Number.isFinite(slack)) return null
  if (!Number.isFinite(residual)) {
    // nothing finite was met: f at the start, as rounded there, was not
    return status === CONVERGED ? `row ${row} is Converged with the residual ${residual}` : null
  }
  if (Math.abs(found - residual) > slack)
    return `row ${row} (${name}) tells the residual ${told(residual)}; |f(z) - z| is ${told(found)}, rounding ${told(slack)}`
  const { atol = epsilon ** (2 / 3), rtol = epsilon ** (2 / 3) } = plan.solver
  const tolerance = atol + rtol * length(fz.map(({ value }) => value))
  if (status === CONVERGED && found > tolerance * (1 + 1e-6) + slack)
    return `row ${row} is Converged with the residual ${told(found)}, tolerance ${told(tolerance)}`
  return null
}

/** What is claimed of the adjoint state: the residual that its equation may have, as a share of |u|, or the terms of its series. */
interface Claim {
  readonly share?: number
  /** tau sum over i < terms of ((1 - tau) I + tau A')^i u. */
  readonly series?: { readonly terms: number; readonly tau: number }
}

/** Null where nothing is claimed that a twin could tell. */
const claimOf = (adjoint: Adjoint, g: Pointwise): Claim | null => {
  switch (adjoint._tag) {
    case "exact":
      return { share: 0 }
    case "shine":
      return adjoint.guard === undefined ? null : { share: adjoint.guard }
    case "oneStep":
      return { series: { terms: 1, tau: 1 } }
    case "neumann":
      return { series: { terms: adjoint.terms + 1, tau: 1 } }
    case "phantom":
      // each step is differentiated where it stands, which matters where the slope does
      return g.name === "affine" ? { series: { terms: adjoint.steps, tau: adjoint.tau } } : null
    case "bilevel":
      return claimOf(adjoint.of, g)
    default:
      return null
  }
}

/** The adjoint state of a row against its equation (I - A') lambda = u, or against the terms of its series. */
const judgeAdjoint = (plan: Plan, p: Numbers, z: Float64Array, lambda: readonly number[], row: number): string | null => {
  const n = z.length
  const { epsilon } = limits[plan.target === "wasm" ? "float32" : "float64"]
  const u = [...p.u.subarray(row * n, (row + 1) * n)]
  const { adjoint, g } = plan
  const claim = claimOf(adjoint, g)
  if (claim?.share !== undefined) {
    const back = transposedAt(g, p, z, lambda, row, epsilon)
    const error = length(back.map(({ value }, i) => (u[i] as number) + value - (lambda[i] as number)))
    const rounding = length(back.map(({ bound }, i) => bound + 64 * epsilon * Math.abs(lambda[i] as number)))
    // a dense solve is accepted up to a hundred default tolerances, an iterative one up to ten of its own, of |u| + |lambda|
    const solved = 100 * epsilon ** (2 / 3) * (length(u) + length(lambda))
    const allowed = Math.max(claim.share * length(u), solved) + rounding
    return error <= allowed || !Number.isFinite(rounding)
      ? null
      : `row ${row}: the adjoint state misses its equation by ${told(error)}, allowed ${told(allowed)}`
  }
  if (claim?.series === undefined) return null
  const { terms, tau } = claim.series
  let term: readonly Bounded[] = u.map((value) => ({ value: tau * value, bound: 0 }))
  let total = term
  for (let k = 1; k < terms; k++) {
    const size = term.map((t) => Math.abs(t.value) + t.bound)
    const next = transposedAt(
      g,
      p,
      z,
      term.map((t) => t.value),
      row,
      epsilon,
    )
    // how far the bounds of this term reach into the next: at most |A'| of them, seen on the sizes
    const reach = transposedAt(g, p, z, size, row, epsilon).map((t) => t.bound)
    const carried = carry(plan, p, z, term, row)
    term = next.map((t, i) => {
      const { value, bound } = term[i] as Bounded
      // what is added may cancel: its rounding is that of both sizes
      const rounding = 4 * epsilon * (1 - tau) * Math.abs(value)
      return {
        value: (1 - tau) * value + tau * t.value,
        bound: (1 - tau) * bound + tau * ((reach[i] as number) + (carried[i] as number)) + rounding,
      }
    })
    total = total.map((t, i) => ({ value: t.value + (term[i] as Bounded).value, bound: t.bound + (term[i] as Bounded).bound }))
  }
  const off = total.findIndex(
    ({ value, bound }, i) =>
      !(Math.abs(value - (lambda[i] as number)) <= bound + 256 * epsilon * Math.abs(value)) &&
      Number.isFinite(bound) &&
      Number.isFinite(value),
  )
  return off < 0
    ? null
    : `row ${row}: component ${off} of the series is ${told(lambda[off] as number)}, expected ${told((total[off] as Bounded).value)}`
}

/** |A'| times the bounds of a term. */
const carry = (plan: Plan, p: Numbers, z: Float64Array, term: readonly Bounded[], row: number): readonly number[] => {
  const { epsilon } = limits[plan.target === "wasm" ? "float32" : "float64"]
  const sums = new Float64Array(z.length)
  term.forEach(({ bound }, i) => {
    const alone = transposedAt(
      plan.g,
      p,
      z,
      term.map((_, k) => (k === i ? bound : 0)),
      row,
      epsilon,
    )
    alone.forEach((t, j) => {
      sums[j] = (sums[j] as number) + Math.abs(t.value) + t.bound
    })
  })
  return [...sums]
}

/** The gradient to the initial state: none, the cotangent handed on, or (null) that of a program of steps. */
const startGradient = (adjoint: Adjoint, { u }: Numbers): Float64Array | null =>
  adjoint._tag === "bilevel" ? u : reachesInit(adjoint) ? null : new Float64Array(u.length)

export const judgeResults = (plan: Plan, p: Numbers, results: Results, solves: readonly SolveReport[]): Finding => {
  const { rows, n } = plan.shape
  const [z, status, residual, y] = [results.z, results.status, results.residual, results.y].map(numbersOf) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const gradient = Object.fromEntries(Object.entries(results.gradient).map(([k, t]) => [k, numbersOf(t as never)])) as Record<
    string,
    Float64Array
  >
  const rejects = plan.solver.onFailure === "reject"
  const sound = solves.every((s) => s.status === "Converged" || s.status === "NotRun")
  // where a given number of steps ended need not have converged (with phantom what they began at has): only what is finite counts
  const seeks = !["truncated", "phantom", "unrolled", "checkpointed"].includes(plan.adjoint._tag)
  if (rejects && seeks && !sound) return fault(`handed out with ${JSON.stringify(solves)}`)
  if (rejects && !finite(y)) return fault(`the value is [${y}]`)
  if (rejects) for (const [k, x] of Object.entries(gradient)) if (x.some(Number.isNaN)) return fault(`the gradient to ${k} is [${x}]`)
  const toStart = startGradient(plan.adjoint, p)
  if (toStart !== null && (gradient.start as Float64Array).some((x, i) => x !== toStart[i]))
    return fault(`the gradient to the start is [${gradient.start}], expected [${toStart}]`)
  let [converged, adjoints] = [0, 0]
  for (let row = 0; row < rows; row++) {
    const state = z.subarray(row * n, (row + 1) * n)
    const why = judgeSolution(plan, p, state, row, status[row] as number, residual[row] as number)
    if (why !== null) return fault(why)
    if (status[row] !== CONVERGED) continue
    converged++
    // one linear solve that failed somewhere leaves no row's adjoint claimed
    if (!sound || n === 0) continue
    const lambda = Array.from((gradient.d as Float64Array).subarray(row * n, (row + 1) * n), (x) => x / (p.s[0] as number))
    const bad = lambda.every(Number.isFinite) ? judgeAdjoint(plan, p, state, lambda, row) : null
    if (bad !== null) return fault(bad)
    adjoints++
  }
  return { t: "answered", converged, adjoints }
}
