/**
 * How far a float32 target may be from the float64 interpreter on one program, derived from the program's length and
 * conditioning: every value that an operation reads or makes, in every body on every turn, is moved by a few units of float32's
 * last place at random, and the spread of the outputs over several such runs, times a safety factor, is the bound (stochastic
 * arithmetic, La Porte and Vignes 1974).
 */

import { runGraph } from "../../src/core/targets/interpreter/run.js"
import type { Graph } from "../../src/index.js"

/** Relative movement of each value: float32's unit, times the last places that a GPU's elementary functions may lose. */
export interface Unit {
  readonly unit: number
  readonly runs: number
  readonly safety: number
}

export const float32Unit: Unit = { unit: 2 * 2 ** -24, runs: 8, safety: 4 }

/** A bound an output element, in absolute terms. */
export const roundingBound = (
  graph: Graph,
  inputs: readonly Float64Array[],
  random: () => number,
  { unit, runs, safety }: Unit,
): readonly Float64Array[] => {
  const exact = runGraph(graph, inputs, { cancelled: false })
  const bounds = exact.map((y) => new Float64Array(y.length))
  const rounded = (value: Float64Array) => value.map((x) => x * (1 + (2 * random() - 1) * unit))
  for (let r = 0; r < runs; r++) {
    const moved = runGraph(graph, inputs, { cancelled: false, rounded })
    moved.forEach((y, k) => {
      const [bound, value] = [bounds[k] as Float64Array, exact[k] as Float64Array]
      for (let i = 0; i < y.length; i++) bound[i] = Math.max(bound[i] as number, Math.abs((y[i] as number) - (value[i] as number)))
    })
  }
  return bounds.map((b, k) => b.map((x, i) => safety * x + unit * Math.abs((exact[k] as Float64Array)[i] as number) + 2 ** -126))
}
