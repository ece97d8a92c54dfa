/** What a solver keeps for a later solve. */
import { closeBody, flatten, outputTypes, type Structure, type Tensor, type TensorType } from "../../core/index.js"
import type { Algorithm, Beginning, Memory, State } from "./algorithm.js"

/** The memory of a method around another: that of the other. */
export const withMemory = <S extends State>(
  of: Algorithm,
  inner: (state: S) => State,
  begin: (from: Beginning) => Beginning<S>,
): { readonly memory?: Memory<S> } => {
  const { memory } = of
  return memory === undefined
    ? {}
    : { memory: { keep: (state) => memory.keep(inner(state)), resume: (kept, z) => begin(memory.resume(kept, z)) } }
}

/** The tree that an algorithm keeps of a solve of n unknowns. */
export const memoryShape = (of: Algorithm, n: number): { readonly structure: Structure; readonly types: readonly TensorType[] } => {
  const structures: Structure[] = []
  const { graph } = closeBody("solver", [{ elem: "float", shape: [n] }], ([z]) => {
    const { structure, leaves } = flatten("solver", of.memory?.keep(of.init(z as Tensor).state) ?? {})
    structures.push(structure)
    return leaves
  })
  return { structure: structures[0] as Structure, types: outputTypes(graph) }
}
