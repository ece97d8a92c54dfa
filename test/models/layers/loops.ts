/** Layers once more, in plain loops over nested arrays: what the real ones are compared with. */

export type Row = readonly number[]
export type Matrix = readonly Row[]

export const dot = (a: Row, b: Row): number => a.reduce((s, x, i) => s + x * b[i]!, 0)
const column = (m: Matrix, j: number): Row => m.map((row) => row[j]!)
export const add = (a: Row, b: Row): Row => a.map((x, i) => x + b[i]!)
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** x W + b */
export const linear = (x: Row, w: Matrix, b: Row | null): Row => {
  const y = w[0]!.map((_, j) => dot(x, column(w, j)))
  return b === null ? y : add(y, b)
}

export const relu = (x: Row): Row => x.map((v) => Math.max(0, v))

export const layerNorm = (x: Row, scale: Row, shift: Row, epsilon = 1e-5): Row => {
  const mean = x.reduce((a, b) => a + b, 0) / x.length
  const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length
  return x.map((v, i) => ((v - mean) / Math.sqrt(variance + epsilon)) * scale[i]! + shift[i]!)
}

export interface Gru {
  readonly w: Matrix
  readonly u: Matrix
  readonly b: Row
  readonly c: Row
}

/** In the form that PyTorch documents: r, s, n; h' = (1 - s) n + s h. */
export const gru = ({ w, u, b, c }: Gru, x: Row, h: Row): Row => {
  const [given, kept] = [linear(x, w, b), linear(h, u, c)]
  const n = h.length
  return h.map((old, i) => {
    const r = sigmoid(given[i]! + kept[i]!)
    const s = sigmoid(given[n + i]! + kept[n + i]!)
    const candidate = Math.tanh(given[2 * n + i]! + r * kept[2 * n + i]!)
    return (1 - s) * candidate + s * old
  })
}
