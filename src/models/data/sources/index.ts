/** The images that a model is trained on, chosen by configuration. */
export type { SceneBatch } from "./batch.js"
export { type OpenSourceOptions, openSource } from "./open.js"
export type { OpenedSource } from "./opened.js"
export {
  type CheckedImageSource,
  type EmojiSource,
  type FashionSource,
  type FilesSource,
  type ImageSource,
  imageSourceCodec,
  type SpritesSource,
  type TetrominoesSource,
} from "./source.js"
