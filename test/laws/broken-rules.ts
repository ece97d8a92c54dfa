/** Every op with each of its rules broken, in the ways in which rules are got wrong: what the laws have to find. */
import type { AnyOp } from "../../src/core/index.js"
import "../../src/implicit/index.js"
import * as fc from "fast-check"
import { drawn } from "../../src/laws/arbitraries/index.js"
import { type BrokenRule, type RuleKind, ruleKinds } from "./broken-rules/broken.js"
import { contraction } from "./broken-rules/contraction.js"
import { control } from "./broken-rules/control.js"
import { custom } from "./broken-rules/custom.js"
import { elementwise } from "./broken-rules/elementwise.js"
import { emitting } from "./broken-rules/emitting.js"
import { linalg } from "./broken-rules/linalg.js"
import { movement } from "./broken-rules/movement.js"
import { solves } from "./broken-rules/solves.js"
import { window } from "./broken-rules/window.js"

export { hunt } from "./broken-rules/hunt.js"
export type { BrokenRule, RuleKind }

export const brokenRules: readonly BrokenRule[] = [
  ...elementwise,
  ...movement,
  ...window,
  ...contraction,
  ...control,
  ...custom,
  ...linalg,
  ...emitting,
  ...solves,
]

/** Inputs a law on which a broken rule has to be found; one input of a solve or of `eigh` takes as long as a hundred of the others. */
export const inputsFor = (op: string): number => (["linearSolve", "fixedPoint", "eigh"].includes(op) ? 64 : 1024)

/**
 * The kinds of rules of an op that anything ever asks: without inputs nothing is batched, without float inputs nothing has a tangent;
 * the jvp of an op that runs in reverse only is a refusal.
 */
export const kindsOf = (op: AnyOp): readonly RuleKind[] => {
  const examples = fc.sample(
    drawn((d) => op.example(d)),
    { numRuns: 20, seed: 1 },
  )
  const some = (elem?: string) => examples.some(({ inputs }) => inputs.some((t) => elem === undefined || t.elem === elem))
  return ruleKinds.filter(
    (kind) => op[kind] !== undefined && (kind !== "batch" || some()) && (kind !== "jvp" || (some("float") && op.modes !== "reverse")),
  )
}
