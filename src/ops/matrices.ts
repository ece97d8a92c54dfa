/** Parts of matrices and simple products: triangles, diagonals, trace, outer and Kronecker products. */
import { apply1, type Dim, type Elem, type Shape, showType, type Tensor, TraceError, type Unchecked, zerosOf } from "../core/index.js"
import { add } from "./arithmetic.js"
import { lessEqual, where } from "./compare.js"
import { einsum } from "./einsum.js"
import { iota } from "./iota.js"
import { sum } from "./reduce.js"
import { expandAxis, reshape } from "./shape.js"
import { padOp, sliceOp } from "./slice-pad.js"

const matrixSizes = (name: string, x: Tensor<Unchecked, Elem>): readonly [number, number] => {
  const [m, n] = x.shape.slice(-2)
  if (m === undefined || n === undefined) throw new TraceError(`${name}: expected at least two axes, found ${showType(x.type)}`)
  return [m, n]
}

const whole = (name: string, k: number): void => {
  if (!Number.isInteger(k)) throw new TraceError(`${name}: expected a whole number as diagonal, found ${k}`)
}

/** Where column - row <= k. */
const upTo = (m: number, n: number, k: number): Tensor<Unchecked, "bool"> =>
  lessEqual(expandAxis(iota(n), 0), add(expandAxis(iota(m), 1), k))

/**
 * The lower triangle of the last two axes: zeros above diagonal `k` (0 is the main one, positive ones lie above it).
 *
 * @throws TraceError when there are fewer than two axes.
 * @example
 * tril(ones([3, 3])) // [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
 */
export const tril = <S extends Shape, E extends Elem = "float">(x: Tensor<S, E>, k = 0): Tensor<S, E> => {
  whole("tril", k)
  const [m, n] = matrixSizes("tril", x)
  return where(upTo(m, n, k), x, zerosOf(x.type) as Tensor<S, E>)
}

/**
 * The upper triangle of the last two axes: zeros below diagonal `k`.
 *
 * @throws TraceError when there are fewer than two axes.
 * @example
 * triu(ones([3, 3]), 1) // [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
 */
export const triu = <S extends Shape, E extends Elem = "float">(x: Tensor<S, E>, k = 0): Tensor<S, E> => {
  whole("triu", k)
  const [m, n] = matrixSizes("triu", x)
  return where(upTo(m, n, k - 1), zerosOf(x.type) as Tensor<S, E>, x)
}

/** Diagonal k of an m x n matrix in row-major order: its first element, and how many it has. Neighbours are n + 1 apart. */
const strideOf = (m: number, n: number, k: number) => ({
  first: k >= 0 ? Math.min(k, n) : Math.min(-k, m) * n,
  count: Math.max(0, k >= 0 ? Math.min(m, n - k) : Math.min(m + k, n)),
})

/**
 * Diagonal `k` of the last two axes, as a last axis: element i is x[..., i, i + k], or x[..., i - k, i] below the main one.
 *
 * @throws TraceError when there are fewer than two axes.
 * @example
 * diagonal(tensor([[1, 2], [3, 4]])) // [1, 4]
 */
export const diagonal = <E extends Elem = "float">(x: Tensor<Unchecked, E>, k = 0): Tensor<Unchecked, E> => {
  whole("diagonal", k)
  const [m, n] = matrixSizes("diagonal", x)
  const { first, count } = strideOf(m, n, k)
  const lead = x.shape.slice(0, -2)
  // the matrix as one row: a slice, whose transpose is a pad
  const flat = reshape(x, [...lead, m * n])
  const zero = lead.map(() => 0)
  return apply1(sliceOp, { start: [...zero, count === 0 ? 0 : first], size: [...lead, count], stride: [...lead.map(() => 1), n + 1] }, [
    flat,
  ]) as Tensor<Unchecked, E>
}

/**
 * Square matrices with the last axis on diagonal `k` and zeros elsewhere: [..., n] -> [..., n + |k|, n + |k|].
 *
 * @throws TraceError when there is no axis.
 * @example
 * diag(tensor([1, 2])) // [[1, 0], [0, 2]]
 */
export const diag = <E extends Elem = "float">(x: Tensor<Unchecked, E>, k = 0): Tensor<Unchecked, E> => {
  whole("diag", k)
  const count = x.shape.at(-1)
  if (count === undefined) throw new TraceError(`diag: expected at least one axis, found ${showType(x.type)}`)
  const n = count + Math.abs(k)
  const lead = x.shape.slice(0, -1)
  const zero = lead.map(() => 0)
  const first = count === 0 ? 0 : strideOf(n, n, k).first
  const used = count === 0 ? 0 : first + (count - 1) * (n + 1) + 1
  const flat = apply1(padOp, { low: [...zero, first], high: [...zero, n * n - used], between: [...zero, n] }, [x])
  return reshape(flat as Tensor<Unchecked, E>, [...lead, n, n])
}

/**
 * Sum of diagonal `k` of the last two axes.
 *
 * @throws TraceError when there are fewer than two axes.
 * @example
 * trace(tensor([[1, 2], [3, 4]])) // 5
 */
export const trace = (x: Tensor, k = 0): Tensor => sum(diagonal(x, k), [-1])

/**
 * All products of elements of two vectors: [m], [n] -> [m, n].
 *
 * @throws TraceError when an argument is no vector.
 * @example
 * outer(tensor([1, 2]), tensor([3, 4])) // [[3, 4], [6, 8]]
 */
export const outer = <A extends Dim, B extends Dim>(a: Tensor<readonly [A]>, b: Tensor<readonly [B]>): Tensor<[A, B]> => {
  if (a.shape.length !== 1 || b.shape.length !== 1)
    throw new TraceError(`outer: expected vectors, found ${showType(a.type)} and ${showType(b.type)}`)
  return einsum("i,j->ij", a as Tensor, b as Tensor) as Tensor<[A, B]>
}

/**
 * Kronecker product of matrices: every element of `a` times `b`, [m, n], [p, q] -> [m p, n q].
 *
 * @throws TraceError when an argument is no matrix.
 * @example
 * kron(eye(2), ones([1, 2])) // [[1, 1, 0, 0], [0, 0, 1, 1]]
 */
export const kron = (a: Tensor, b: Tensor): Tensor => {
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw new TraceError(`kron: expected matrices, found ${showType(a.type)} and ${showType(b.type)}`)
  const [[m, n], [p, q]] = [matrixSizes("kron", a), matrixSizes("kron", b)]
  return reshape(einsum("ij,kl->ikjl", a, b), [m * p, n * q])
}
