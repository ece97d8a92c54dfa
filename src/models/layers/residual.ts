/** A layer and a path around it (He et al. 2016). */
import { sameShape, showType, type Tensor, TraceError } from "../../core/index.js"
import { add } from "../../ops/index.js"
import { dense } from "./dense.js"
import { applyPart, type Layer } from "./layer.js"
import { defineLayer, float, type LayerSpec, layerCodec, layerOf } from "./registry.js"

/** A residual connection around a layer as data. */
export interface ResidualSpec {
  readonly _tag: "residual"
  readonly of: LayerSpec
}

/**
 * y = x + layer(x).
 *
 * @throws TraceError where the layer changes the shape.
 *
 * @example
 * residual(seq(layerNorm(64), dense(64, 64, { activation: "relu" })))
 */
export const residual = <P, X extends Tensor>(of: Layer<P, X, X>): Layer<P, X, X, ResidualSpec> => ({
  spec: { _tag: "residual", of: of.spec },
  init: of.init,
  apply: (params, x, context) => {
    const y = applyPart(context, 0, "of", of, params, x)
    if (!sameShape(x.shape, y.shape))
      throw new TraceError(`residual: the layer must keep the shape: it takes ${showType(x.type)} and gives ${showType(y.type)}`)
    return add(x as Tensor, y as Tensor) as X
  },
})

defineLayer({
  tag: "residual",
  fields: { of: layerCodec },
  build: ({ of }) => residual(layerOf(of)),
  example: (choose) => {
    const features = choose.int(1, 4)
    return { layer: residual(dense(features, features, { activation: "tanh" })), input: float(...choose.shape(2), features) }
  },
})
