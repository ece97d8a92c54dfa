/** Fashion-MNIST, which is not part of this package: 70,000 grey pictures of garments, 28 x 28 pixels each. Node only. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { type DecodeError, type FileError, fileError } from "../../failure.js"
import { readIdx, refuse } from "../readers/index.js"

/** Where Debian's package puts it. */
export const fashionFolder = "/usr/share/datasets/fashion-mnist"

/**
 * What a garment can be, in the order of the data's labels.
 *
 * @example
 * garmentKinds[9] // "ankle boot"
 */
export const garmentKinds: readonly string[] = [
  ...["T-shirt", "trousers", "pullover", "dress", "coat"],
  ...["sandal", "shirt", "sneaker", "bag", "ankle boot"],
]

/** Pictures of garments: grey on black. */
export interface Garments {
  readonly count: number
  /** Side of a picture in pixels. */
  readonly side: number
  /** `[count, side, side]` */
  readonly pictures: Uint8Array
  /** Indices into {@link garmentKinds}. */
  readonly kinds: Uint8Array
}

/** The two parts of the data: garments to train on, and others. */
export interface FashionMnist {
  readonly train: Garments
  readonly heldOut: Garments
}

type Result<A> = E.Either<FileError | DecodeError, A>

/** A file under its published name, compressed or not. */
const pathIn = (folder: string, name: string): Result<string> => {
  const found = [`${name}.gz`, name].map((file) => join(folder, file)).find(existsSync)
  return found === undefined
    ? E.left(
        fileError(
          join(folder, name),
          `could not read Fashion-MNIST: expected ${name} or ${name}.gz in ${folder}, found neither; install it (Debian: apt-get install dataset-fashion-mnist), or give the path of the folder that holds its four files`,
        ),
      )
    : E.right(found)
}

const bytesAt = async (
  folder: string,
  name: string,
  rank: number,
): Promise<Result<{ readonly shape: readonly number[]; readonly data: Uint8Array }>> => {
  const path = pathIn(folder, name)
  if (E.isLeft(path)) return path
  const read = await readIdx(path.right)()
  if (E.isLeft(read)) return read
  const { shape, data } = read.right
  if (shape.length !== rank || !(data instanceof Uint8Array))
    return refuse(path.right, `expected ${rank} axes, found [${shape.join(", ")}]; check that the file is the published one`)
  return E.right({ shape, data })
}

const garmentsOf = async (folder: string, part: string): Promise<Result<Garments>> => {
  const pictures = await bytesAt(folder, `${part}-images-idx3-ubyte`, 3)
  if (E.isLeft(pictures)) return pictures
  const kinds = await bytesAt(folder, `${part}-labels-idx1-ubyte`, 1)
  if (E.isLeft(kinds)) return kinds
  const [count = 0, side = 0, width = 0] = pictures.right.shape
  if (count === 0 || side !== width || kinds.right.shape[0] !== count || kinds.right.data.some((kind) => kind >= garmentKinds.length))
    return refuse(
      folder,
      `expected square pictures and as many labels from 0 to ${garmentKinds.length - 1}, found [${pictures.right.shape.join(", ")}] and [${kinds.right.shape.join(", ")}]; check that ${part}-images and ${part}-labels are the published files`,
    )
  return E.right({ count, side, pictures: pictures.right.data, kinds: kinds.right.data })
}

/**
 * Reads Fashion-MNIST (Zalando Research, MIT licence) from the folder that holds its four files, compressed or not. Where it is missing, the `Left`
 * says how to get it.
 *
 * @example
 * const read = await readFashionMnist()()
 * if (E.isRight(read)) console.log(read.right.train.count) // 60000
 */
export const readFashionMnist =
  (folder: string = fashionFolder): TaskEither<FileError | DecodeError, FashionMnist> =>
  async () => {
    const train = await garmentsOf(folder, "train")
    if (E.isLeft(train)) return train
    const heldOut = await garmentsOf(folder, "t10k")
    return E.map((others: Garments): FashionMnist => ({ train: train.right, heldOut: others }))(heldOut)
  }
