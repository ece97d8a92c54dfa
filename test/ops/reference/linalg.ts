/** Factors and solves, matrix by matrix, by their textbook formulas on arrays of rows. */
import { indices, type Nd, size } from "./nd.js"
import type { References } from "./reference.js"
import { gaussJordan } from "./solve.js"

type Matrix = readonly (readonly number[])[]

const n = (m: Matrix, i: number, j: number): number => m[i]?.[j] as number
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)
const table = (rows: number, columns: number, at: (i: number, j: number) => number): number[][] =>
  range(rows).map((i) => range(columns).map((j) => at(i, j)))
const total = (xs: readonly number[]): number => xs.reduce((a, x) => a + x, 0)

/** The matrices of the last two axes. */
export const matricesOf = (x: Nd): readonly Matrix[] => {
  const [rows, columns] = x.shape.slice(-2) as [number, number]
  return indices(x.shape.slice(0, -2)).map((_, m) => table(rows, columns, (i, j) => x.data[(m * rows + i) * columns + j] as number))
}

const ndOf = (shape: readonly number[], parts: readonly (readonly number[])[]): Nd => {
  const data = Float64Array.from(parts.flat())
  if (data.length !== size(shape)) throw new RangeError(`reference: ${data.length} numbers for [${shape.join(", ")}]`)
  return { shape, data }
}
const flat = (m: Matrix): readonly number[] => m.flat()

/** Cholesky-Banachiewicz: row by row, each element from a sum of products. */
export const choleskyRows = (a: Matrix): Matrix => {
  const l = table(a.length, a.length, () => 0)
  for (const i of range(a.length))
    for (const j of range(i + 1)) {
      const rest = n(a, i, j) - total(range(j).map((k) => n(l, i, k) * n(l, j, k)))
      ;(l[i] as number[])[j] = i === j ? Math.sqrt(rest) : rest / n(l, j, j)
    }
  return l
}

/** Doolittle's elimination of whole rows, the largest pivot first. */
export const luRows = (a: Matrix) => {
  const m = a.map((row) => row.slice())
  const order = range(a.length).slice()
  let sign = 1
  for (const k of range(a.length)) {
    const pivot = range(a.length)
      .slice(k)
      .reduce((best, i) => (Math.abs(n(m, i, k)) > Math.abs(n(m, best, k)) ? i : best), k)
    if (pivot !== k) sign = -sign
    ;[m[k], m[pivot]] = [m[pivot] as number[], m[k] as number[]]
    ;[order[k], order[pivot]] = [order[pivot] as number, order[k] as number]
    for (const i of range(a.length).slice(k + 1)) {
      const row = m[i] as number[]
      const factor = n(m, k, k) === 0 ? 0 : (row[k] as number) / n(m, k, k)
      row[k] = factor
      for (const j of range(a.length).slice(k + 1)) row[j] = (row[j] as number) - factor * n(m, k, j)
    }
  }
  return { packed: m as Matrix, order, sign }
}

const transposeOf = (a: Matrix): Matrix => table(a[0]?.length ?? 0, a.length, (i, j) => n(a, j, i))

/** A X = B, column by column. */
export const solveColumns = (a: Matrix, b: Matrix): Matrix => transposeOf(transposeOf(b).map((column) => gaussJordan(a, column)))

interface Triangle {
  readonly lower: boolean
  readonly transposed: boolean
  readonly unit: boolean
}

const triangleOf = ({ lower, unit }: Triangle, t: Matrix): Matrix =>
  table(t.length, t.length, (i, j) => (i === j ? (unit ? 1 : n(t, i, j)) : i > j === lower ? n(t, i, j) : 0))

const each = (x: Nd, f: (m: Matrix) => Matrix, shape = x.shape): Nd =>
  ndOf(
    shape,
    matricesOf(x).map((m) => flat(f(m))),
  )

