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

export interface Lstm {
  readonly w: Matrix
  readonly u: Matrix
  readonly b: Row
}

/** In the form that PyTorch documents: i, f, g, o; c' = f c + i g, h' = o tanh(c'). */
export const lstm = ({ w, u, b }: Lstm, x: Row, h: Row, c: Row): { readonly h: Row; readonly c: Row } => {
  const [given, kept] = [linear(x, w, b), linear(h, u, null)]
  const n = h.length
  const gate = (k: number, i: number) => given[k * n + i]! + kept[k * n + i]!
  const memory = c.map((old, i) => sigmoid(gate(1, i)) * old + sigmoid(gate(0, i)) * Math.tanh(gate(2, i)))
  return { h: memory.map((m, i) => sigmoid(gate(3, i)) * Math.tanh(m)), c: memory }
}

/** Group normalisation of the places [P, C] of one example. */
export const groupNorm = (places: Matrix, groups: number, scale: Row, shift: Row, epsilon: number): Matrix => {
  const each = scale.length / groups
  const out = places.map((row) => [...row])
  for (let g = 0; g < groups; g++) {
    const members = places.flatMap((row) => row.slice(g * each, (g + 1) * each))
    const mean = members.reduce((a, b) => a + b, 0) / members.length
    const variance = members.reduce((a, b) => a + (b - mean) ** 2, 0) / members.length
    for (let p = 0; p < places.length; p++)
      for (let c = g * each; c < (g + 1) * each; c++)
        out[p]![c] = ((places[p]![c]! - mean) / Math.sqrt(variance + epsilon)) * scale[c]! + shift[c]!
  }
  return out
}

export interface Linear {
  readonly w: Matrix
  readonly b: Row | null
}
export interface Attention {
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear
  readonly output: Linear
}

/** Attention of one example; `allowed(t, s)` says whether query t may see element s. A query that may see nothing reads zeros. */
export const attention = (p: Attention, heads: number, x: Matrix, memory: Matrix, allowed: (t: number, s: number) => boolean): Matrix => {
  const apply = (rows: Matrix, { w, b }: Linear) => rows.map((row) => linear(row, w, b))
  const [q, k, v] = [apply(x, p.query), apply(memory, p.key), apply(memory, p.value)]
  const width = q[0]!.length / heads
  const part = (row: Row, h: number) => row.slice(h * width, (h + 1) * width)
  const read = q.map((query, t) =>
    Array.from({ length: heads }, (_, h) => {
      const seen = memory.map((_row, s) => s).filter((s) => allowed(t, s))
      const powers = seen.map((s) => Math.exp(dot(part(query, h), part(k[s]!, h)) / Math.sqrt(width)))
      const total = powers.reduce((a, b) => a + b, 0)
      return Array.from({ length: width }, (_v, d) => seen.reduce((sum, s, i) => sum + (powers[i]! / total) * part(v[s]!, h)[d]!, 0))
    }).flat(),
  )
  return apply(read, p.output)
}
