/** What a layer costs: its parameters, and the arithmetic of one application. */
import {
  type AnyTensor,
  flatten,
  flattenWith,
  type Structure,
  sizeOf,
  type TensorType,
  traceTree,
  unflatten,
  zerosOf,
} from "../../core/index.js"
import { type Key, key } from "../../ops/index.js"
import { type Flops, flopsOfGraph } from "./flops.js"
import type { Context, UncheckedLayer } from "./layer.js"
import type { InputTypes } from "./registry.js"

/** Numbers in a tree of parameters. */
export const countNumbers = (params: unknown): number => flatten("parameters", params).leaves.reduce((n, t) => n + sizeOf(t.shape), 0)

/**
 * How many numbers a layer learns. Nothing is computed: initial parameters know their shapes.
 *
 * @example
 * countParameters(dense(784, 10)) // 7850
 */
export const countParameters = (layer: Pick<UncheckedLayer, "init">): number => countNumbers(layer.init(key(0)))

const isType = (x: unknown): x is TensorType => typeof x === "object" && x !== null && "elem" in x && "shape" in x

const isShape = (x: InputTypes | readonly number[]): x is readonly number[] => Array.isArray(x) && x.every((d) => typeof d === "number")

/** Stand-ins for an input of which only the types are known; a plain shape is that of a float tensor. */
export const standIns = (input: InputTypes | readonly number[]): unknown => {
  const types: Flat = flattenWith("input types", isShape(input) ? { elem: "float", shape: input } : input, (x) => (isType(x) ? x : null))
  return unflatten(
    types.structure,
    types.leaves.map((t) => zerosOf(t)),
  )
}
interface Flat {
  readonly leaves: readonly TensorType[]
  readonly structure: Structure
}

/** The operations of one application of a layer, its parameters and input given as tensors of which only the types count. */
export const flopsOn = (layer: Pick<UncheckedLayer, "apply">, params: unknown, input: unknown, mode: Context["mode"]): Flops => {
  const run = (p: unknown, x: unknown, k: Key) => layer.apply(p, x, { key: k, mode })
  return flopsOfGraph(traceTree("flops", run as (...a: readonly never[]) => unknown, [params, input, key(0) as AnyTensor]).graph)
}

/**
 * The operations of one application of a layer to an input of this shape, or of these types; what counts is told at `Flops`. A solve of
 * a given number of iterations is counted with all of them, one that stops by itself with one (`atLeast` says so).
 *
 * @example
 * flops(dense(784, 10), [32, 784]).total // 2 x 32 x 784 x 10 + 32 x 10
 */
export const flops = (
  layer: Pick<UncheckedLayer, "init" | "apply">,
  input: InputTypes | readonly number[],
  mode: Context["mode"] = "eval",
): Flops => flopsOn(layer, layer.init(key(0)), standIns(input), mode)
