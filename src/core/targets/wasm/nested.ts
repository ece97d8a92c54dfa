/** Loops within loops. */
import { forNonEmpty, i32 } from "./assembly.js"
import type { Code, Fn } from "./emitter.js"
import type { Evaluation } from "./evaluation.js"
import type { Loop } from "./skeleton.js"

type Bounds = readonly [Code, Code]

const allTurns = ({ turns }: Loop): Bounds => [i32.const(0), i32.const(turns)]

/** Loops within loops, with the statements of each body before what it contains. */
export const nested = (
  f: Fn,
  loops: readonly Loop[],
  evaluations: readonly Evaluation[],
  body: () => void,
  boundsOf: (loop: Loop) => Bounds = allTurns,
): void => {
  const [first, ...rest] = loops
  if (first === undefined) return body()
  for (const evaluation of evaluations) evaluation.startWalks(first.variable)
  const [from, to] = boundsOf(first)
  forNonEmpty(f, first.local, from, to, 1, () => {
    for (const evaluation of evaluations) evaluation.begin(first.region)
    nested(f, rest, evaluations, body, boundsOf)
    for (const evaluation of evaluations) evaluation.stepWalks(first.variable)
  })
}
