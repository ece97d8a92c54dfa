import * as t from "io-ts"
import { definedAdjoint, definedNames } from "../adjoints/index.js"
import { type Adjoint, type AnyLinearSolver, reachesInit, type Structure } from "../spec/index.js"
import { linearSolverCodec } from "./linear-solver.js"
import { type Codec, checked, portion, size, tagged, variant, whole } from "./parts.js"

type Of<T extends Adjoint["_tag"]> = Extract<Adjoint, { readonly _tag: T }>

/** Its options are read by the codec of its definition. */
const defined = checked(variant("defined", { name: t.string, options: t.unknown }) as Codec<Of<"defined">>, ({ name, options }) => {
  const own = definedAdjoint(name)
  if (own === null)
    return `no adjoint is called ${name}; ${definedNames().length === 0 ? "none is defined" : `there are ${definedNames().join(", ")}`}`
  return own.accepts(options) ? null : `the options of ${name} must be ${own.expected}`
})

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
  phantom: variant("phantom", { steps: whole(1), tau: portion }),
  shine: variant("shine", {}, t.partial({ guard: size })),
  unrolled: variant("unrolled", { steps: whole(0) }),
  checkpointed: variant("checkpointed", { steps: whole(0), snapshots: whole(1) }),
  truncated: checked(variant("truncated", { steps: whole(0), last: whole(0) }) as Codec<Of<"truncated">>, (a) =>
    a.last > a.steps ? `can't differentiate the last ${a.last} of ${a.steps} steps` : null,
  ),
  bilevel: checked(variant("bilevel", { of: adjointCodec }) as Codec<Of<"bilevel">>, ({ of }) =>
    reachesInit(of) ? `gradients of ${of._tag} reach the initial state already` : null,
  ),
  defined,
}))
