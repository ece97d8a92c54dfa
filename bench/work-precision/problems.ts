/** Fixed points as data: a kind, whose formula every engine writes for itself, and the numbers in it. */
import { normals, uniforms } from "../workloads/random.js"

export type Kind = "cosine" | "affine" | "tanh" | "kepler" | "bratu" | "bellman" | "sinkhorn"

export interface Problem {
  readonly id: string
  readonly what: string
  readonly kind: Kind
  /** Unknowns. */
  readonly n: number
  readonly start: readonly number[]
  /** Tensors by name, row-major. */
  readonly tensors: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>
  /** Bounds of the spectrum where the Jacobian is symmetric with one that is known. */
  readonly spectrum?: { readonly low: number; readonly high: number }
}

const vector = (n: number, next: () => number) => ({ shape: [n], data: Array.from({ length: n }, next) })
const matrix = (n: number, m: number, next: (i: number, j: number) => number) => ({
  shape: [n, m],
  data: Array.from({ length: n * m }, (_, k) => next(Math.floor(k / m), k % m)),
})

/** Columns of an orthogonal matrix, by Gram and Schmidt on normal numbers. */
const orthogonal = (name: string, n: number): readonly (readonly number[])[] => {
  const normal = normals(name)
  const columns: number[][] = []
  for (let i = 0; i < n; i++) {
    let v = Array.from({ length: n }, normal)
    for (let turn = 0; turn < 2; turn++)
      for (const q of columns) {
        const h = q.reduce((sum, x, k) => sum + x * (v[k] as number), 0)
        v = v.map((x, k) => x - h * (q[k] as number))
      }
    const size = Math.hypot(...v)
    columns.push(v.map((x) => x / size))
  }
  return columns
}

const affineSymmetric = (): Problem => {
  const n = 64
  const q = orthogonal("symmetric", n)
  const [low, high] = [-0.5, 0.95]
  const values = Array.from({ length: n }, (_, k) => low + ((high - low) * k) / (n - 1))
  const entry = (i: number, j: number) => values.reduce((sum, v, k) => sum + v * (q[k]?.[i] as number) * (q[k]?.[j] as number), 0)
  return {
    id: "symmetric",
    what: "z = M z + b, M symmetric with eigenvalues from -0.5 to 0.95",
    kind: "affine",
    n,
    start: new Array(n).fill(0),
    tensors: { m: matrix(n, n, entry), b: vector(n, normals("symmetric b")) },
    spectrum: { low, high },
  }
}

const affineShear = (): Problem => {
  const n = 40
  const uniform = uniforms("shear")
  return {
    id: "shear",
    what: "z = M z + b, M triangular with 0.6 on the diagonal and 0.45 above it, far from normal",
    kind: "affine",
    n,
    start: new Array(n).fill(0),
    tensors: { m: matrix(n, n, (i, j) => (i === j ? 0.6 : j === i + 1 ? 0.45 : 0)), b: vector(n, () => uniform() - 0.5) },
  }
}

const tanhLayer = (): Problem => {
  const n = 64
  const [normal, bias] = [normals("tanh"), normals("tanh b")]
  return {
    id: "tanh",
    what: "z = tanh(W z + b), a layer of 64 units, W normal of deviation 1.1 / 8",
    kind: "tanh",
    n,
    start: new Array(n).fill(0),
    tensors: { m: matrix(n, n, () => (normal() * 1.1) / 8), b: vector(n, () => 0.3 * bias()) },
  }
}

const kepler = (): Problem => {
  const n = 64
  return {
    id: "kepler",
    what: "E = M + e sin E, 64 orbits at once with e from 0.1 to 0.95",
    kind: "kepler",
    n,
    start: new Array(n).fill(0),
    tensors: {
      e: vector(
        n,
        (
          (k) => () =>
            0.1 + (0.85 * k++) / (n - 1)
        )(0),
      ),
      b: vector(
        n,
        (
          (k) => () =>
            0.2 + (2.5 * k++) / (n - 1)
        )(0),
      ),
    },
  }
}

const bratu = (): Problem => {
  const n = 31
  const h = 1 / (n + 1)
  return {
    id: "bratu",
    what: "-u'' = 3 e^u on 31 points, in Jacobi's form: spectral radius near 1",
    kind: "bratu",
    n,
    start: new Array(n).fill(0),
    tensors: { m: matrix(n, n, (i, j) => (Math.abs(i - j) === 1 ? 0.5 : 0)), c: { shape: [], data: [(3 * h * h) / 2] } },
  }
}

const bellman = (): Problem => {
  const [n, actions] = [40, 3]
  const [uniform, reward] = [uniforms("bellman"), normals("bellman r")]
  const data: number[] = []
  for (let row = 0; row < actions * n; row++) {
    const weights = Array.from({ length: n }, () => uniform() ** 8)
    const total = weights.reduce((a, b) => a + b)
    data.push(...weights.map((w) => (0.9 * w) / total))
  }
  return {
    id: "bellman",
    what: "V = max over 3 actions of r + 0.9 P V, 40 states: not smooth",
    kind: "bellman",
    n,
    start: new Array(n).fill(0),
    tensors: { m: { shape: [actions, n, n], data }, b: matrix(actions, n, reward) },
  }
}

const sinkhorn = (): Problem => {
  const n = 24
  const uniform = uniforms("sinkhorn")
  return {
    id: "sinkhorn",
    what: "optimal transport between 24 points each, entropy 0.05, potentials with mean 0",
    kind: "sinkhorn",
    n,
    start: new Array(n).fill(0),
    tensors: { m: matrix(n, n, uniform), c: { shape: [], data: [0.05] } },
  }
}

const cosine = (): Problem => ({
  id: "cosine",
  what: "z = cos z + b, 64 numbers",
  kind: "cosine",
  n: 64,
  start: new Array(64).fill(1),
  tensors: {
    b: vector(
      64,
      (
        (k) => () =>
          -0.5 + k++ / 64
      )(0),
    ),
  },
})

export const problems: readonly Problem[] = [
  cosine(),
  affineSymmetric(),
  affineShear(),
  tanhLayer(),
  kepler(),
  bratu(),
  bellman(),
  sinkhorn(),
]
