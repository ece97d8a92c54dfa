/** Training steps T1 to T6. Weights of dense layers are [inputs, outputs]; gates of the GRU stand in the order reset, update, candidate. */
import { slateData, slateParams, slateSizes } from "./slate.js"
import type { Model, Passing, Tensors, Training } from "./spec.js"
import { classes, conv, dense, glorot, norm, normal, of, slotAttention, small } from "./tensors.js"

const autoencoder: Tensors = {
  ...conv("enc0", 5, 3, 32),
  ...conv("enc1", 5, 32, 32),
  ...conv("enc2", 5, 32, 32),
  ...conv("enc3", 5, 32, 32),
  ...dense("epos", 4, 32),
  ...norm("ln", 32),
  ...dense("e0", 32, 32),
  ...dense("e1", 32, 32),
  ...slotAttention(32, 64, 128),
  ...dense("dpos", 4, 64),
  ...conv("dec0", 5, 64, 32),
  ...conv("dec1", 5, 32, 32),
  ...conv("dec2", 5, 32, 32),
  ...conv("dec3", 3, 32, 4),
}

/** Block i has the names b<i>.*; queries, keys, values and the output have no shifts. */
const block = (i: number, width: number): Tensors => ({
  ...norm(`b${i}.n0`, width),
  [`b${i}.q.w`]: glorot(width, width),
  [`b${i}.k.w`]: glorot(width, width),
  [`b${i}.v.w`]: glorot(width, width),
  [`b${i}.o.w`]: glorot(width, width),
  ...norm(`b${i}.n1`, width),
  ...dense(`b${i}.f0`, width, 4 * width),
  ...dense(`b${i}.f1`, 4 * width, width),
})

const decoder = { blocks: 4, heads: 4, width: 192, tokens: 256, batch: 8, vocabulary: 1024 }

const decoderParams: Tensors = {
  emb: small(0.02, decoder.vocabulary, decoder.width),
  pos: small(0.02, decoder.tokens, decoder.width),
  ...Object.assign({}, ...Array.from({ length: decoder.blocks }, (_, i) => block(i, decoder.width))),
  ...norm("nf", decoder.width),
  "out.w": glorot(decoder.width, decoder.vocabulary),
}

const training = (id: string, model: Model, params: Tensors, data: Tensors): Training => ({
  kind: "training",
  id,
  family: id.slice(0, 2),
  model,
  params,
  data,
})

const slots = (id: string, passing: Passing): Training =>
  training(id, { t: "slotAutoencoder", passing, iterations: 7 }, autoencoder, {
    x: normal(32, 35, 35, 3),
    noise: normal(32, 4, 64),
    grid: of({ t: "places" }, 35, 35, 4),
  })

/** Numbers of iterations at which T5 is measured. */
export const turns = [1, 10, 30, 60] as const
export const passings: readonly Passing[] = ["oneStep", "unrolled", "exact"]

const fixedPoint = (passing: Passing, iterations: number): Training =>
  training(
    `T5.${passing}.${iterations}`,
    { t: "fixedPoint", passing, iterations },
    { W: of({ t: "spectral", norm: 0.9 }, 64, 64) },
    { x: normal(32, 64), z0: normal(32, 64) },
  )

export const trainings: readonly Training[] = [
  slots("T1i", "oneStep"),
  slots("T1u", "unrolled"),
  slots("T1e", "exact"),
  training("T2", { t: "mlp" }, { ...dense("l0", 784, 256), ...dense("l1", 256, 10) }, { x: normal(128, 784), y: classes(10, 128) }),
  training(
    "T3",
    { t: "recurrent" },
    { "ih.w": glorot(32, 192), "hh.w": glorot(64, 192), "ih.b": small(0.1, 192), "hh.b": small(0.1, 192) },
    { x: normal(64, 32, 32) }, // [time, batch, inputs]
  ),
  training("T4", { t: "decoder", blocks: decoder.blocks, heads: decoder.heads }, decoderParams, {
    x: classes(decoder.vocabulary, decoder.batch, decoder.tokens),
    y: classes(decoder.vocabulary, decoder.batch, decoder.tokens),
  }),
  training(
    "T6",
    { t: "slate", passing: "oneStep", iterations: 7, blocks: slateSizes.blocks, heads: slateSizes.heads, temperature: 0.5 },
    slateParams,
    slateData,
  ),
  ...passings.flatMap((passing) => turns.map((k) => fixedPoint(passing, k))),
]
