/** Random programs with their gradients, as graphs: the value of the loss, then its gradient in every float input. */
import * as fc from "fast-check"
import { type AnyTensor, closeBody, constantData, type Graph, simplifyGraph, type Tensor, valueAndGrad } from "../../src/index.js"
import { programs } from "../../src/laws/arbitraries/index.js"

export interface Case {
  readonly show: string
  readonly graph: Graph
  readonly inputs: readonly Float64Array[]
}

export const cases = (count: number, seed: number): readonly Case[] =>
  fc.sample(programs(), { numRuns: count, seed }).map((p) => {
    const closed = closeBody(
      "programs",
      p.inputs.map((t) => t.type),
      ([flag, ...floats]) => {
        const [value, gradient] = valueAndGrad((xs: readonly AnyTensor[]) => p.loss(flag as AnyTensor, ...xs))(floats as never)
        return [value, ...(gradient as unknown as readonly Tensor[])]
      },
    )
    return {
      show: p.show(),
      graph: simplifyGraph(closed.graph),
      inputs: [...closed.captured, ...p.inputs].map((t) => constantData(t) as Float64Array),
    }
  })
