/** Layers one after another. */
import type { Tensor } from "../../core/index.js"
import { foldIn } from "../../ops/index.js"
import { dense } from "./dense.js"
import { type AnyLayer, applyPart, type Layer, type Params, type Spec } from "./layer.js"
import { defineLayer, float, layerListCodec, layerOf } from "./registry.js"

export interface SeqSpec<S extends Spec = Spec> {
  readonly _tag: "seq"
  readonly of: readonly S[]
}

type Made<P, I, O> = Layer<P, I, O, SeqSpec>

/**
 * The composition of layers, first one first; part i gets the key `foldIn(key, i)`. Without layers it is the identity.
 *
 * @example
 * seq(dense(784, 64, { activation: "relu" }), dense(64, 10))
 */
export function seq<A, I, B>(first: Layer<A, I, B>): Made<readonly [A], I, B>
export function seq<A, B, I, X, O>(first: Layer<A, I, X>, second: Layer<B, X, O>): Made<readonly [A, B], I, O>
export function seq<A, B, C, I, X, Y, O>(
  first: Layer<A, I, X>,
  second: Layer<B, X, Y>,
  third: Layer<C, Y, O>,
): Made<readonly [A, B, C], I, O>
export function seq<A, B, C, D, I, X, Y, Z, O>(
  first: Layer<A, I, X>,
  second: Layer<B, X, Y>,
  third: Layer<C, Y, Z>,
  fourth: Layer<D, Z, O>,
): Made<readonly [A, B, C, D], I, O>
export function seq(...of: readonly AnyLayer[]): Made<readonly Params[], Tensor, Tensor>
export function seq(...of: readonly Pick<Layer<never, never, unknown>, "spec" | "apply">[]): unknown {
  const layers = of as unknown as readonly AnyLayer[] // the overloads have checked that they fit together
  const made: Made<readonly Params[], Tensor, Tensor> = {
    spec: { _tag: "seq", of: layers.map((l) => l.spec) },
    init: (key) => layers.map((l, i) => l.init(foldIn(key, i))),
    apply: (params, x, context) => layers.reduce((y, l, i) => applyPart(context, i, `${i}`, l, params[i] as Params, y), x),
  }
  return made
}

defineLayer({
  tag: "seq",
  fields: { of: layerListCodec },
  build: ({ of }) => seq(...of.map(layerOf)),
  example: (choose) => {
    const widths = Array.from({ length: choose.int(1, 4) }, () => choose.int(1, 4))
    const [inputs] = widths as [number]
    const layers = widths.slice(1).map((outputs, i) => dense(widths[i] as number, outputs, { activation: "tanh" }) as unknown as AnyLayer)
    return { layer: seq(...layers), input: float(...choose.shape(2), inputs) }
  },
})
