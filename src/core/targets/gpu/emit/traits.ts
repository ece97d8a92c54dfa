/** What the source text of a kernel depends on: how one mode computes. */
import type { UnaryFn } from "../../../compile/nest.js"

export interface SourceTraits {
  /** Functions that the mode itself computes to the last digits. */
  readonly native: ReadonlySet<UnaryFn>
  /** `Math.max` and `Math.min` give NaN where a side is NaN. */
  readonly nanSafeMax: boolean
  /** A compiler multiplies by a zero that it knows without looking at the other side, which may be a NaN. */
  readonly foldsZeros: boolean
  /** `^` is one operation. */
  readonly bitwise: boolean
}
