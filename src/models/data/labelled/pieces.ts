/** Users' images as they are read, each of its own size: a folder picture by picture, a TFRecord file scene by scene. Node only. */
import { existsSync } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { extname, join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { fromSystem } from "../../checkpoint/index.js"
import { type DecodeError, type FileError, fileError } from "../../failure.js"
import { type MultiObjectLayout, multiObjectLayouts, multiObjectScene, readMultiObject } from "../multi-object/index.js"
import { decodeExample, type NpyArray, naturalOrder, type Picture, readPicture, readTfRecords, refuse } from "../readers/index.js"
import { labelMapsOf } from "./label-maps.js"
import type { LabelledImages } from "./labelled-images.js"
import { pixelsOf, type Transparency } from "./pixels.js"
import { readLabelledImages } from "./read.js"

type Failure = FileError | DecodeError
type Result<A> = E.Either<Failure, A>

/** Images of one size at a time, in their order; a `Left` is the last item. */
export type Pieces = AsyncGenerator<Result<LabelledImages>, void, undefined>

const arrayOf = ({ width, height, channels, data }: Picture): NpyArray => {
  const shape = [1, height, width, channels]
  return data instanceof Uint8Array ? { dtype: "uint8", shape, data } : { dtype: "uint16", shape, data }
}

/** Pictures by name. */
const picturesIn = async (folder: string): Promise<Result<readonly string[]>> => {
  const listed = await TE.tryCatch(() => readdir(folder), fromSystem("read", folder))()
  return E.map((names: readonly string[]) => names.filter((name) => /\.png$/i.test(name)).sort(naturalOrder))(listed)
}

/** A picture whose bytes are labels of another one's pixels. */
const labelsAt = async (path: string, size: { readonly height: number; readonly width: number }): Promise<Result<Uint8Array>> => {
  const read = await readPicture(path)()
  if (E.isLeft(read)) return read
  const { channels, data } = read.right
  if (channels !== 1 || !(data instanceof Uint8Array))
    return refuse(
      path,
      `expected a grey picture whose bytes are labels, found ${channels} channels of ${8 * data.BYTES_PER_ELEMENT} bits; save it as grey`,
    )
  return labelMapsOf({ dtype: "uint8", shape: [1, read.right.height, read.right.width], data }, { count: 1, ...size }, path)
}

async function* fromFolder(folder: string, transparency: Transparency): Pieces {
  const names = await picturesIn(folder)
  if (E.isLeft(names)) return yield names
  if (names.right.length === 0)
    return yield E.left(fileError(folder, `could not read ${folder}: no name in it ends in .png; name a folder of pictures`))
  const beside = join(folder, "masks")
  const maps = existsSync(beside) ? await picturesIn(beside) : null
  if (maps !== null && E.isLeft(maps)) return yield maps
  const spare = maps?.right.find((name) => !names.right.includes(name)) ?? names.right.find((name) => maps?.right.includes(name) === false)
  if (spare !== undefined)
    return yield refuse(beside, `expected a label map of the same name for each picture, but ${spare} is in one of the folders only`)
  const missing = maps === null ? `there is no folder ${beside} of label maps` : null
  for (const name of names.right) {
    const path = join(folder, name)
    const read = await readPicture(path)()
    if (E.isLeft(read)) return yield read
    const pixels = pixelsOf(arrayOf(read.right), path, transparency)
    if (E.isLeft(pixels)) return yield pixels
    const masks = maps === null ? E.right(null) : await labelsAt(join(beside, name), read.right)
    if (E.isLeft(masks)) return yield masks
    yield E.right({ ...pixels.right, masks: masks.right, missing, names: [name] })
  }
}

/** The layout that a file's first record has. */
const layoutOf = async (path: string): Promise<Result<MultiObjectLayout>> => {
  for await (const record of readTfRecords(path)) {
    if (E.isLeft(record)) return record
    const source = `${path}: record 0`
    const example = decodeExample(record.right, source)
    if (E.isLeft(example)) return example
    const known = Object.values(multiObjectLayouts).find((layout) => E.isRight(multiObjectScene(example.right, layout, source)))
    if (known !== undefined) return E.right(known)
    const found = [...example.right].map(([name, { data }]) => `${name} of ${data.length}`).join(", ")
    return refuse(
      source,
      `expected a scene in a layout of ${Object.keys(multiObjectLayouts).join(", ")}, found ${found}; convert the images to an .npz archive`,
    )
  }
  return refuse(path, "expected scenes, found no record; check that the file was loaded whole")
}

async function* fromRecords(path: string): Pieces {
  const layout = await layoutOf(path)
  if (E.isLeft(layout)) return yield layout
  let n = 0
  for await (const scene of readMultiObject(path, layout.right)) {
    if (E.isLeft(scene)) return yield scene
    const { height, width, image, masks } = scene.right
    yield E.right({ count: 1, height, width, images: image, masks, missing: null, names: [`Scene ${n++}`] })
  }
}

/** The images at a path; see `readFittedImages`. */
export async function* piecesAt(path: string, transparency: Transparency): Pieces {
  const found = await TE.tryCatch(() => stat(path), fromSystem("read", path))()
  if (E.isLeft(found)) return yield found
  if (found.right.isDirectory()) yield* fromFolder(path, transparency)
  else if (/^\.tfrecords?$/i.test(extname(path))) yield* fromRecords(path)
  else yield await readLabelledImages(path, { transparency })()
}
