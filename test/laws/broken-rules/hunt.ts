/**
 * Which law finds a broken rule. The rules of a copy apply the record in the registry, so some laws would see a difference that
 * a record broken in itself would not show; they don't count:
 * - the laws of vmap and of derivatives meet a broken `lower` before the first rule only: `lower` is left to its own laws, that
 *   of its types and reads, and the independent reference, which shares no rule with it (test/ops/reference);
 * - the laws of vmap apply the right rules on rows: only `batch` is left to them.
 * What an op tells (`harvest`) is held against its definition too (test/ops/reference/emissions): other laws don't read it.
 */
import * as fc from "fast-check"
import type { AnyLaw, LawFailure } from "../../../src/laws/index.js"
import * as laws from "../../../src/laws/index.js"
import { lowerLaw } from "../../../src/laws/op/lowering-laws.js"
import { emissionsLaw } from "../../ops/reference/emissions.js"
import { referenceLaw } from "../../ops/reference/law.js"
import type { BrokenRule, RuleKind } from "./broken.js"

/** Where a broken rule shows first, mostly: tried before the others. */
const likely: Readonly<Record<RuleKind, string>> = {
  type: "types are checked",
  jvp: "jvp is the derivative",
  dual: "jvp is the derivative",
  transpose: "transpose is the adjoint",
  split: "split is jvp",
  batch: "vmap is map",
  simplify: "simplify keeps the value",
  lower: "the reference",
  harvest: "harvest changes nothing",
}

const lawsAgainst = ({ record, rule }: BrokenRule): readonly AnyLaw[] => {
  if (rule === "lower") return [referenceLaw(record), lowerLaw(record)]
  const all = laws.op(record).filter((law) => rule === "batch" || !law.name.includes(": vmap "))
  if (rule === "harvest") return [emissionsLaw(record), ...all]
  const first = (law: AnyLaw) => (law.name.endsWith(likely[rule]) ? 0 : 1)
  return all.toSorted((a, b) => first(a) - first(b))
}

/** A few inputs for every law, then four times as many, up to `most`. */
export const hunt = async (
  rule: BrokenRule,
  most: number,
  start = fc.readConfigureGlobal().seed ?? Date.now(),
): Promise<LawFailure | null> => {
  for (let runs = 4, round = 0; runs <= most; runs *= 4, round++)
    for (const law of lawsAgainst(rule)) {
      const outcome = await laws.check(law, { runs, seed: (start + round) | 0, shrink: false })()
      if (outcome._tag === "Left") return outcome.left
    }
  return null
}
