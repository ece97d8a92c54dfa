/** What a model is trained on, as data. */
import { type Codec, oneOf, optional, someText, tagged, variant, whole } from "../../schema/index.js"
import { type EmojiConfig, emojiChoices } from "../emoji/index.js"
import { type FashionConfig, fashionChoices, fashionFolder } from "../fashion/index.js"
import { type ResizeMethod, resizeMethods } from "../labelled/index.js"
import { type SpritesConfig, spriteChoices } from "../sprites.js"

/** Tetrominoes, drawn; see {@link tetrominoesScene}. Images are 7 blocks wide. */
export interface TetrominoesSource {
  readonly _tag: "tetrominoes"
  /** Side of a block in pixels, from 1 to 64; 5 is the published set. */
  readonly blockSize: number
}

/** Squares, ellipses and hearts that lie over one another, drawn; see {@link spritesScene}. */
export interface SpritesSource extends Omit<SpritesConfig, "size" | "split"> {
  readonly _tag: "sprites"
  /** Side of an image in pixels, from 16 to 1024. */
  readonly side: number
}

/** Emoji on textured grounds, drawn; see {@link emojiScene}. */
export interface EmojiSource extends Omit<EmojiConfig, "size" | "split"> {
  readonly _tag: "emoji"
  /** Side of an image in pixels, from 16 to 1024. */
  readonly side: number
}

/** Tinted garments of Fashion-MNIST, which must be installed, on dark ground, drawn; see {@link fashionScene}. */
export interface FashionSource extends Omit<FashionConfig, "size" | "split"> {
  readonly _tag: "fashion"
  /** Side of an image in pixels, from 16 to 1024. */
  readonly side: number
  /** The folder with the four files of the data. Default: where Debian's package `dataset-fashion-mnist` puts them. */
  readonly path?: string | undefined
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
export type ImageSource = TetrominoesSource | SpritesSource | EmojiSource | FashionSource | FilesSource

const tetrominoes = variant("tetrominoes", { blockSize: whole(1, 64) })
const sprites = variant("sprites", { side: whole(16, 1024), ...spriteChoices })
const emoji = variant("emoji", { side: whole(16, 1024), ...emojiChoices })
const fashion = variant("fashion", {
  side: whole(16, 1024),
  path: optional(someText("a path of a folder with the files of Fashion-MNIST"), fashionFolder),
  ...fashionChoices,
})
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
export type CheckedDrawn = Read<typeof tetrominoes> | Read<typeof sprites> | Read<typeof emoji> | Read<typeof fashion>
/** {@link ImageSource} with nothing left out, as it is read from outside. */
export type CheckedImageSource = CheckedDrawn | CheckedFiles

type Part = Codec<CheckedImageSource> & { readonly tag: string }

/** Codec of {@link ImageSource}, for configuration that comes from outside; what is missing has its default. */
export const imageSourceCodec: Codec<CheckedImageSource> = tagged<CheckedImageSource>("a source of images", () =>
  [tetrominoes, sprites, emoji, fashion, files].map((part) => part as Part),
)
