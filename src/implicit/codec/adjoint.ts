import * as t from "io-ts"
import type { Adjoint, AnyLinearSolver, Structure } from "../spec/index.js"
import { linearSolverCodec } from "./linear-solver.js"
import { type Codec, checked, tagged, variant, whole } from "./parts.js"

const structureCodec: Codec<Structure> = t.keyof({
  general: null,
  symmetric: null,
  positiveDefinite: null,
  lowerTriangular: null,
  upperTriangular: null,
  diagonal: null,
})

/** Reads an adjoint from outside. */
export const adjointCodec: Codec<Adjoint> = tagged<Adjoint>("adjoint", () => ({
  exact: checked(
    variant("exact", { linear: linearSolverCodec }, t.partial({ structure: structureCodec })) as Codec<{
      readonly linear: AnyLinearSolver
      readonly structure?: Structure
    }>,
    ({ linear, structure }) =>
      linear._tag === "cg" && structure !== "positiveDefinite" ? 'cg needs the structure "positiveDefinite"; gmres needs none' : null,
  ),
  neumann: variant("neumann", { terms: whole(0) }),
  oneStep: variant("oneStep"),
  unrolled: variant("unrolled", { steps: whole(0) }),
  truncated: checked(
    variant("truncated", { steps: whole(0), last: whole(0) }) as Codec<{ readonly steps: number; readonly last: number }>,
    (a) => (a.last > a.steps ? `can't differentiate the last ${a.last} of ${a.steps} steps` : null),
  ),
}))
