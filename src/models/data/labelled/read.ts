/** Images of users: archives, arrays, folders of pictures. Node only. */
import { existsSync } from "node:fs"
import { stat } from "node:fs/promises"
import { extname, join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { fromSystem } from "../../checkpoint/index.js"
import type { DecodeError, FileError } from "../../failure.js"
import { nearest } from "../../schema/index.js"
import { type FileOptions, type NpyArray, type NpzArrays, readNpy, readNpz, readPictures, refuse } from "../readers/index.js"
import { labelMapsOf } from "./label-maps.js"
import type { LabelledImages } from "./labelled-images.js"
import { pixelsOf, type Transparency } from "./pixels.js"

/** How images are read. */
export interface LabelledOptions extends FileOptions {
  /** What transparent pixels are put on. Default `"refuse"`: images must be opaque. */
  readonly transparency?: Transparency | undefined
}

type Read = E.Either<FileError | DecodeError, LabelledImages>

const imageNames = ["image", "images"]
const maskNames = ["mask", "masks"]

const labelled = (
  image: NpyArray,
  mask: NpyArray | null,
  sources: readonly [string, string],
  missing: string,
  transparency: Transparency | undefined,
  names?: readonly string[],
) => {
  const pixels = pixelsOf(image, sources[0], transparency)
  if (E.isLeft(pixels)) return pixels
  const masks = mask === null ? E.right(null) : labelMapsOf(mask, pixels.right, sources[1])
  if (E.isLeft(masks)) return masks
  return E.right<DecodeError, LabelledImages>({
    ...pixels.right,
    masks: masks.right,
    missing: mask === null ? missing : null,
    names: names ?? Array.from({ length: pixels.right.count }, (_, i) => `Image ${i}`),
  })
}

const fromArchive = (arrays: NpzArrays, path: string, transparency: Transparency | undefined): E.Either<DecodeError, LabelledImages> => {
  const all = Object.keys(arrays)
  const [image, second] = imageNames.filter((name) => name in arrays)
  const [mask, other] = maskNames.filter((name) => name in arrays)
  const has = `it has ${all.length === 0 ? "no array" : all.map((name) => JSON.stringify(name)).join(", ")}`
  const found = image === undefined ? undefined : arrays[image]
  if (found === undefined) return refuse(path, `expected an array "image" or "images", but ${has}; rename the array of images`)
  if (second !== undefined || other !== undefined)
    return refuse(path, `expected one array of images and one of masks at most, but ${has}; leave one out`)
  const spare = all.filter((name) => name !== image)
  const near = nearest("mask", spare)
  const meant = near === undefined ? "" : ` (was ${JSON.stringify(near)} meant?)`
  const missing = `${path} has no array "mask" or "masks"${meant}`
  return labelled(
    found,
    mask === undefined ? null : (arrays[mask] ?? null),
    [`${path}: ${image}`, `${path}: ${mask}`],
    missing,
    transparency,
  )
}

const inBytes = ({ shape, data }: { readonly shape: readonly number[]; readonly data: Uint8Array }): NpyArray => ({
  dtype: "uint8",
  shape,
  data,
})

const fromFolder = async (path: string, options: LabelledOptions): Promise<Read> => {
  const pictures = await readPictures(path, options)()
  if (E.isLeft(pictures)) return pictures
  const { shape, data, names } = pictures.right
  const image: NpyArray = { dtype: "float32", shape, data }
  const beside = join(path, "masks")
  const sources = [path, beside] as const
  if (!existsSync(beside)) return labelled(image, null, sources, `there is no folder ${beside} of label maps`, options.transparency, names)
  const maps = await readPictures(beside, { ...options, values: "bytes" })()
  if (E.isLeft(maps)) return maps
  const without = names.find((name) => !maps.right.names.includes(name))
  const spare = maps.right.names.find((name) => !names.includes(name))
  if (without !== undefined || spare !== undefined)
    return refuse(beside, `expected a label map of the same name for each picture, but ${without ?? spare} is in one of the folders only`)
  if (maps.right.shape[3] !== 1)
    return refuse(beside, `expected grey pictures whose bytes are labels, found ${maps.right.shape[3]} channels; save them as grey`)
  return labelled(image, inBytes(maps.right), sources, "", options.transparency, names)
}

/**
 * Reads a user's images, and what is known about them:
 *
 * - an `.npz` archive with an array `image` (or `images`) and perhaps `mask` (or `masks`);
 * - an `.npy` array of images;
 * - a folder of PNG pictures, perhaps with a folder `masks` in it: grey pictures of the same names, whose bytes are labels.
 *
 * Images are `[n, height, width, 3]` (or grey): uint8, uint16, or floats in [0, 1]. Masks are labels `[n, height, width]` or one mask an object
 * `[n, objects, height, width]`, the first the background's. `Left` says what was expected, what was found, and where.
 *
 * @example
 * const read = await readLabelledImages("scenes.npz")()
 * if (E.isRight(read)) console.log(read.right.count, read.right.masks === null)
 */
export const readLabelledImages =
  (path: string, options: LabelledOptions = {}): TaskEither<FileError | DecodeError, LabelledImages> =>
  async () => {
    const found = await TE.tryCatch(() => stat(path), fromSystem("read", path))()
    if (E.isLeft(found)) return found
    if (found.right.isDirectory()) return fromFolder(path, options)
    switch (extname(path).toLowerCase()) {
      case ".npz": {
        const arrays = await readNpz(path, options)()
        return E.isLeft(arrays) ? arrays : fromArchive(arrays.right, path, options.transparency)
      }
      case ".npy": {
        const array = await readNpy(path, options)()
        return E.isLeft(array)
          ? array
          : labelled(array.right, null, [path, path], "an npy file holds images alone; save both in an npz archive", options.transparency)
      }
      default:
        return refuse(path, "expected an .npz archive, an .npy array, or a folder of PNG pictures")
    }
  }
