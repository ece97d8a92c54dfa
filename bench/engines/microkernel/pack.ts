/** The layout that the micro-kernel reads, and convolutions as products of it. */
import { tileColumns, tileRows } from "./emit.js"

/** A matrix by its elements. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly at: (row: number, column: number) => number
}

export const matrix = (data: ArrayLike<number>, rows: number, columns: number, start = 0): Matrix => ({
  rows,
  columns,
  at: (i, j) => data[start + i * columns + j] as number,
})

export const transposed = ({ rows, columns, at }: Matrix): Matrix => ({ rows: columns, columns: rows, at: (i, j) => at(j, i) })

const roundUp = (n: number, step: number): number => step * Math.ceil(n / step)

/** Rows in panels of 4, [rows / 4][K][4]; rows that there are not are zero. */
export const packRows = ({ rows, columns, at }: Matrix): Float32Array => {
  const out = new Float32Array(roundUp(rows, tileRows) * columns)
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < columns; k++) out[(i - (i % tileRows)) * columns + k * tileRows + (i % tileRows)] = at(i, k)
  return out
}

/** Columns in panels of 8, [columns / 8][K][8]; columns that there are not are zero. */
export const packColumns = ({ rows, columns, at }: Matrix): Float32Array => {
  const out = new Float32Array(roundUp(columns, tileColumns) * rows)
  for (let j = 0; j < columns; j++)
    for (let k = 0; k < rows; k++) out[(j - (j % tileColumns)) * rows + k * tileColumns + (j % tileColumns)] = at(k, j)
  return out
}

/** Images [N, H, W, C] as rows of all taps, [N H W, h w C], zeros around: a convolution is their product with the kernel. */
export const patches = (x: ArrayLike<number>, shape: readonly number[], size: number): Matrix => {
  const [batch, height, width, channels] = shape as [number, number, number, number]
  const before = (size - 1) >> 1
  return {
    rows: batch * height * width,
    columns: size * size * channels,
    at: (row, column) => {
      const [c, tap] = [column % channels, Math.floor(column / channels)]
      const y = (Math.floor(row / width) % height) + Math.floor(tap / size) - before
      const z = (row % width) + (tap % size) - before
      if (y < 0 || y >= height || z < 0 || z >= width) return 0
      return x[((Math.floor(row / (width * height)) * height + y) * width + z) * channels + c] as number
    },
  }
}

/** A kernel [h, w, C, F] turned round with its channels exchanged, [h, w, F, C]: what the gradient to x is the convolution with. */
export const turned = (w: ArrayLike<number>, shape: readonly number[]): Float32Array => {
  const [size, , channels, features] = shape as [number, number, number, number]
  const out = new Float32Array(w.length)
  for (let tap = 0; tap < size * size; tap++)
    for (let c = 0; c < channels; c++)
      for (let f = 0; f < features; f++)
        out[((size * size - 1 - tap) * features + f) * channels + c] = w[(tap * channels + c) * features + f] as number
  return out
}
