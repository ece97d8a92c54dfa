import type { Splitting } from "../spec/index.js"
import { linearSolverCodec } from "./linear-solver.js"
import { type Codec, positive, tagged, variant } from "./parts.js"

/** Reads an operator splitting from outside. */
export const splittingCodec: Codec<Splitting> = tagged<Splitting>("splitting", () => ({
  forwardBackward: variant("forwardBackward", { alpha: positive }),
  peacemanRachford: variant("peacemanRachford", { alpha: positive, linear: linearSolverCodec }),
}))
