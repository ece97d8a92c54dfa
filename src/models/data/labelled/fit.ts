/** Images of users at the size that a model takes. */
import * as E from "fp-ts/lib/Either.js"
import { evaluate, type StillpointError, tensor, toArray } from "../../../core/index.js"
import { resize } from "../../../ops/index.js"
import { sampledAt } from "../block-template.js"
import { refuse } from "../readers/index.js"
import { blocksAcross } from "../tetrominoes.js"
import type { LabelledImages } from "./labelled-images.js"
import { smoothed } from "./smooth.js"

/** How images can be brought to another size: by linear interpolation, by the nearest pixel, or by means where they get smaller. */
export const resizeMethods = ["linear", "nearest", "smooth"] as const
/** How images are brought to another size. */
export type ResizeMethod = (typeof resizeMethods)[number]

/** Images of the size asked for. */
export interface Fitted {
  readonly data: LabelledImages
  /** What was done to them, as a sentence; null: nothing. */
  readonly how: string | null
}

/** Rows (or columns) of an image of `from` that one of `to` takes, each the nearest. */
const nearestPositions = (from: number, to: number): Uint32Array =>
  Uint32Array.from({ length: to }, (_, i) => Math.floor(((i + 0.5) * from) / to))

/** Rows (or columns) of an image of whole blocks that one of smaller blocks takes: of each block the ends, and the rest evenly. */
const blockPositions = (from: number, to: number): Uint32Array => {
  const [large, small] = [from / blocksAcross, to / blocksAcross]
  return Uint32Array.from({ length: to }, (_, i) => large * Math.floor(i / small) + sampledAt(i % small, small, large))
}

/** Values of all images at some rows and columns. */
const picked = <A extends Float32Array | Uint8Array>(
  out: A,
  from: ArrayLike<number>,
  { count, height, width }: LabelledImages,
  rows: Uint32Array,
  columns: Uint32Array,
): A => {
  const channels = from.length / (count * height * width)
  let at = 0
  for (let n = 0; n < count; n++)
    for (const y of rows)
      for (const x of columns) for (let c = 0; c < channels; c++) out[at++] = from[((n * height + y) * width + x) * channels + c]!
  return out
}

const sampled = (data: LabelledImages, side: number, rows: Uint32Array, columns: Uint32Array): LabelledImages => {
  const values = data.count * side * side
  return {
    ...data,
    height: side,
    width: side,
    images: picked(new Float32Array(3 * values), data.images, data, rows, columns),
    masks: data.masks === null ? null : picked(new Uint8Array(values), data.masks, data, rows, columns),
  }
}

/** Images that are resampled together: enough to be quick, few enough for memory. */
const together = 16

const interpolated = ({ images, count, height, width }: LabelledImages, side: number): E.Either<StillpointError, Float32Array> => {
  const out = new Float32Array(3 * count * side * side)
  const each = 3 * height * width
  for (let from = 0; from < count; from += together) {
    const some = Math.min(together, count - from)
    const part = tensor(images.subarray(from * each, (from + some) * each), [some, height, width, 3])
    const made = evaluate(resize(part, [side, side]))
    if (E.isLeft(made)) return made
    out.set(toArray(made.right), from * 3 * side * side)
  }
  return E.right(out)
}

/**
 * Images of `side` x `side` pixels. Those of another size are
 *
 * - resampled as `method` says: `linear` (half-pixel centres, no smoothing first), `nearest`, or `smooth` (along an axis that gets smaller the mean
 *   of what falls into a pixel, else as `linear`); labels always take the nearest. Images that are not square are stretched;
 * - without a method, sampled by blocks where both sides are seven whole blocks and theirs are not smaller (35 = 7 x 5 to 14 = 7 x 2). Of every
 *   block the same rows and columns are taken, so that a piece's blocks come out as blocks wherever it lies. Its shading is that of the
 *   smaller template where it lies on the grid of blocks, and of rows further in elsewhere;
 * - else refused, with what was expected, found, and to be done (`advice`).
 *
 * @example
 * fitImages(images, 14, null, "scenes.npz") // 35 x 35 -> 14 x 14
 */
export const fitImages = (
  data: LabelledImages,
  side: number,
  method: ResizeMethod | null,
  source: string,
  advice = "have them resampled with --resize linear or --resize nearest",
): E.Either<StillpointError, Fitted> => {
  const { height, width } = data
  if (height === side && width === side) return E.right({ data, how: null })
  const size = `${width} x ${height} to ${side} x ${side} pixels`
  const byNearest = () => sampled(data, side, nearestPositions(height, side), nearestPositions(width, side))
  if (method === "nearest") return E.right({ data: byNearest(), how: `${size}, the nearest pixel of each` })
  if (method === "smooth")
    return E.right({ data: { ...byNearest(), images: smoothed(data, side) }, how: `${size}, by means where they get smaller` })
  if (method === "linear")
    return E.map((images: Float32Array): Fitted => ({ data: { ...byNearest(), images }, how: `${size}, by linear interpolation` }))(
      interpolated(data, side),
    )
  const whole = height === width && height % blocksAcross === 0 && side % blocksAcross === 0
  if (!whole || height < side)
    return refuse(
      source,
      `expected images of ${side} x ${side} pixels, the model's size (or larger ones of ${blocksAcross} x ${blocksAcross} whole blocks), found ${width} x ${height}; ${advice}`,
    )
  const [large, small] = [height / blocksAcross, side / blocksAcross]
  const positions = blockPositions(height, side)
  return E.right({
    data: sampled(data, side, positions, positions),
    how: `${size}, blocks of ${large} sampled at ${small} rows and columns`,
  })
}
