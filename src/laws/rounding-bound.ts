/**
 * How far a target may be from the float64 interpreter on one program, derived from the target's precision and from the program's length
 * and conditioning: every value that an operation reads or makes, in every body on every turn, is moved by a few units of the target's last
 * place at random, and the spread of the outputs over several such runs, times a safety factor, is the bound (stochastic arithmetic,
 * La Porte and Vignes 1974). What only moves, compares or chooses numbers rounds nothing, so there nothing is moved: a maximum stays equal to
 * the number that it is.
 */
import { type Graph, interpret, type TargetName } from "../core/index.js"
import type { Values } from "./run.js"

/** Relative movement of each value: the unit of the target's floats, times the last places that its elementary functions may lose. */
export interface Precision {
  readonly unit: number
  /** Runs whose spread is taken. */
  readonly runs: number
  /** What the spread is multiplied by. */
  readonly safety: number
}

const float32: Precision = { unit: 2 * 2 ** -24, runs: 8, safety: 4 }

/**
 * Of a target by name. Browsers' GPUs round divisions and elementary functions to 4 units.
 *
 * @example
 * precisionOf("wasm") // float32
 */
export const precisionOf = (target: TargetName): Precision => {
  if (target === "interpreter" || target === "wasm:f64") return { ...float32, unit: 2 * 2 ** -53 }
  return target === "gpu:webgl2" || target === "gpu:webgpu" || target === "gpu:headlessgl" ? { ...float32, unit: 8 * 2 ** -24 } : float32
}

/**
 * A bound an output element, in absolute terms. `random` gives numbers in [0, 1).
 *
 * @example
 * roundingBound(graph, inputs, Math.random, precisionOf("wasm")) // a bound for each element of each output
 */
export const roundingBound = (graph: Graph, inputs: Values, random: () => number, { unit, runs, safety }: Precision): Values => {
  const exact = interpret(graph, inputs, { cancelled: false })
  const bounds = exact.map((y) => new Float64Array(y.length))
  const rounded = (value: Float64Array, exact: boolean) => (exact ? value : value.map((x) => x * (1 + (2 * random() - 1) * unit)))
  for (let r = 0; r < runs; r++) {
    const moved = interpret(graph, inputs, { cancelled: false, rounded })
    moved.forEach((y, k) => {
      const [bound, value] = [bounds[k] as Float64Array, exact[k] as Float64Array]
      for (let i = 0; i < y.length; i++) bound[i] = Math.max(bound[i] as number, Math.abs((y[i] as number) - (value[i] as number)))
    })
  }
  return bounds.map((b, k) => b.map((x, i) => safety * x + unit * Math.abs((exact[k] as Float64Array)[i] as number) + 2 ** -126))
}
