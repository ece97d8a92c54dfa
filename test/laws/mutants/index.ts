/** Every rule of every op got wrong, automatically: which mutants there are, which are no mutants at all, which the laws catch. */
import type { AnyOp } from "../../../src/core/index.js"
import type { BrokenRule } from "../broken-rules/broken.js"
import { kindsOf } from "../broken-rules.js"
import { type Case, casesOf, effectOf, sameEffect } from "./effects.js"
import { type Fault, type FaultKind, faultsAt } from "./faults.js"
import { type Hook, hooksOf, type MutableRule, mutable, rewired } from "./rewired.js"

export { type FaultKind, faultKinds } from "./faults.js"

export interface Mutant extends BrokenRule {
  readonly rule: MutableRule
  readonly kind: FaultKind
}

/** A change of a rule that changes nothing that the rule gives. */
export interface Equivalent extends Mutant {
  readonly why: string
}

/** Inputs on which a changed rule is compared with the right one before it is called equivalent. */
const inputsOf = (slow: boolean): number => (slow ? 24 : 200)
/** Inputs on which a fault has to change something, to be a fault of this rule at all. */
const FEW = 16

/** Why a change changed nothing, by where it was made. */
const reasons: Readonly<Record<Hook, Readonly<Record<FaultKind, string>>>> = (() => {
  const values = {
    sign: "it is zero wherever it is given",
    factor: "it is zero or not finite wherever it is given",
    "dropped term": "it is zero wherever it is given",
    "swapped operand": "the two are equal wherever both are given",
    "wrong axis": "it is the same along both axes wherever it is given",
  }
  const unused = { ...values, "dropped term": "the rule uses no value of it", "swapped operand": "the rule uses neither, or both alike" }
  return {
    results: values,
    outputs: values,
    emitted: values,
    inputs: unused,
    incoming: { ...unused, "dropped term": "it is zero wherever it is given, or the rule does not use it" },
    params: { ...values, "wrong axis": "the rule does not depend on it" },
  }
})()

/** Of an identity: what it gives, where it still gives anything, stands for the application. */
const stillEqual = "where the identity still gives anything, that is equal to the application"

const SEED = 7

interface Tried {
  readonly record: AnyOp
  readonly touches: () => number
}

const tried = (op: AnyOp, rule: MutableRule, fault: Fault): Tried => {
  let touches = 0
  const hooks = fault.make(() => {
    touches++
  })
  return { record: rewired(op, rule, hooks), touches: () => touches }
}

/** The mutants of an op, and those that turn out to be the right rule. `slow`: an input of it takes as long as a hundred of others. */
export const mutantsOf = (
  op: AnyOp,
  { slow = false }: { readonly slow?: boolean } = {},
): { readonly mutants: readonly Mutant[]; readonly equivalents: readonly Equivalent[] } => {
  const mutants: Mutant[] = []
  const equivalents: Equivalent[] = []
  const cases = casesOf(op, inputsOf(slow), SEED)
  const params = cases.map((c) => c.i.params)
  const few = cases.slice(0, FEW)
  for (const rule of mutable.filter((kind) => kindsOf(op).includes(kind))) {
    const right = new Map<Case, ReturnType<typeof effectOf>>()
    const effect = (c: Case) => {
      const known = right.has(c) ? right.get(c) : effectOf(op, rule, c)
      right.set(c, known ?? null)
      return known ?? null
    }
    for (const fault of hooksOf[rule].flatMap((hook) => faultsAt(hook, params))) {
      const { record, touches } = tried(op, rule, fault)
      const mutant: Mutant = { op: op.name, rule, kind: fault.kind, what: fault.what, record }
      const differs = (c: Case): boolean => {
        // a rule may refuse, as a loop's transpose does where a carry is not linear: nothing to be got wrong
        if (typeof effect(c) === "string") return false
        const before = touches()
        const found = effectOf(record, rule, c)
        return touches() > before && !sameEffect(effect(c), found)
      }
      if (few.some(differs)) mutants.push(mutant)
      else if (touches() > 0) {
        if (cases.slice(FEW).some(differs)) mutants.push(mutant)
        else
          equivalents.push({
            ...mutant,
            why: `${rule === "simplify" ? stillEqual : reasons[fault.hook][fault.kind]} (the same results, to the bit, on ${cases.length} inputs)`,
          })
      }
    }
  }
  return { mutants, equivalents }
}
