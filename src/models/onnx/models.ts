/** Models of the library as ONNX files: what each takes and gives. */
import type * as E from "fp-ts/lib/Either.js"
import type { Tensor } from "../../core/index.js"
import { add, type Key, mul, zeros } from "../../ops/index.js"
import { centred } from "../families/index.js"
import { paintWords, readWords, type SlateParams, type SlateSpec, slotsAndScores } from "../slate/index.js"
import { type SlotAutoencoderParams, type SlotAutoencoderSpec, slotAutoencoder } from "../slot-attention/index.js"
import { type ExportError, type ExportOptions, exportOnnx } from "./export.js"

/** Options of the exports of models. */
export interface ModelExportOptions extends Pick<ExportOptions, "precision"> {
  /** What the initial slots are drawn from, once: the file always begins at the same ones. */
  readonly key: Key
}

/** Options of `exportSlotAutoencoder`. */
export interface AutoencoderExportOptions extends ModelExportOptions {
  /** The shape of a batch, [B, H, W, C]. */
  readonly images: readonly [number, number, number, number]
}

/** The shape of a batch as a note, so that a file says what it takes. */
const note = (range: string): Readonly<Record<string, string>> => ({ images: `[count, height, width, channels], in ${range}` })

/**
 * A slot autoencoder's forward pass as an ONNX file. Input `images` in [0, 1], as a run's data are; outputs `reconstruction` in the same
 * units, `masks`, `parts` (what each slot would paint alone, in the same units), `attention`, `slots`, `residual`.
 *
 * @example
 * const { model } = loaded.description
 * exportSlotAutoencoder(model, loaded.snapshot.state[0], { images: [1, 35, 35, 3], key: keyOf(0, "evaluation") })
 */
export const exportSlotAutoencoder = (
  spec: SlotAutoencoderSpec,
  params: SlotAutoencoderParams,
  { images: shape, key, precision = "float32" }: AutoencoderExportOptions,
): E.Either<ExportError, Uint8Array<ArrayBuffer>> => {
  const model = slotAutoencoder(spec)
  const unit = (x: Tensor): Tensor => mul(add(x, 1) as Tensor, 0.5) as Tensor
  const forward = ({ images }: { readonly images: Tensor }) => {
    const { reconstruction, masks, parts, attention, slots, residual } = model.apply(params, centred(images), { key, mode: "eval" })
    return { reconstruction: unit(reconstruction), masks, parts: unit(parts), attention, slots, residual }
  }
  return exportOnnx(
    "slotAutoencoder",
    forward,
    { images: zeros(shape) as Tensor },
    { parameters: params, precision, notes: note("[0, 1]") },
  )
}

/** Options of `exportSlate`. */
export interface SlateExportOptions extends ModelExportOptions {
  /** Images of a batch. Default 1. */
  readonly count?: number
}

/**
 * A SLATE's forward pass as an ONNX file. Input `images` [count, height, width, channels] in [0, 1]; outputs `words`, the most probable ones,
 * `scores` of them by the decoder, `slots`, `attention`, `residual`, and `reconstruction`, the image that the discrete VAE paints of the words.
 *
 * @example
 * const spec = slateSpec("small")
 * exportSlate(spec, slate(spec).init(key(0)), { key: key(1) })
 */
export const exportSlate = (
  spec: SlateSpec,
  params: SlateParams,
  { count = 1, key, precision = "float32" }: SlateExportOptions,
): E.Either<ExportError, Uint8Array<ArrayBuffer>> => {
  const forward = ({ images }: { readonly images: Tensor }) => {
    const words = readWords(spec, params, images)
    const { slots, attention, residual, scores } = slotsAndScores(spec, params, words, { key, mode: "eval" })
    return { words, scores, slots, attention, residual, reconstruction: paintWords(spec, params, words) }
  }
  const images = zeros([count, spec.height, spec.width, spec.channels]) as Tensor
  return exportOnnx("slate", forward, { images }, { parameters: params, precision, notes: note("[0, 1]") })
}
