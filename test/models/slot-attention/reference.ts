/** Slot attention once more, in plain loops over nested arrays, one scene at a time. */
import { add, dot, type Gru, gru, layerNorm, linear, type Matrix, type Row, relu } from "../layers/loops.js"

interface Norm {
  readonly scale: Row
  readonly shift: Row
}
interface Dense {
  readonly w: Matrix
  readonly b: Row
}

/** The layer's parameters as nested numbers. */
export interface PlainParams {
  readonly norm: Norm
  readonly key: Matrix
  readonly value: Matrix
  readonly mu: Row
  readonly logSigma: Row
  readonly cell: {
    readonly normSlots: Norm
    readonly query: Matrix
    readonly gru: Gru
    readonly normHidden: Norm
    readonly mlp: readonly [Dense, Dense]
  }
}

const normed = (x: Row, { scale, shift }: Norm) => layerNorm(x, scale, shift)

/** Keys and values of a set of inputs [N, F]. */
export const remember = (p: PlainParams, inputs: Matrix) => {
  const x = inputs.map((row) => normed(row, p.norm))
  return { keys: x.map((row) => linear(row, p.key, null)), values: x.map((row) => linear(row, p.value, null)) }
}

export const initialSlots = (p: PlainParams, noise: Matrix): Matrix =>
  noise.map((row) => row.map((e, i) => p.mu[i]! + Math.exp(p.logSigma[i]!) * e))

/** [K, N]: softmax over slots for every input. */
export const attention = (p: PlainParams, keys: Matrix, slots: Matrix): Matrix => {
  const scale = 1 / Math.sqrt(slots[0]!.length)
  const queries = slots.map((z) => linear(normed(z, p.cell.normSlots), p.cell.query, null).map((q) => q * scale))
  const scores = queries.map((q) => keys.map((k) => dot(q, k)))
  return scores.map((row) => row.map((s, n) => Math.exp(s) / scores.reduce((total, other) => total + Math.exp(other[n]!), 0)))
}

/** One refinement of all slots of a scene. */
export const refine = (p: PlainParams, keys: Matrix, values: Matrix, slots: Matrix): Matrix => {
  const weights = attention(p, keys, slots).map((row) => row.map((a) => a + 1e-8))
  return slots.map((z, k) => {
    const row = weights[k]!
    const total = row.reduce((a, b) => a + b, 0)
    const mean = z.map((_, d) => row.reduce((s, a, n) => s + (a / total) * values[n]![d]!, 0))
    const moved = gru(p.cell.gru, mean, z)
    const [first, second] = p.cell.mlp
    return add(moved, linear(relu(linear(normed(moved, p.cell.normHidden), first.w, first.b)), second.w, second.b))
  })
}

export const repeated = (n: number, f: (z: Matrix) => Matrix, z: Matrix): Matrix => (n === 0 ? z : repeated(n - 1, f, f(z)))