const solved = (a: Nd, b: Nd, of: (m: Matrix) => Matrix): Nd => {
  const right = matricesOf(b)
  return ndOf(
    b.shape,
    matricesOf(a).map((m, k) => flat(solveColumns(of(m), right[k] as Matrix))),
  )
}

const product = (a: Matrix, b: Matrix): Matrix =>
  table(a.length, b[0]?.length ?? 0, (i, j) => total(range(b.length).map((k) => n(a, i, k) * n(b, k, j))))

/** Modified Gram-Schmidt, column by column, each made orthogonal twice: twice is enough (Giraud, Langou and Rozloznik 2005). */
export const gramSchmidt = (a: Matrix) => {
  const columns: number[][] = []
  const r = table(a[0]?.length ?? 0, a[0]?.length ?? 0, () => 0)
  transposeOf(a).forEach((column, j) => {
    let rest = column.slice()
    for (const _time of range(2))
      columns.forEach((q, i) => {
        const along = total(q.map((x, k) => x * (rest[k] as number)))
        rest = rest.map((x, k) => x - along * (q[k] as number))
        ;(r[i] as number[])[j] = n(r, i, j) + along
      })
    const length = Math.hypot(...rest)
    ;(r[j] as number[])[j] = length
    columns.push(rest.map((x) => x / length))
  })
  return { q: transposeOf(columns), r: r as Matrix }
}

/** The unshifted QR algorithm: orthogonal iteration, until gaps of a factor of 4/5 are far below rounding. */
export const eigenpairs = (given: Matrix) => {
  let a: Matrix = table(given.length, given.length, (i, j) => n(given, Math.max(i, j), Math.min(i, j)))
  let v: Matrix = table(given.length, given.length, (i, j) => (i === j ? 1 : 0))
  for (const _turn of range(400)) {
    const { q, r } = gramSchmidt(a)
    a = product(r, q)
    v = product(v, q)
  }
  const order = range(given.length).toSorted((i, j) => n(a, i, i) - n(a, j, j))
  const vectors = order.map((j) => {
    const column = v.map((row) => row[j] as number)
    const largest = column.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0)
    return column.map((x) => (largest < 0 ? -x : x))
  })
  return { values: order.map((i) => n(a, i, i)), vectors: transposeOf(vectors) }
}

export const linalg: References = {
  qr: (_params, [input]) => {
    const a = input as Nd
    const columns = a.shape.at(-1) as number
    const found = matricesOf(a).map(gramSchmidt)
    return [
      ndOf(
        a.shape,
        found.map((f) => flat(f.q)),
      ),
      ndOf(
        [...a.shape.slice(0, -2), columns, columns],
        found.map((f) => flat(f.r)),
      ),
    ]
  },
  eigh: (_params, [input]) => {
    const a = input as Nd
    const found = matricesOf(a).map(eigenpairs)
    return [
      ndOf(
        a.shape.slice(0, -1),
        found.map((f) => f.values),
      ),
      ndOf(
        a.shape,
        found.map((f) => flat(f.vectors)),
      ),
    ]
  },
  cholesky: (_params, [a]) => [each(a as Nd, choleskyRows)],
  lu: (_params, [input]) => {
    const a = input as Nd
    const found = matricesOf(a).map(luRows)
    return [
      ndOf(
        a.shape,
        found.map((f) => flat(f.packed)),
      ),
      ndOf(
        a.shape.slice(0, -1),
        found.map((f) => f.order),
      ),
      ndOf(a.shape.slice(0, -2), [found.map((f) => f.sign)]),
    ]
  },
  triangularSolve: (params: Triangle, [t, b]) => [
    solved(t as Nd, b as Nd, (m) => (params.transposed ? transposeOf(triangleOf(params, m)) : triangleOf(params, m))),
  ],
  solve: ({ transposed }: { readonly transposed: boolean }, [a, b]) => [solved(a as Nd, b as Nd, (m) => (transposed ? transposeOf(m) : m))],
}
