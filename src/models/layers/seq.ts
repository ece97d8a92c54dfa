/** Layers one after another. */
import type { Tensor } from "../../core/index.js"
import { foldIn } from "../../ops/index.js"
import { type DenseParams, dense } from "./dense.js"
import type { AnyLayer, Features, Layer, Params, Spec } from "./layer.js"
import type { LayerLike, SeqChecks, SeqInput, SeqOutput, SeqParams } from "./seq-types.js"

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
  const layers = of as unknown as readonly AnyLayer[] // the types have checked that they fit together
  const made: Layer<readonly Params[], Tensor, Tensor, SeqSpec> = {
    spec: { _tag: "seq", of: layers.map((l) => l.spec) },
    init: (key) => layers.map((l, i) => l.init(foldIn(key, i))),
    apply: (params, x, context) =>
      layers.reduce((y, l, i) => l.apply(params[i] as Params, y, { ...context, key: foldIn(context.key, i) }), x),
  }
  return made as unknown as Layer<SeqParams<L>, SeqInput<L>, SeqOutput<L>, SeqSpec>
}

/** Two dense layers with a rectifier between: y = relu(x W + b) V + c. */
export const mlp = <const I extends number, const H extends number, const O extends number>(
  inputs: I,
  hidden: H,
  outputs: O,
): Layer<readonly [DenseParams, DenseParams], Features<I>, Features<O>, SeqSpec> =>
  seq(dense<I, H>(inputs, hidden, { activation: "relu" }), dense<H, O>(hidden, outputs))
