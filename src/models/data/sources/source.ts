/** What a model is trained on, as data. */
import { type Codec, oneOf, optional, someText, tagged, variant, whole } from "../../schema/index.js"
import { type ResizeMethod, resizeMethods } from "../labelled/index.js"
import { spriteChoices } from "../sprites.js"

/** Tetrominoes, drawn; see {@link tetrominoesScene}. Images are 7 blocks wide. */
export interface TetrominoesSource {
  readonly _tag: "tetrominoes"
  /** Side of a block in pixels, from 1 to 64; 5 is the published set. */
  readonly blockSize: number
}

/** Squares, ellipses and hearts that lie over one another, drawn; see {@link spritesScene}. */
export interface SpritesSource {
  readonly _tag: "sprites"
  /** Side of an image in pixels, from 16 to 1024. */
  readonly side: number
  /** Fewest and most sprites of a scene, from 1 to 20. Default 2 to 5. */
  readonly fewest?: number | undefined
  readonly most?: number | undefined
  /** Smallest and largest size of a sprite over the side of the image, from 0.1 to 1. Default 0.2 to 0.45. */
  readonly smallest?: number | undefined
  readonly largest?: number | undefined
  /** The share of its pixels that every sprite leaves in sight at least. Default 0.25. */
  readonly minVisible?: number | undefined
  /** Black, or one grey a scene (default). */
  readonly background?: "black" | "grey" | undefined
}

/** A user's own images: a folder of PNG pictures, an `.npz` archive, an `.npy` array, or a TFRecord file of a published multi-object set. */
export interface FilesSource {
  readonly _tag: "files"
  readonly path: string
  /** Side of the square images that a model gets, from 4 to 1024 pixels. */
  readonly side: number
  /**
   * How images of other sizes are brought to it (default `"smooth"`: means of what falls into a pixel, and linear interpolation where
   * images are enlarged); `"refuse"` takes images of just that size. Images that are not square are stretched.
   */
  readonly resize?: ResizeMethod | "refuse" | undefined
  /** What transparent pixels are put on. Default `"refuse"`: images must be opaque. */
  readonly transparency?: "refuse" | "black" | "white" | undefined
  /** Images that are read at most, the first ones. Default 10,000. */
  readonly most?: number | undefined
}

/** What to train on, as data; what may be left out has its default. */
export type ImageSource = TetrominoesSource | SpritesSource | FilesSource

const tetrominoes = variant("tetrominoes", { blockSize: whole(1, 64) })
const sprites = variant("sprites", { side: whole(16, 1024), ...spriteChoices })
const files = variant("files", {
  path: someText("a path of a folder of PNG pictures, an .npz, .npy or .tfrecord(s) file"),
  side: whole(4, 1024),
  resize: optional(oneOf("refuse", ...resizeMethods), "smooth"),
  transparency: optional(oneOf("refuse", "black", "white"), "refuse"),
  most: optional(whole(1, 2 ** 24), 10_000),
})

type Read<C> = C extends Codec<infer A> ? A : never
/** {@link FilesSource} with nothing left out. */
export type CheckedFiles = Read<typeof files>
/** Sources of scenes that are drawn, with nothing left out. */
export type CheckedDrawn = Read<typeof tetrominoes> | Read<typeof sprites>
/** {@link ImageSource} with nothing left out, as it is read from outside. */
export type CheckedImageSource = CheckedDrawn | CheckedFiles

type Part = Codec<CheckedImageSource> & { readonly tag: string }

/** Codec of {@link ImageSource}, for configuration that comes from outside; what is missing has its default. */
export const imageSourceCodec: Codec<CheckedImageSource> = tagged<CheckedImageSource>("a source of images", () =>
  [tetrominoes, sprites, files].map((part) => part as Part),
)
