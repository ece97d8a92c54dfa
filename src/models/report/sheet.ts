/** Pictures side by side as one PNG file. */
import { encode } from "fast-png"

/** A picture `[side, side, 3]` in [0, 1]; null: an empty place. */
export type Tile = ArrayLike<number> | null

const byte = (value: number): number => Math.round(255 * Math.min(1, Math.max(0, Number.isNaN(value) ? 0 : value)))

/** Least side of a picture on the sheet, in pixels: smaller ones are enlarged by a whole number. */
const seen = 96
const gap = 4

/**
 * Rows of square pictures on white, as the bytes of a PNG file; small pictures are enlarged by repeating their pixels.
 *
 * @example
 * const bytes = renderSheet([[new Float32Array(12), null]], 2) // two places, the second one empty
 */
export const renderSheet = (rows: readonly (readonly Tile[])[], side: number): Uint8Array => {
  const scale = Math.max(1, Math.ceil(seen / side))
  const cell = scale * side + gap
  const width = gap + cell * Math.max(1, ...rows.map((row) => row.length))
  const height = gap + cell * Math.max(1, rows.length)
  const data = new Uint8Array(width * height * 3).fill(255)
  rows.forEach((row, r) => {
    row.forEach((tile, c) => {
      if (tile === null) return
      const [top, left] = [gap + r * cell, gap + c * cell]
      for (let y = 0; y < scale * side; y++)
        for (let x = 0; x < scale * side; x++) {
          const from = 3 * (Math.floor(y / scale) * side + Math.floor(x / scale))
          const to = 3 * ((top + y) * width + left + x)
          for (let k = 0; k < 3; k++) data[to + k] = byte(tile[from + k] as number)
        }
    })
  })
  return encode({ width, height, data, channels: 3, depth: 8 })
}
