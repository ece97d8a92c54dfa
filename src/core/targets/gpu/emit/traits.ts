/** What the source text of a kernel depends on: how one mode computes. */
import type { UnaryFn } from "../../../compile/nest.js"

export interface SourceTraits {
  /** Functions that the mode itself computes to the last digits. */
  readonly native: ReadonlySet<UnaryFn>
  /** `Math.max` and `Math.min` give NaN where a side is NaN. */
  readonly nanSafeMax: boolean
}
