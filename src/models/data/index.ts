/** Data sets that are drawn, not downloaded. */

export { type Draws, drawsOf, threefry2x32 } from "./counter-rng.js"
export { type Colour, colours, type Piece, pieces } from "./pieces.js"
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
