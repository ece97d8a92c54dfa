/** Images of users at a model's size, whatever size each of them has. Node only. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { StillpointError } from "../../../core/index.js"
import { refuse } from "../readers/index.js"
import { fitImages, type ResizeMethod } from "./fit.js"
import { firstImages, type LabelledImages } from "./labelled-images.js"
import { type Pieces, piecesAt } from "./pieces.js"
import type { Transparency } from "./pixels.js"

/** What images are brought to, and how. */
export interface Fitting {
  /** Side of the square images in pixels. */
  readonly side: number
  /** How images of another size are resampled; null: as {@link fitImages} does without a method. */
  readonly resize: ResizeMethod | null
  /** What transparent pixels are put on. Default `"refuse"`. */
  readonly transparency?: Transparency | undefined
  /** Images that are read at most, the first ones. Default: all. */
  readonly most?: number | undefined
  /** Most bytes that they take in memory. Default 2 GiB. */
  readonly maxBytes?: number | undefined
}

/** Images of one size, and how they came to it. */
export interface FittedImages {
  readonly data: LabelledImages
  /** A sentence for each kind of change, such as `3 images: 64 x 48 to 32 x 32 pixels, by linear interpolation`. */
  readonly how: readonly string[]
}

const joined = <A extends Float32Array | Uint8Array>(whole: A, parts: readonly A[]): A => {
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const together = (side: number, parts: readonly LabelledImages[], first: LabelledImages): LabelledImages => {
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const pixels = count * side * side
  const images = parts.map((part) => part.images)
  const masks = parts.flatMap((part) => (part.masks === null ? [] : [part.masks]))
  return {
    count,
    height: side,
    width: side,
    images: joined(new Float32Array(3 * pixels), images),
    masks: first.masks === null ? null : joined(new Uint8Array(pixels), masks),
    missing: first.missing,
    names: parts.flatMap((part) => part.names),
  }
}

const plural = (count: number): string => (count === 1 ? "1 image" : `${count} images`)

const collect = async (pieces: Pieces, path: string, fitting: Fitting): Promise<E.Either<StillpointError, FittedImages>> => {
  const { side, resize, most = Number.POSITIVE_INFINITY, maxBytes = 2 ** 31 } = fitting
  const parts: LabelledImages[] = []
  const changed = new Map<string, number>()
  let count = 0
  for await (const piece of pieces) {
    if (E.isLeft(piece)) return piece
    const some = firstImages(piece.right, most - count)
    const name = piece.right.count === 1 ? `${path}: ${piece.right.names[0]}` : path
    const fitted = fitImages(
      some,
      side,
      resize,
      name,
      "choose how they are resampled: smooth, linear or nearest (--resize, or data.resize in training)",
    )
    if (E.isLeft(fitted)) return fitted
    const { data, how } = fitted.right
    parts.push(data)
    count += data.count
    if (how !== null) changed.set(how, (changed.get(how) ?? 0) + data.count)
    if (count * side * side * 13 > maxBytes)
      return refuse(
        path,
        `its first ${plural(count)} of ${side} x ${side} pixels take more than ${maxBytes} bytes; read fewer (most), or make them smaller (side)`,
      )
    if (count >= most) break
  }
  const [first] = parts
  if (first === undefined) return refuse(path, "expected at least one image, found none")
  return E.right({ data: together(side, parts, first), how: [...changed].map(([how, n]) => `${plural(n)}: ${how}`) })
}

/**
 * Reads a user's images and brings each to `side` x `side` pixels: a folder of PNG pictures of any sizes and colour types (perhaps with a folder
 * `masks` of label maps), an `.npz` archive or `.npy` array as {@link readLabelledImages} does, or a `.tfrecord` (`.tfrecords`) file of a published
 * multi-object set, whose layout is found out. `Left` names the file, what was expected, what was found, and what to do.
 *
 * @example
 * const read = await readFittedImages("photos", { side: 32, resize: "smooth" })()
 * if (E.isRight(read)) console.log(read.right.data.count, read.right.how)
 */
export const readFittedImages =
  (path: string, fitting: Fitting): TaskEither<StillpointError, FittedImages> =>
  () =>
    collect(piecesAt(path, fitting.transparency ?? "refuse"), path, fitting)
