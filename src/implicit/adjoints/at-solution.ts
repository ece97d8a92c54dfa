/**
 * Adjoints that are functions of f and its solution, which is a constant: what follows the solve is what is differentiated.
 *
 * The phantom gradient (Geng, Zhang, Bai, Wang and Lin 2021) is damped steps from there, differentiated as the loop that they are.
 * At the solution its adjoint state is tau sum over i < steps of ((1 - tau) I + tau A')^i u, so that phantom(k + 1, 1) is
 * neumann(k); where the solution is not exact, each step is differentiated where it stands.
 */
import type { AnyTensor, Closed } from "../../core/index.js"
import type { Adjoint } from "../spec/index.js"
import { differentiateDefined } from "./defined.js"
import { neumannSeries } from "./neumann.js"
import { unrolledSteps } from "./unrolled.js"

/** From f and the leaves of the solution to leaves with the adjoint's derivatives; null for adjoints of another kind. */
export const atSolution = (adjoint: Adjoint): ((f: Closed, z: readonly AnyTensor[]) => readonly AnyTensor[]) | null => {
  switch (adjoint._tag) {
    case "oneStep":
      return (f, z) => neumannSeries(f, z, 0)
    case "neumann":
      return (f, z) => neumannSeries(f, z, adjoint.terms)
    case "phantom":
      return (f, z) => unrolledSteps(f, z, adjoint.steps, adjoint.tau)
    case "defined":
      return (f, z) => differentiateDefined(adjoint, f, z)
    default:
      return null
  }
}
