/** How one block is shaded. */
import { TraceError } from "../failure.js"

/**
 * The published 5x5 block, in bytes: lit along the top edge, dark along the bottom, and darker on the left than on the right.
 * Each switched-on channel takes these values. Exact for all 120 blocks of the ten published images kept for tests.
 */
const published = [
  [191, 255, 255, 255, 223],
  [127, 159, 159, 159, 191],
  [127, 159, 159, 159, 191],
  [127, 159, 159, 159, 191],
  [95, 63, 63, 63, 127],
] as const

/** Row (or column) of a block of `of` rows that row `i` of a block of `size` shows: ends map to ends, the rest to the nearest. */
export const sampledAt = (i: number, size: number, of: number): number =>
  size === 1 ? Math.floor(of / 2) : Math.round((i * (of - 1)) / (size - 1))

const sampled = (i: number, size: number): number => sampledAt(i, size, published.length)

/**
 * The intensities of a block of `size` x `size` pixels, in bytes, row by row.
 *
 * Size 5 is the published block itself. Any other size samples it at evenly spaced rows and columns with the *edges kept*: size 4 shows
 * rows 0, 1, 3, 4; size 3 shows rows 0, 2, 4 (all nine values: corners, edges, centre); size 2 shows the four corners
 * (191, 223 over 95, 127), so that a piece still has a lit top and a dark bottom; size 1 is the centre, 159.
 *
 * @throws TraceError when `size` is not an integer from 1 to 64
 */
export const blockTemplate = (size: number): Uint8Array => {
  if (!Number.isInteger(size) || size < 1 || size > 64) {
    throw new TraceError(`tetrominoes: blockSize must be an integer from 1 to 64 pixels (5 is the published data set), found ${size}`)
  }
  const out = new Uint8Array(size * size)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) out[y * size + x] = published[sampled(y, size)]![sampled(x, size)]!
  }
  return out
}
