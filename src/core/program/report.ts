/** What a run tells beside its value: how its solves ended, and what its taps saw. */
import { type RunError, type SolveReport, type SolveStatus, solveStatuses } from "../errors.js"
import type { Emission } from "../op.js"
import { constant } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"

/** What one tap saw in a run. */
export interface TapReport {
  readonly site: string
  /** What the tap's author wrote down about it. */
  readonly info: unknown
  readonly values: readonly AnyTensor[]
}

/** What a run tells beside its value. */
export interface Report {
  readonly solves: readonly SolveReport[]
  readonly taps: readonly TapReport[]
}

/** The report, and the solves whose policy is to refuse an answer that did not converge. */
interface Read {
  readonly report: Report
  readonly refused: readonly SolveReport[]
  /** What the authors of refused solves have to say of them, in their order; null where they leave it to the status. */
  readonly advised: readonly (string | null)[]
}

/** Statuses up to this one are answers. */
const CONVERGED = solveStatuses.indexOf("Converged")
const NON_FINITE = solveStatuses.indexOf("NonFinite")

const policyOf = (info: unknown): unknown => (typeof info === "object" && info !== null && "policy" in info ? info.policy : undefined)
const adviceOf = (info: unknown): string | null =>
  typeof info === "object" && info !== null && "advice" in info && typeof info.advice === "string" ? info.advice : null

/** "reject" takes converged answers only; "fixedBudget" takes what a fixed number of steps gave, if it is finite. */
const isRefused = (code: number, policy: unknown): boolean =>
  (policy === "reject" && code > CONVERGED) || (policy === "fixedBudget" && code === NON_FINITE)

/** What a linear solve tells of its operator: an estimate of the condition, 0 where there is none, and the number of unknowns. */
const operatorOf = ([condition, unknowns]: readonly number[]): Pick<SolveReport, "unknowns" | "rcond"> => ({
  ...(unknowns === undefined ? {} : { unknowns }),
  ...(condition === undefined || condition === 0 ? {} : { rcond: 1 / condition }),
})

/** `values` are the emissions' tuples, flattened in order. */
export const readReport = (emissions: readonly Emission[], values: readonly Float64Array[]): Read => {
  const solves: SolveReport[] = []
  const refused: SolveReport[] = []
  const advised: (string | null)[] = []
  const taps: TapReport[] = []
  let next = 0
  for (const { kind, site, info, types } of emissions) {
    const tuple = values.slice(next, (next += types.length))
    if (kind === "solve") {
      const [code, residual, evaluations, ...operator] = tuple.map((x) => x[0] as number) as [number, number, number, ...number[]]
      const solve: SolveReport = {
        site,
        status: solveStatuses[code] as SolveStatus,
        residual,
        evaluations,
        ...(code > CONVERGED ? operatorOf(operator) : {}),
      }
      solves.push(solve)
      if (isRefused(code, policyOf(info))) {
        refused.push(solve)
        advised.push(adviceOf(info))
      }
    } else {
      taps.push({ site, info, values: tuple.map((data, i) => constant(types[i] as (typeof types)[number], data)) })
    }
  }
  return { report: { solves, taps }, refused, advised }
}

const advice: Readonly<Record<SolveStatus, string>> = {
  NotRun: "",
  Converged: "",
  Exhausted: "raise maxEvaluations or the tolerance, or try anderson or broyden, which converge faster",
  Stalled: "the residual stopped falling: raise the tolerance to what the precision allows, use a float64 target, or another method",
  Diverged: "the map is probably no contraction there: damp it (damped), start nearer, or use a Newton method",
  Breakdown:
    "the method met a division by (nearly) zero, its bracket holds no change of sign, or a linear operator is not what it is said to be (linear, positiveDefinite, of rows that perRow may take one by one): use another method, or another bracket",
  Singular: "the linear system has no unique solution there: check that the fixed point is isolated, or regularise",
  NonFinite: "an iterate was NaN or infinite: check the inputs and the range of the function, or damp it",
  Coupled:
    "a row that had converged no longer did when other rows moved: they depend on one another (statistics of the batch, a sum over its rows), so leave perRow out",
}

const told = (x: number): string => x.toPrecision(3)

/** ", its operator of 12 unknowns with a reciprocal condition of about 1.2e-17" */
const toldOperator = ({ unknowns, rcond }: SolveReport): string =>
  unknowns === undefined
    ? ""
    : `, its operator of ${unknowns} unknown${unknowns === 1 ? "" : "s"}${rcond === undefined ? "" : ` with a reciprocal condition of ${rcond === 0 ? "0" : `about ${rcond.toExponential(1)}`}`}`

/** The failure of a run some of whose solves are refused, or null. */
export const notConverged = ({ refused, advised }: Pick<Read, "refused" | "advised">): RunError | null =>
  refused.length === 0
    ? null
    : {
        _tag: "NotConverged",
        message: `${refused
          .map(
            (s, i) =>
              advised[i] ??
              `${s.site}: ${s.status} with residual ${told(s.residual)} after ${s.evaluations} evaluation${s.evaluations === 1 ? "" : "s"}${toldOperator(s)}; ${advice[s.status]}`,
          )
          .join(". ")}. To take the answer as it is, give the solver onFailure: "useBest"`,
        solves: refused,
      }
