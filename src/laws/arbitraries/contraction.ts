/** Square matrices with a chosen spectral radius: what implicit layers are tried on. */
import type { Arbitrary } from "fast-check"
import { constant, type Tensor } from "../../core/index.js"
import { drawn } from "./draw.js"
import { seeded } from "./element.js"

/** Which matrices of a spectral radius are drawn. */
export interface ContractionOptions {
  /**
   * `normal` (default): A = Q D Q' with Q orthogonal and D of rotations and scalings, so complex eigenvalues, and the norm is rho
   * too. `symmetric`: the same with real eigenvalues. `nonNormal`: A = Q S D S^-1 Q' with S bidiagonal: the norm is larger than rho,
   * and powers of A grow before they decay, so only affine maps contract with it.
   */
  readonly kind?: "normal" | "symmetric" | "nonNormal"
}

type Matrix = readonly Float64Array[]

const zeroMatrix = (n: number): Matrix => Array.from({ length: n }, () => new Float64Array(n))

const set = (m: Matrix, i: number, j: number, x: number): void => {
  ;(m[i] as Float64Array)[j] = x
}
const get = (m: Matrix, i: number, j: number): number => m[i]?.[j] as number

/** Eigenvalues as diagonal entries, or as rotations scaled on pairs of axes; the first has the modulus rho. */
const spectrum = (n: number, rho: number, real: boolean, next: (lo: number, hi: number) => number): Matrix => {
  const d = zeroMatrix(n)
  const modulus = (k: number) => (k === 0 ? rho : (rho * next(0, 16)) / 16)
  if (real) {
    for (let k = 0; k < n; k++) set(d, k, k, modulus(k) * (next(0, 1) === 0 ? 1 : -1))
    return d
  }
  for (let k = 0; k < n; k += 2) {
    const r = modulus(k)
    if (k === n - 1) set(d, k, k, r)
    else {
      const angle = (Math.PI * next(0, 16)) / 16
      const [c, s] = [r * Math.cos(angle), r * Math.sin(angle)]
      set(d, k, k, c)
      set(d, k, k + 1, -s)
      set(d, k + 1, k, s)
      set(d, k + 1, k + 1, c)
    }
  }
  return d
}

/** S D S^-1 with S the identity and `above` on the diagonal above it. */
const sheared = (d: Matrix, above: readonly number[]): Matrix => {
  const n = d.length
  const left = d.map((row, i) => row.map((x, j) => x + (i + 1 < n ? (above[i] as number) * get(d, i + 1, j) : 0)))
  // X S = left, column by column
  const out = zeroMatrix(n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) set(out, i, j, get(left, i, j) - (j === 0 ? 0 : (above[j - 1] as number) * get(out, i, j - 1)))
  return out
}

/** H A H with the reflection H = 1 - 2 v v' / v'v. */
const reflected = (a: Matrix, v: readonly number[]): Matrix => {
  const size = v.reduce((s, x) => s + x * x, 0)
  if (size === 0) return a
  const n = a.length
  const left = a.map((row) => row.slice())
  for (let j = 0; j < n; j++) {
    let dot = 0
    for (let i = 0; i < n; i++) dot += (v[i] as number) * get(left, i, j)
    for (let i = 0; i < n; i++) set(left, i, j, get(left, i, j) - (2 * (v[i] as number) * dot) / size)
  }
  return left.map((row) => {
    const dot = row.reduce((s, x, j) => s + x * (v[j] as number), 0)
    return row.map((x, j) => x - (2 * dot * (v[j] as number)) / size)
  })
}

/**
 * An n by n matrix whose spectral radius is `rho`. It shrinks to a rotation or scaling of one axis.
 *
 * @example
 * contraction(4, 0.9) // matrices of norm 0.9
 */
export const contraction = <N extends number>(n: N, rho: number, { kind = "normal" }: ContractionOptions = {}): Arbitrary<Tensor<[N, N]>> =>
  drawn((d) => {
    const next = seeded(d.int(0, 0xffff))
    const diagonal = spectrum(n, rho, kind === "symmetric", next)
    const core =
      kind === "nonNormal"
        ? sheared(
            diagonal,
            Array.from({ length: n - 1 }, () => next(-16, 16) / 16),
          )
        : diagonal
    let a = core
    for (let k = 0; k < 2; k++)
      a = reflected(
        a,
        Array.from({ length: n }, () => next(-16, 16)),
      )
    return constant({ elem: "float", shape: [n, n] }, Float64Array.from(a.flatMap((row) => Array.from(row)))) as Tensor<[N, N]>
  })
