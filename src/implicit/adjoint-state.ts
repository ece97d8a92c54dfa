/** The adjoint state that an adjoint uses at a solution: what it makes of a cotangent before the parameters' share is taken. */
import { closeBody, type Tensor, TraceError, vjp, zerosOf } from "../core/index.js"
import { add, sub } from "../ops/index.js"
import { atSolution } from "./adjoints/index.js"
import { linearSolve } from "./linear-solve.js"
import { type Adjoint, transposedStructure } from "./spec/index.js"

export type Leaves = readonly Tensor[]

/** lambda for the cotangent u of the solution z of f, leaf by leaf; exact(): (I - A') lambda = u. */
export const adjointState = (f: (z: Leaves) => Leaves, z: Leaves, u: Leaves, adjoint: Adjoint): Leaves => {
  if (adjoint._tag === "bilevel") return adjointState(f, z, u, adjoint.of)
  if (adjoint._tag === "exact") {
    const [, pull] = vjp(f, z)
    const operator = (l: Leaves): Leaves => l.map((t, i) => sub(t, (pull(l)[0] as Leaves)[i] as Tensor) as Tensor)
    const { linear, structure = "general" } = adjoint
    return linearSolve(Object.assign(operator, { structure: transposedStructure(structure) }), u, { solver: linear, name: "adjoint state" })
  }
  const made = atSolution(adjoint)
  if (made === null)
    throw new TraceError(`the adjoint ${adjoint._tag} has no state at a solution; take exact, oneStep, neumann, phantom or one of your own`)
  // a parameter c of f(z) + c gets lambda for its gradient
  const layer = (c: Leaves): Leaves => {
    const types = z.map((t) => t.type)
    const moved = closeBody("adjointState", types, (at) => f(at as Leaves).map((t, i) => add(t, c[i] as Tensor)))
    return made(moved, z) as Leaves
  }
  return vjp(
    layer,
    z.map((t) => zerosOf(t.type) as Tensor),
  )[1](u)[0] as Leaves
}
