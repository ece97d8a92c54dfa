import * as t from "io-ts"
import { type AnyLinearSolver, iterationFault, type Method } from "../spec/index.js"
import { methodCodec } from "./method.js"
import { type Codec, checked, tagged, tolerances, variant, whole } from "./parts.js"

/** Reads a linear solver from outside. */
export const linearSolverCodec: Codec<AnyLinearSolver> = tagged<AnyLinearSolver>("linear solver", () => ({
  auto: variant("auto", {}, tolerances),
  picard: variant("picard", {}, tolerances),
  iteration: checked(variant("iteration", { method: methodCodec }, tolerances) as Codec<{ readonly method: Method }>, ({ method }) =>
    iterationFault(method),
  ),
  gmres: variant("gmres", {}, t.intersection([tolerances, t.partial({ memory: whole(1) })]) as t.HasProps),
  bicgstab: variant("bicgstab", {}, tolerances),
  normalCg: variant("normalCg", {}, tolerances),
  cg: variant("cg", {}, tolerances),
  dense: variant("dense"),
}))
