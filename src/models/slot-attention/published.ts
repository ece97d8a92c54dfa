/**
 * Slot attention at the sizes of the paper (Locatello et al. 2020). Sources:
 *
 * - [C] the authors' code, github.com/google-research/google-research, slot_attention/model.py and object_discovery/train.py;
 * - [T] github.com/adityabingi/Slot-Attention, model.py, which follows the paper's appendix on Tetrominoes;
 * - [P] the paper's section 4.1 and appendix E.
 */
import { convolution, dense, type LayerSpec, layerNorm, layerOf, positionEmbedding, seq, transposedConvolution } from "../layers/index.js"
import type { SlotAutoencoderSpec } from "./autoencoder.js"
import { slotAttention } from "./slot-attention.js"
import { spatialBroadcastDecoder } from "./spatial-decoder.js"
import { adjointOf, slotSolver, type VariantName } from "./variants.js"

/** The numbers of a slot autoencoder of convolutions. */
export interface PublishedSize {
  /** Side of an image in pixels. */
  readonly side: number
  readonly colours: number
  /** Channels and sides of the encoder's convolutions, and units of the two layers that end it. */
  readonly encoder: { readonly channels: number; readonly kernels: readonly number[]; readonly hidden: number; readonly outputs: number }
  readonly slots: number
  /** Refinements. */
  readonly iterations: number
  /** Features of a slot, and hidden units of the network in the refinement. */
  readonly width: number
  readonly hidden: number
  /** Of weights, and of the layer normalisations. */
  readonly epsilon: number
  readonly normEpsilon: number
  /** Side of the grid that slots are copied to; channels, sides and strides of the transposed convolutions but the last; the last one's side. */
  readonly decoder: {
    readonly grid: number
    readonly channels: number
    readonly kernels: readonly number[]
    readonly strides: readonly number[]
    readonly lastKernel: number
  }
  readonly training: PublishedTraining
}

/** Adam whose rate rises in a line for `warmUp` steps and is halved every `halfLife` steps. */
export interface PublishedTraining {
  readonly batch: number
  readonly rate: number
  readonly epsilon: number
  readonly steps: number
  readonly warmUp: number
  readonly halfLife: number
}

/** [C] train.py: batch 64, Adam 4e-4 with epsilon 1e-8, 500k steps, warm-up 10k, rate x 0.5^(step / 100k). */
const training: PublishedTraining = { batch: 64, rate: 4e-4, epsilon: 1e-8, steps: 500_000, warmUp: 10_000, halfLife: 100_000 }

/** CLEVR6: scenes of at most 6 objects, 128 x 128. */
export const clevr6Size: PublishedSize = {
  side: 128, // [C] train.py: resolution (128, 128)
  colours: 3,
  encoder: {
    channels: 64, // [C] four Conv2D(64, 5, SAME, relu)
    kernels: [5, 5, 5, 5],
    hidden: 64, // [C] Dense(64, relu), Dense(64)
    outputs: 64,
  },
  slots: 7, // [C] train.py: num_slots
  iterations: 3, // [C] train.py: num_iterations
  width: 64, // [C] slot_size
  hidden: 128, // [C] mlp_hidden_size
  epsilon: 1e-8, // [C] epsilon of SlotAttention
  normEpsilon: 1e-3, // [C] the default of Keras' LayerNormalization
  decoder: {
    grid: 8, // [C] decoder_initial_size
    channels: 64, // [C] Conv2DTranspose(64, 5, SAME, relu): four of stride 2, one of stride 1
    kernels: [5, 5, 5, 5, 5],
    strides: [2, 2, 2, 2, 1],
    lastKernel: 3, // [C] Conv2DTranspose(4, 3)
  },
  training,
}

/** Tetrominoes: three pieces, 35 x 35. */
export const tetrominoesSize: PublishedSize = {
  side: 35, // the data set's images
  colours: 3,
  encoder: {
    channels: 32, // [T] four Conv2d(32, 5, padding 2), ReLU
    kernels: [5, 5, 5, 5],
    hidden: 32, // [T] Linear(32, 32), ReLU, Linear(32, 32)
    outputs: 32,
  },
  slots: 4, // [P] three pieces and the background
  iterations: 3, // [P]
  width: 64, // [T] slot_size
  hidden: 128, // [T] slot_mlp_size
  epsilon: 1e-8, // [T]
  normEpsilon: 1e-5, // [T] the default of PyTorch's LayerNorm
  decoder: {
    grid: 35, // [T] decoder_resolution: slots are copied to every pixel
    channels: 32, // [T] three ConvTranspose2d(32, 5, padding 2), ReLU
    kernels: [5, 5, 5],
    strides: [1, 1, 1],
    lastKernel: 3, // [T] ConvTranspose2d(4, 3, padding 1)
  },
  training,
}

const inARow = (layers: readonly { readonly spec: LayerSpec }[]): LayerSpec => seq(...layers.map(({ spec }) => layerOf(spec))).spec

/**
 * The model of a published size as data. The paper's own gradient is `unrolled`; `oneStep` makes it that of Chang, Griffiths and Levine
 * (2022).
 *
 * @example
 * slotAutoencoder(publishedAutoencoder(clevr6Size, "oneStep"))
 */
export const publishedAutoencoder = (size: PublishedSize, variant: VariantName = "unrolled"): SlotAutoencoderSpec => {
  const { encoder, decoder, side, colours, width, normEpsilon, iterations } = size
  const inputsOf = (i: number, first: number, rest: number) => (i === 0 ? first : rest)
  return {
    _tag: "slotAutoencoder",
    encoder: inARow([
      ...encoder.kernels.map((kernel, i) =>
        convolution(inputsOf(i, colours, encoder.channels), encoder.channels, kernel, { activation: "relu" }),
      ),
      positionEmbedding(side, side, encoder.channels),
      layerNorm(encoder.channels, normEpsilon),
      dense(encoder.channels, encoder.hidden, { activation: "relu" }),
      dense(encoder.hidden, encoder.outputs),
    ]),
    attention: slotAttention({
      inputs: encoder.outputs,
      slots: size.slots,
      width,
      hidden: size.hidden,
      epsilon: size.epsilon,
      normEpsilon,
      solver: slotSolver(iterations, adjointOf(variant, iterations)),
    }).spec,
    decoder: spatialBroadcastDecoder({
      height: decoder.grid,
      width: decoder.grid,
      inputs: width,
      channels: colours,
      network: inARow([
        ...decoder.kernels.map((kernel, i) => {
          const stride = decoder.strides[i] as number
          return transposedConvolution(inputsOf(i, width, decoder.channels), decoder.channels, kernel, { stride, activation: "relu" })
        }),
        transposedConvolution(decoder.channels, colours + 1, decoder.lastKernel),
      ]),
    }).spec,
  }
}
