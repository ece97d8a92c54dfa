import * as t from "io-ts"
import type { LinearSolver } from "../spec/index.js"
import { type Codec, tagged, tolerances, variant, whole } from "./parts.js"

/** Reads a linear solver from outside. */
export const linearSolverCodec: Codec<LinearSolver> = tagged<LinearSolver>("linear solver", () => ({
  auto: variant("auto", {}, tolerances),
  picard: variant("picard", {}, tolerances),
  gmres: variant("gmres", {}, t.intersection([tolerances, t.partial({ memory: whole(1) })]) as t.HasProps),
  dense: variant("dense"),
}))
