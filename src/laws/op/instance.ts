/** One use of an op on drawn inputs: what the laws of ops are tried on. */
import { type AnyOp, apply, type Domain, printGraph, showType } from "../../core/index.js"
import type { Draw } from "../arbitraries/draw.js"
import type { Mask } from "../function/masks.js"
import { showData } from "../numbers.js"
import { type Fn, runnable, type Values } from "../run.js"

export interface Instance {
  readonly op: AnyOp
  readonly params: unknown
  readonly fn: Fn
  readonly domains: readonly Domain[]
  readonly x: Values
  /** The relative error of a value beyond rounding. */
  readonly accuracy: number
}

/** An example of the op with values from its domains. */
export const instance = (d: Draw, op: AnyOp): Instance => {
  const { params, inputs, domains, accuracy = 0 } = op.example(d)
  return {
    op,
    params,
    domains,
    accuracy,
    fn: { inputs, apply: (args) => apply(op, params, args) },
    x: inputs.map((t, i) => d.values(t, domains[i] as Domain)),
  }
}

/** Whether an output is no constant to every derivative by definition. */
export const varies = ({ op, params }: Pick<Instance, "op" | "params">, output: number): boolean => op.constant?.(params, output) !== true

export const floatInputs = ({ fn }: Instance): Mask => fn.inputs.map((t) => t.elem === "float")

/** Some of the float inputs, at least one where there are any. */
export const someFloats = (d: Draw, i: Instance): Mask => {
  const floats = floatInputs(i)
  const chosen = floats.map((f) => f && d.bool())
  return chosen.some(Boolean) ? chosen : floats
}

/** The one application as a graph in text, bodies indented under it: params and types. */
const showApplication = ({ fn }: Instance): string => printGraph(runnable(fn).graph)

export const showValues = (fn: Fn, x: Values): string =>
  fn.inputs.map((t, k) => `  ${showType(t)} ${showData(x[k] as Float64Array, t.elem === "key" ? [...t.shape, 4] : t.shape)}`).join("\n")

export const showInstance = (i: Instance): string => `${showApplication(i)}${i.x.length === 0 ? "" : `\non\n${showValues(i.fn, i.x)}`}`

/** Named arrays under an instance: directions and the like. */
export const showParts = (i: Instance, parts: Readonly<Record<string, Values | string>>): string =>
  [
    showInstance(i),
    ...Object.entries(parts).map(
      ([name, p]) => `${name} = ${typeof p === "string" ? p : p.map((a) => showData(a, [a.length])).join("; ")}`,
    ),
  ].join("\n")
