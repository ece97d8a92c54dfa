import type { Adjoint } from "../spec/index.js"
import { linearSolverCodec } from "./linear-solver.js"
import { type Codec, checked, tagged, variant, whole } from "./parts.js"

/** Reads an adjoint from outside. */
export const adjointCodec: Codec<Adjoint> = tagged<Adjoint>("adjoint", () => ({
  exact: variant("exact", { linear: linearSolverCodec }),
  neumann: variant("neumann", { terms: whole(0) }),
  oneStep: variant("oneStep"),
  unrolled: variant("unrolled", { steps: whole(0) }),
  truncated: checked(
    variant("truncated", { steps: whole(0), last: whole(0) }) as Codec<{ readonly steps: number; readonly last: number }>,
    (a) => (a.last > a.steps ? `can't differentiate the last ${a.last} of ${a.steps} steps` : null),
  ),
}))
