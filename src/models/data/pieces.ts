/** The pieces and colours of the Tetrominoes data set (DeepMind's multi-object data sets, Apache-2.0). */

/** One piece in one orientation: rows of blocks from top to bottom, 1 = filled. Every piece has four blocks. */
export interface Piece {
  /** The rows as text, e.g. `"001/111"`. */
  readonly name: string
  /** Width and height of the bounding box, in blocks. */
  readonly columns: number
  readonly rows: number
  /** The filled blocks as (column, row) pairs from the top left corner of the bounding box. */
  readonly blocks: readonly (readonly [column: number, row: number])[]
}

const piece = (name: string): Piece => {
  const rows = name.split("/")
  const blocks = rows.flatMap((row, y) => [...row].flatMap((cell, x) => (cell === "1" ? [[x, y] as const] : [])))
  return { name, columns: rows[0]!.length, rows: rows.length, blocks }
}

/**
 * The 17 shape-and-orientation pairs, in the order that `shape` indexes. The published set has no pieces beyond these; 15 of them were
 * seen in its images, the other two follow by symmetry.
 */
export const pieces: readonly Piece[] = [
  "001/111",
  "01/11/01",
  "011/110",
  "1/1/1/1",
  "10/10/11",
  "10/11/01",
  "10/11/10",
  "100/111",
  "11/01/01",
  "11/11",
  "110/011",
  "111/001",
  "111/010",
  "111/100",
  "11/10/10",
  "1111",
  "010/111",
].map(piece)

/** A colour switches each of the three channels on or off. */
export interface Colour {
  readonly name: string
  readonly channels: readonly [red: 0 | 1, green: 0 | 1, blue: 0 | 1]
}

/** The six colours, in the order that `colour` indexes. */
export const colours: readonly Colour[] = [
  { name: "red", channels: [1, 0, 0] },
  { name: "green", channels: [0, 1, 0] },
  { name: "blue", channels: [0, 0, 1] },
  { name: "yellow", channels: [1, 1, 0] },
  { name: "magenta", channels: [1, 0, 1] },
  { name: "cyan", channels: [0, 1, 1] },
]
