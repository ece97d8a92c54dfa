/** The laws of one op record: what every op in the registry has to keep. */
import type { AnyOp } from "../../core/index.js"
import type { AnyLaw } from "../law.js"
import { batchLaws } from "./batch-laws.js"
import { derivativeLaws } from "./derivative-laws.js"
import { harvestLaw } from "./harvest-law.js"
import { jvpLaw } from "./jvp-law.js"
import { linearLaws } from "./linear-laws.js"
import { lowerLaw } from "./lowering-laws.js"
import { modesLaw } from "./modes-law.js"
import { simplifyLaw } from "./simplify-law.js"
import { typeLaw } from "./type-law.js"

/**
 * The laws of an op: its derivative rules, its batch rule, its types, its lowering, its identities and what it emits, tried on its own examples.
 *
 * @example
 * for (const one of ops().values()) test(one.name, () => laws.assert(laws.op(one)))
 */
export const op = (record: AnyOp): readonly AnyLaw[] => [
  lowerLaw(record),
  typeLaw(record),
  simplifyLaw(record),
  jvpLaw(record),
  harvestLaw(record),
  ...linearLaws(record),
  ...derivativeLaws(record),
  ...batchLaws(record),
  ...((record.modes ?? "both") === "both" ? [] : [modesLaw(record)]),
]
