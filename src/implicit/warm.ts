/** Where a solve ended and what its solver had learnt, as a value that a later solve begins from. */
import {
  type AnyTensor,
  flatten,
  sameStructure,
  sameType,
  showStructure,
  showType,
  type TensorType,
  TraceError,
  unflatten,
} from "../core/index.js"
import { algorithmOf, memoryShape, type State } from "./solvers/index.js"
import { type Method, showMethod } from "./spec/index.js"

/**
 * The end of a solve: its best state, and what its solver remembers (differences of Anderson, pairs of Broyden), under the name of the
 * solver that can read it. A tree of tensors like any other: it goes in and out of compiled programs. It belongs to states of its structure
 * and to one solver; anything else is refused at trace time. Its gradient is zero. A Broyden memory pays as long as the pairs of both
 * solves fit into it, one an evaluation: give it room.
 */
export interface Warm<Z> {
  readonly z: Z
  readonly memory: State
}

interface Expected {
  readonly method: Method
  readonly structure: ReturnType<typeof flatten>["structure"]
  readonly types: readonly TensorType[]
  /** Types of the memory, rows in front. */
  readonly memory: readonly TensorType[]
  readonly unknowns: number
}

const keptBy = ({ method, unknowns }: Pick<Expected, "method" | "unknowns">) => memoryShape(algorithmOf(method), unknowns).structure

/** Leaves of a warm start, checked to be of this state and this solver: those of z, then those of the memory. */
export const warmLeaves = (warm: Warm<unknown>, expected: Expected): readonly AnyTensor[] => {
  const refuse = (why: string): never => {
    throw new TraceError(`fixedPoint: the warm start is of another solve: ${why}`)
  }
  const z = flatten("fixedPoint: the state of the warm start", warm.z)
  if (!sameStructure(z.structure, expected.structure))
    return refuse(`its state has the structure ${showStructure(z.structure)}, this one ${showStructure(expected.structure)}`)
  z.leaves.forEach((t, i) => {
    const own = expected.types[i] as TensorType
    if (!sameType(t.type, own))
      refuse(`its state holds ${showType(t.type)}, this one ${showType(own)}${z.paths[i] === "" ? "" : ` at ${z.paths[i]}`}`)
  })
  const name = showMethod(expected.method)
  const kept = warm.memory[name]
  if (kept === undefined) return refuse(`it was made by ${Object.keys(warm.memory).join(", ")}, and this solver is ${name}`)
  const memory = flatten("fixedPoint: the memory of the warm start", kept)
  const fits =
    sameStructure(memory.structure, keptBy(expected)) && memory.leaves.every((t, i) => sameType(t.type, expected.memory[i] as TensorType))
  return fits ? [...z.leaves, ...memory.leaves] : refuse(`its memory is not one of ${name} for this state`)
}

/** A warm start from the leaves that a solve gives. */
export const warmOf = <Z>(z: Z, memory: readonly AnyTensor[], by: Pick<Expected, "method" | "unknowns">): Warm<Z> => ({
  z,
  memory: { [showMethod(by.method)]: unflatten(keptBy(by), memory) as State },
})
