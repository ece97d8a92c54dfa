/** What a function with a custom rule is where no derivative is asked for: its value. */
import {
  type AnyTensor,
  bodyOf,
  type Choices,
  type Graph,
  harvestGraph,
  inline,
  type Op,
  simplifyGraph,
  type Tensor,
  type TensorType,
  type Unchecked,
} from "../../core/index.js"
import { add, mul } from "../arithmetic.js"
import { where } from "../compare.js"
import { tuples } from "../control/index.js"
import { sin, tanh } from "../elementary.js"
import { tap } from "../tap.js"

/** Rules of ops that are a graph in all but their derivatives. */
export const byValue: Required<Pick<Op<{ readonly value: Graph }>, "simplify" | "lower" | "harvest" | "cheap">> = {
  // after the last transform only the value is left
  simplify: ({ value }, inputs) => inline(simplifyGraph(value), inputs),
  lower: ({ value }) => ({ t: "graph", graph: value }),
  harvest: ({ value }) => {
    const { graph, emissions } = harvestGraph(value)
    if (emissions.length === 0) return null
    return {
      emissions,
      apply: (inputs) => {
        const outs = inline(graph, inputs)
        const n = value.outputs.length
        return { outputs: outs.slice(0, n), emitted: tuples(emissions, outs.slice(n)) }
      },
    }
  },
  cheap: false,
}

/** A body of a mask and two float tensors for examples: tapped or not, smooth or linear in each. */
export const exampleValue = (choose: Choices, types: readonly TensorType[]): Graph => {
  const [linear, tapped] = [choose.bool(), choose.bool()]
  return bodyOf("custom rules", types, ([mask, x, y]) => {
    const [m, a, b] = [mask as Tensor<Unchecked, "bool">, x as Tensor, y as Tensor]
    const made = linear ? add(mul(a, 2), b) : mul(sin(a), tanh(b))
    return [tapped ? tap("example", made, { limit: 3 }) : made, where(m, a, b) as AnyTensor]
  })
}
