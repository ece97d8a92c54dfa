/** Data: sets that are drawn, not downloaded, and readers of what is. */
export { type Draws, drawsOf, threefry2x32 } from "./counter-rng.js"
export { type Colour, colours, type Piece, pieces } from "./pieces.js"
export {
  decodeNpy,
  decodeNpz,
  decodePng,
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
  readNpy,
  readNpz,
  readPictures,
} from "./readers/index.js"
export {
  batch,
  type PieceFactors,
  piecesInAScene,
  renderTetrominoes,
  type TetrominoesBatch,
  TetrominoesConfig,
  type TetrominoesScene,
  tetrominoesScene,
} from "./tetrominoes.js"
