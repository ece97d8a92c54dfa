import { batches, tetrominoesData } from "../../src/models/index.js"

/** Batches of full-size scenes. */
export default ({ rows, size }: { readonly rows: number; readonly size: number }) =>
  batches({ data: tetrominoesData({ blockSize: 5 }, 0, rows), size, key: 0, epoch: 0 }).from()
