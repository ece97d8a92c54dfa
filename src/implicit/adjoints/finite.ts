/** Adjoints that are no solve at all but a program of a given number of steps, differentiated as what it is. */
import { type AnyTensor, type Closed, TraceError } from "../../core/index.js"
import type { Adjoint, Method } from "../spec/index.js"
import { checkpointedSteps } from "./checkpointed.js"
import { unrolledSteps } from "./unrolled.js"

/** The damping of a method that is repeated application; others can't be unrolled by name of their steps. */
const damping = (adjoint: Adjoint, method: Method): number => {
  switch (method._tag) {
    case "picard":
    case "iterate":
      return 1
    case "damped":
      return method.tau * damping(adjoint, method.of)
    case "perRow":
      return damping(adjoint, method.of)
    default:
      throw new TraceError(
        `${adjoint._tag}: ${method._tag} is not repeated application; take picard, damped or iterate, or the adjoint exact`,
      )
  }
}

/** From f and the initial state to the state after the last step; null for adjoints of another kind. */
export const finiteSteps = (adjoint: Adjoint, method: Method): ((f: Closed, init: readonly AnyTensor[]) => readonly AnyTensor[]) | null => {
  switch (adjoint._tag) {
    case "unrolled":
      return (f, init) => unrolledSteps(f, init, adjoint.steps, damping(adjoint, method))
    case "checkpointed":
      return (f, init) => checkpointedSteps(f, init, adjoint.steps, adjoint.snapshots, damping(adjoint, method))
    default:
      return null
  }
}
