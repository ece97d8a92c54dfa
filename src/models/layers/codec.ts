/** Layers from their descriptions. */
import * as t from "io-ts"
import { type Codec, tagged, variant } from "../schema/index.js"
import { type ConvolutionSpec, convolution, convolutionCodec } from "./convolution.js"
import { type DenseSpec, dense, denseCodec } from "./dense.js"
import type { AnyLayer } from "./layer.js"
import { type LayerNormSpec, layerNorm, layerNormCodec } from "./layer-norm.js"
import { type PositionEmbeddingSpec, positionEmbedding, positionEmbeddingCodec } from "./position-embedding.js"
import { type SeqSpec, seq } from "./seq.js"

/** Layers from tensor to tensor, which `seq` can be made of. */
export type LayerSpec = DenseSpec | LayerNormSpec | ConvolutionSpec | PositionEmbeddingSpec | SeqSpec<LayerSpec>

type Part = Codec<LayerSpec> & { readonly tag: string }

/** Reads the description of a layer from outside. */
export const layerCodec: Codec<LayerSpec> = tagged<LayerSpec>("a layer", () => [
  denseCodec as unknown as Part,
  layerNormCodec as unknown as Part,
  convolutionCodec as unknown as Part,
  positionEmbeddingCodec as unknown as Part,
  seqCodec as unknown as Part,
])

const seqCodec = variant("seq", { of: t.readonlyArray(layerCodec, "a list of layers") as unknown as Codec<readonly LayerSpec[]> })

/** The layer that a description describes. */
export const layerOf = (spec: LayerSpec): AnyLayer => {
  // what a layer takes and gives is known from its description at run time only
  const any = (layer: unknown) => layer as AnyLayer
  switch (spec._tag) {
    case "dense":
      return any(dense(spec.inputs, spec.outputs, spec))
    case "layerNorm":
      return any(layerNorm(spec.features, spec.epsilon))
    case "convolution":
      return any(convolution(spec.inputs, spec.outputs, spec.kernel, spec))
    case "positionEmbedding":
      return any(positionEmbedding(spec.height, spec.width, spec.features, spec.frequencies))
    case "seq":
      return any(seq(...spec.of.map(layerOf)))
  }
}
