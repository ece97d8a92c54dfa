/** What schedules are built for where no target is meant: float64, everything allowed, no vectors. */
import type { Capabilities } from "../../src/core/targets/target.js"

export const plainCapabilities: Capabilities = {
  precision: "float64",
  scatter: true,
  partialWrites: true,
  maxInputs: 32,
  maxElements: 1 << 24,
  routines: true,
  lanes: 1,
}
