/**
 * How far a float32 target may be from the float64 interpreter on one program, derived from the program's length and
 * conditioning: every value that an equation makes (and every input) is moved by a few units of float32's last place at random,
 * and the spread of the outputs over several such runs, times a safety factor, is the bound (stochastic arithmetic, La Porte and
 * Vignes 1974).
 */

import { runGraph } from "../../src/core/targets/interpreter/run.js"
import { type AnyTensor, apply, closeBody, type Graph, inputTypes, mul, type Tensor, tensor, walk } from "../../src/index.js"

/** Relative movement of each value: float32's unit, times the last places that a GPU's elementary functions may lose. */
export interface Unit {
  readonly unit: number
  readonly runs: number
  readonly safety: number
}

export const float32Unit: Unit = { unit: 4 * 2 ** -24, runs: 8, safety: 8 }

/** The graph with a factor on every float value; the factors are further inputs, before the graph's own. */
const movable = (graph: Graph): Graph =>
  closeBody("bound", inputTypes(graph), (args) => {
    const moved = (t: AnyTensor): AnyTensor => {
      if (t.type.elem !== "float") return t
      const ones = new Float64Array(t.shape.reduce((n, d) => n * d, 1)).fill(1)
      return mul(t as Tensor, tensor(ones, t.shape) as Tensor)
    }
    return walk<AnyTensor>(graph, args.map(moved), (e, ins) => apply(e.op, e.params, ins).map(moved))
  }).graph

/** A bound an output element, in absolute terms. */
export const roundingBound = (
  graph: Graph,
  inputs: readonly Float64Array[],
  random: () => number,
  { unit, runs, safety }: Unit,
): readonly Float64Array[] => {
  const made = movable(graph)
  const sizes = made.types.slice(0, made.inputs - graph.inputs).map((t) => t.shape.reduce((n, d) => n * d, 1))
  const exact = runGraph(graph, inputs, { cancelled: false })
  const bounds = exact.map((y) => new Float64Array(y.length))
  for (let r = 0; r < runs; r++) {
    const factors = sizes.map((n) => Float64Array.from({ length: n }, () => 1 + (2 * random() - 1) * unit))
    const moved = runGraph(made, [...factors, ...inputs], { cancelled: false })
    moved.forEach((y, k) => {
      const [bound, value] = [bounds[k] as Float64Array, exact[k] as Float64Array]
      for (let i = 0; i < y.length; i++) bound[i] = Math.max(bound[i] as number, Math.abs((y[i] as number) - (value[i] as number)))
    })
  }
  return bounds.map((b, k) => b.map((x, i) => safety * x + unit * Math.abs((exact[k] as Float64Array)[i] as number) + 2 ** -126))
}
