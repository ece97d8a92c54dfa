/** Every subject on one target: how far its programs are from the float64 interpreter. */
import * as E from "fp-ts/lib/Either.js"
import { interpret, type RunError, type TargetName } from "../../src/core/index.js"
import { seeded } from "../../src/laws/arbitraries/element.js"
import { type Precision, roundingBound } from "../../src/laws/index.js"
import { type Judgement, judge } from "../targets/judge.js"
import type { Answer, Results, Runner } from "../targets/runners.js"
import { isExact } from "./exact.js"
import type { Use } from "./uses.js"

/** What a use gave on a target. */
export type Found =
  | ({ readonly t: "judged" /** Float32 has to give the very numbers, and did or did not. */; readonly exact: boolean } & Judgement)
  | { readonly t: "refused"; readonly why: string }
  | { readonly t: "failed"; readonly why: string }

/** A failure that a reader can act on names the target; one that the library did not foresee is told as "failed". */
const refusal = (e: RunError, target: string): Found => {
  const foreseen = e._tag === "TraceError" || (e._tag === "TargetFailure" && e.message.startsWith(target) && !e.message.includes("failed:"))
  return { t: foreseen ? "refused" : "failed", why: `${e._tag}: ${e.message}` }
}

const random = (seed: number) => {
  const next = seeded(seed)
  return () => next(0, 2 ** 30 - 1) / 2 ** 30
}

export interface Prepared {
  readonly use: Use
  readonly exact: Results
  readonly boundsFor: (p: Precision) => Results
  readonly isExact: () => boolean
}

/** A solve stops by the size of its whole residual: each element may be as far off as the one that may be furthest. */
const alike = (bounds: Results): Results =>
  bounds.map((b) => {
    const most = Array.from(b).reduce((m, x) => (Number.isNaN(x) ? x : Math.max(m, x)), 0)
    return Array.from(b, () => most)
  })

/** A solve may be as far from the solution as the residual it stops at: a target's values are moved by that, in place of a rounding. */
const unitOf = (p: Precision, solves: boolean): Precision => (solves ? { ...p, unit: p.unit ** (2 / 3) } : p)

/** What does not depend on the target: the oracle's numbers, and for each precision the bounds. */
export const prepared = (use: Use): Prepared => {
  const { plain, simplified } = use
  const exact: Results = interpret(plain.graph, plain.inputs, { cancelled: false })
  const bounds = new Map<number, Results>()
  let inFloat32: boolean | null = null
  return {
    use,
    exact,
    boundsFor: (p: Precision): Results => {
      const known = bounds.get(p.unit)
      if (known !== undefined) return known
      const found = roundingBound(simplified.graph, simplified.inputs, random(1), unitOf(p, use.solves))
      const made = use.solves ? alike(found) : found
      bounds.set(p.unit, made)
      return made
    },
    isExact: (): boolean => {
      inFloat32 ??= isExact(simplified)
      return inFloat32
    },
  }
}
const doubles: readonly TargetName[] = ["interpreter", "wasm:f64"]

/** The oracle's numbers; the machine epsilon, as an op, is that of the target's floats. */
const expected = ({ use, exact }: Prepared, target: TargetName): Results =>
  use.subject !== "epsilon" || doubles.includes(target) ? exact : exact.map(() => [2 ** -23])

const found = (p: Prepared, answer: Answer, runner: Runner): Found => {
  if (E.isLeft(answer)) return refusal(answer.left, runner.target)
  const exact = p.isExact()
  const zero = p.exact.map((y) => new Float64Array(y.length))
  const judged = judge(expected(p, runner.target), exact ? zero : p.boundsFor(runner.precision), answer.right)
  return { t: "judged", exact, ...judged, loose: exact ? 0 : judged.loose }
}

export const runOn = async (runner: Runner, all: readonly Prepared[]): Promise<readonly Found[]> => {
  const answers = await runner.run(all.map((p) => p.use.simplified))
  return all.map((p, i) => found(p, answers[i] as Answer, runner))
}
