/** Bodies made by rules: graphs whose inputs are all given, with nothing captured. */
import { TraceError } from "../errors.js"
import { closeBody } from "../graph/close.js"
import type { Graph } from "../graph/graph.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { showType, type TensorType } from "../tensor/types.js"

/**
 * Closes `f` over nothing: for rules that build bodies from bodies.
 *
 * @throws TraceError when `f` captures a value from outside
 *
 * @example
 * const twice = bodyOf("twice", [{ elem: "float", shape: [2] }], ([x]) => [apply1(addOp, null, [x, x])])
 * twice.equations.length // 1
 */
export const bodyOf = (owner: string, args: readonly TensorType[], f: (args: readonly AnyTensor[]) => readonly AnyTensor[]): Graph => {
  const { graph, captured } = closeBody(owner, args, f)
  if (captured.length > 0)
    throw new TraceError(
      `${owner}: what it is made of (a solver's init or step, an op's rule) uses ${captured.length === 1 ? "a tensor" : `${captured.length} tensors`} from outside: ${captured.map((t) => showType(t.type)).join(", ")}. It holds no data: take them from its arguments or options, and write constants as numbers, or by full and zeros`,
    )
  return graph
}
