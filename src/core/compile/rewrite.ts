/**
 * Rewrites: identities that hold in exact arithmetic and save work, but round in another order. So they are no `simplify`, which keeps a
 * value to the bit. A rule knows the ops that it speaks of, so it stands beside them; here it is only looked up, by the op at its root.
 */
import type { AnyOp, Many, Op } from "../op.js"
import type { AnyTensor } from "../tensor/shape-types.js"

type Rule = (params: unknown, inputs: readonly AnyTensor[]) => readonly AnyTensor[] | null

const rules = new Map<AnyOp, Rule[]>()

/**
 * Adds a rule for applications of `op`: outputs that are equal up to rounding and cost less, or null where it does not apply. It sees the
 * inputs as they are after their own rewriting, and must not look further back than a fixed number of applications: compiling stays linear.
 *
 * @example
 * // sum(-x) = -sum(x): one negation instead of many
 * defineRewrite(sumOp, ({ axes }, [x]) => (applyOf(x).op === negOp ? [neg(sumAxes(applyOf(x).inputs[0] as AnyTensor, axes))] : null))
 */
export const defineRewrite = <P, N extends number, M extends number>(
  op: Op<P, N, M>,
  rule: (params: P, inputs: Many<AnyTensor, N>) => Many<AnyTensor, M> | null,
): void => {
  // an op's parameters and inputs are checked by its type rule when it is applied
  rules.set(op, [...(rules.get(op) ?? []), rule as Rule])
}

/** What the first rule that applies puts in an application's place; null where there is none. */
export const rewritten: (op: AnyOp, ...application: Parameters<Rule>) => ReturnType<Rule> = (op, params, inputs) => {
  for (const rule of rules.get(op) ?? []) {
    const outputs = rule(params, inputs)
    if (outputs !== null) return outputs
  }
  return null
}
