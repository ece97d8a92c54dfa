/** Layers one after another. */
import type { Tensor } from "../../core/index.js"
import { foldIn } from "../../ops/index.js"
import { dense } from "./dense.js"
import { type AnyLayer, applyPart, type Layer, type Params, type Spec } from "./layer.js"
import { defineLayer, float, layerListCodec, layerOf } from "./registry.js"
import type { LayerLike, SeqChecks, SeqInput, SeqOutput, SeqParams } from "./seq-types.js"

/** Layers one after the other as data. */
export interface SeqSpec<S extends Spec = Spec> {
  readonly _tag: "seq"
  readonly of: readonly S[]
}

/** An entry of a list of checks; lists whose length is not known have none. */
type CheckAt<Checks, K> = number extends K ? unknown : K extends keyof Checks ? Checks[K] : unknown

/**
 * The composition of layers, first one first; part i gets the key `foldIn(key, i)`. Without layers it is the identity. The compiler
 * refuses a layer that can't take what the layer before it gives, and names both.
 *
 * @example
 * seq(dense(784, 64, { activation: "relu" }), dense(64, 10))
 */
export const seq = <const L extends readonly LayerLike[]>(
  ...of: { readonly [K in keyof L]: L[K] & CheckAt<SeqChecks<L>, K> }
): Layer<SeqParams<L>, SeqInput<L>, SeqOutput<L>, SeqSpec> => {
  const layers = of as readonly AnyLayer[] // the types have checked that they fit together
  const made: Layer<readonly Params[], Tensor, Tensor, SeqSpec> = {
    spec: { _tag: "seq", of: layers.map((l) => l.spec) },
    init: (key) => layers.map((l, i) => l.init(foldIn(key, i))),
    apply: (params, x, context) => layers.reduce((y, l, i) => applyPart(context, i, `${i}`, l, params[i] as Params, y), x),
  }
  // each layer takes what the one before gives: the types of `seq` have checked it
  return made as unknown as Layer<SeqParams<L>, SeqInput<L>, SeqOutput<L>, SeqSpec>
}

defineLayer({
  tag: "seq",
  fields: { of: layerListCodec },
  build: ({ of }) => seq(...of.map(layerOf)),
  example: (choose) => {
    const widths = Array.from({ length: choose.int(1, 4) }, () => choose.int(1, 4))
    const [inputs] = widths as [number]
    const layers = widths.slice(1).map((outputs, i) => dense(widths[i] as number, outputs, { activation: "tanh" }))
    return { layer: seq(...layers), input: float(...choose.shape(2), inputs) }
  },
})
