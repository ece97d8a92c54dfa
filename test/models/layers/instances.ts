/** Random layers of a kind with inputs and parameters: what the laws of layers are tried on. */
import type * as fc from "fast-check"
import { constant, type Domain, evaluate, flattenWith, type TensorType, unflatten } from "../../../src/core/index.js"
import { drawn } from "../../../src/laws/arbitraries/index.js"
import { type InputTypes, layerExamples, type Spec, type UncheckedLayer } from "../../../src/models/layers/index.js"
import { key } from "../../../src/ops/index.js"
import { right } from "../../support/either.js"

const isType = (x: unknown): x is TensorType => typeof x === "object" && x !== null && "elem" in x && "shape" in x

/** The leaves of a tree of types, with the tree that they stand in. */
export const typesIn = (input: InputTypes) => flattenWith("input", input, (x) => (isType(x) ? x : null))

export interface Instance {
  readonly tag: string
  readonly layer: UncheckedLayer
  readonly spec: Spec
  readonly input: unknown
  readonly seed: number
  readonly params: unknown
}

export const instances = (tag: string): fc.Arbitrary<Instance> =>
  drawn((d) => {
    const example = layerExamples().get(tag)
    if (example === undefined) throw new Error(`no layer has the tag ${tag}`)
    const { layer, input, below = 1 } = example(d)
    const { leaves, structure } = typesIn(input)
    const domain = (t: TensorType): Domain => (t.elem === "int" ? { t: "index", below } : { t: t.elem === "bool" ? "bool" : "real" })
    const values = leaves.map((t) => constant(t, d.values(t, domain(t))))
    const seed = d.int(0, 1000)
    return {
      tag,
      layer,
      spec: layer.spec,
      input: unflatten(structure, values),
      seed,
      params: right(evaluate(layer.init(key(seed)))) as unknown,
    }
  })
