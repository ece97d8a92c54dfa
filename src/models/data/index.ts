/** Data: sets that are drawn, not downloaded, and readers of what is. */
export { fromArrays, type Rows, type RowTree, type Taken, type TypedArray } from "./arrays.js"
export { type BatchOptions, batches, type DataBatch, type Epoch, endlessBatches } from "./batches.js"
export { type Draws, drawsOf, threefry2x32 } from "./counter-rng.js"
export { type Dataset, mapDataset, subset } from "./dataset.js"
export {
  EmojiConfig,
  type EmojiFactors,
  type EmojiScene,
  emojiNames,
  emojiScene,
  type GroundFactors,
  type GroundKind,
  groundKinds,
  renderEmoji,
} from "./emoji/index.js"
export {
  FashionConfig,
  type FashionMnist,
  type FashionScene,
  fashionFolder,
  fashionScene,
  type GarmentFactors,
  type Garments,
  garmentKinds,
  readFashionMnist,
} from "./fashion/index.js"
export { type Hsv, rgbOfHsv } from "./hsv.js"
export {
  type Fitted,
  type FittedImages,
  type Fitting,
  firstImages,
  fitImages,
  type LabelledImages,
  type LabelledOptions,
  type ResizeMethod,
  readFittedImages,
  readLabelledImages,
  resizeMethods,
  type Transparency,
} from "./labelled/index.js"
export {
  type MultiObjectLayout,
  type MultiObjectScene,
  multiObjectLayouts,
  multiObjectScene,
  readMultiObject,
} from "./multi-object/index.js"
export { splitDataset } from "./order.js"
export { type Colour, colours, type Piece, pieces } from "./pieces.js"
export { type PrefetchError, type PrefetchOptions, type PrefetchSource, prefetch } from "./prefetch/index.js"
export {
  decodeExample,
  decodeIdx,
  decodeNpy,
  decodeNpz,
  decodePng,
  type ExampleFeature,
  type ExampleFeatures,
  encodeNpy,
  encodeNpz,
  type FileOptions,
  type NpyArray,
  type NpyDtype,
  type NpzArrays,
  type Picture,
  type PictureOptions,
  type Pictures,
  type ReadOptions,
  readIdx,
  readNpy,
  readNpz,
  readPictures,
  readTfRecords,
  type TfRecordOptions,
  type TfRecords,
} from "./readers/index.js"
export { type SceneRows, spritesData, tetrominoesData } from "./scenes.js"
export {
  type CheckedImageSource,
  type EmojiSource,
  type FashionSource,
  type FilesSource,
  type ImageSource,
  imageSourceCodec,
  type OpenedSource,
  type OpenSourceOptions,
  openSource,
  type SceneBatch,
  type SpritesSource,
  type TetrominoesSource,
} from "./sources/index.js"
export { type SpriteShape, spriteShapes } from "./sprite-shapes.js"
export { renderSprites, type SpriteFactors, SpritesConfig, type SpritesScene, spritesScene } from "./sprites.js"
export {
  batch,
  blocksAcross,
  type PieceFactors,
  piecesInAScene,
  renderTetrominoes,
  type TetrominoesBatch,
  TetrominoesConfig,
  type TetrominoesScene,
  tetrominoesScene,
} from "./tetrominoes.js"
