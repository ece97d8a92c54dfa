/** Op records with one rule that is wrong. A record is a copy: the registry and every body keep the right one. */
import type { AnyOp } from "../../../src/core/index.js"
import { opNamed } from "../../ops/reference/law.js"

/** The fields of a record that say something which can be wrong. `cheap`, `identity` and `unite` say how, not what. */
export const ruleKinds = ["type", "jvp", "dual", "transpose", "split", "batch", "simplify", "lower", "harvest"] as const
export type RuleKind = (typeof ruleKinds)[number]

export interface BrokenRule {
  readonly op: string
  readonly rule: RuleKind
  /** What is wrong, in a few words. */
  readonly what: string
  readonly record: AnyOp
}

export type Rule<K extends RuleKind> = NonNullable<AnyOp[K]>

/** A copy of an op's record with `rule` replaced by what `make` makes of the right record. */
export const broken = <K extends RuleKind>(op: string, rule: K, what: string, make: (good: AnyOp) => Rule<K>): BrokenRule => {
  const good = opNamed(op)
  return { op, rule, what, record: { ...good, [rule]: make(good) } }
}

/** The same fault in several ops. */
export const brokenIn = <K extends RuleKind>(
  ops: readonly string[],
  rule: K,
  what: string,
  make: (good: AnyOp) => Rule<K>,
): readonly BrokenRule[] => ops.map((op) => broken(op, rule, what, make))

/** A rule that the record is known to have. */
export const ruleOf = <K extends RuleKind>(good: AnyOp, rule: K): Rule<K> => {
  const found = good[rule]
  if (found === undefined) throw new Error(`${good.name} has no rule "${rule}"`)
  return found as Rule<K>
}
