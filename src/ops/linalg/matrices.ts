/** What ops on matrices share: the matrices of a tensor are its last two axes, all others are leading axes. */
import {
  type AnyTensor,
  apply1,
  broadcastFirst,
  showType,
  sumAxes,
  type Tensor,
  type TensorType,
  TraceError,
  type Unchecked,
} from "../../core/index.js"
import { equal, less, lessEqual, where } from "../compare.js"
import { zerosLike } from "../constants.js"
import { iota } from "../iota.js"
import { broadcastShapes, broadcastTo } from "../lift.js"
import { expandAxis, moveAxis, permuteOp, reshape } from "../shape.js"
import { indexAxis } from "../slice-pad.js"
import { vmap } from "../vmap.js"

export type Int = Tensor<Unchecked, "int">
export type Bool = Tensor<Unchecked, "bool">

/** Row and column numbers, [rows, 1] and [1, columns]. */
const numbering = (rows: number, columns: number): readonly [Int, Int] => [expandAxis(iota(rows), 1), expandAxis(iota(columns), 0)]

/** Where a [rows, columns] matrix is on or below its diagonal (`strict`: below it). */
export const belowDiagonal = (rows: number, columns: number, strict = false): Bool => {
  const [i, j] = numbering(rows, columns)
  return (strict ? less(j, i) : lessEqual(j, i)) as Bool
}

export const onDiagonal = (rows: number, columns: number): Bool => equal(...numbering(rows, columns)) as Bool

/** Rows and columns. */
export const sizesOf = (x: Tensor): readonly [number, number] => x.shape.slice(-2) as unknown as readonly [number, number] // of matrices: callers have looked at the rank

/** The lower triangle, zeros above; `strict` also on the diagonal. */
export const lowerTriangle = (x: Tensor, strict = false): Tensor => where(belowDiagonal(...sizesOf(x), strict), x, zerosLike(x)) as Tensor

/** The upper triangle, zeros below; `strict` also on the diagonal. */
export const upperTriangle = (x: Tensor, strict = false): Tensor => where(belowDiagonal(...sizesOf(x), !strict), zerosLike(x), x) as Tensor

/** The elements on the diagonals of square matrices: [.., n, n] -> [.., n]. */
export const diagonalOf = (x: Tensor): Tensor => sumAxes(where(onDiagonal(...sizesOf(x)), x, zerosLike(x)), [x.shape.length - 1]) as Tensor

/** The transposes of all matrices. */
export const swapped = (x: Tensor): Tensor => {
  const rank = x.shape.length
  return apply1(permuteOp, { order: [...Array(rank - 2).keys(), rank - 1, rank - 2] }, [x]) as Tensor
}

/** The symmetric matrices with the lower triangles of `x`. */
export const mirrored = (x: Tensor): Tensor => where(belowDiagonal(...sizesOf(x)), x, swapped(x)) as Tensor

/** A function of single matrices (and of what belongs to each) on all leading axes. */
export const onEach = <A extends readonly AnyTensor[]>(f: (...args: A) => unknown, axes: number): ((...args: A) => Unchecked) => {
  let g: (...args: A) => Unchecked = f
  for (let i = 0; i < axes; i++) g = vmap(g) as (...args: A) => Unchecked // rows in, rows out: the types of vmap ask for literal ranks
  return g
}

/** Square float matrices, or a `TraceError`. */
export const requireSquare = (name: string, t: TensorType): void => {
  const [rows, columns] = t.shape.slice(-2)
  if (t.elem !== "float" || t.shape.length < 2 || rows !== columns)
    throw new TraceError(
      `${name}: expected square float matrices [.., n, n], found ${showType(t)}; for more rows than columns there are qr and lstsq`,
    )
}

/** Float matrices, or a `TraceError`. */
export const requireMatrices = (name: string, t: TensorType): void => {
  if (t.elem !== "float" || t.shape.length < 2) throw new TraceError(`${name}: expected float matrices [.., m, n], found ${showType(t)}`)
}

/** Right sides [.., n, k] with the leading axes and the rows of matrices [.., m, n]. */
export const requireRightSides = (name: string, a: TensorType, b: TensorType): void => {
  const lead = a.shape.slice(0, -2)
  if (b.elem !== "float" || b.shape.length !== a.shape.length || b.shape.slice(0, -1).join() !== [...lead, a.shape.at(-2)].join())
    throw new TraceError(
      `${name}: expected right sides [${[...lead, a.shape.at(-2)].join(", ")}, k] of ${showType(a)}, found ${showType(b)}`,
    )
}

/**
 * The batch rule of an op that solves for right sides, `solve(m, b)`. Where all rows share the matrix, their right sides are further
 * columns: it is factored once.
 */
export const batchSolve = (
  solve: (m: Tensor, b: Tensor) => Tensor,
  [m, b]: readonly AnyTensor[],
  [matrixBatched, rightBatched]: readonly boolean[],
  size: number,
): { readonly outputs: readonly AnyTensor[]; readonly batched: readonly boolean[] } => {
  const [a, right] = [m as Tensor, b as Tensor]
  if (matrixBatched) return { outputs: [solve(a, rightBatched ? right : (broadcastFirst(right, size) as Tensor))], batched: [true] }
  const front = moveAxis(right, 0, -2)
  const [rows, k] = sizesOf(front)
  const x = solve(a, reshape(front, [...front.shape.slice(0, -2), rows * k]))
  return { outputs: [moveAxis(reshape(x, [...x.shape.slice(0, -1), rows, k]), -2, 0)], batched: [true] }
}

/**
 * Matrices and right sides with the same leading axes, and what brings a solution into the right side's form: a right side with one
 * axis is a vector, else it is a matrix [.., n, k].
 */
export const aligned = (
  name: string,
  a: Tensor,
  b: Tensor,
): { readonly a: Tensor; readonly b: Tensor; readonly restore: (x: Tensor) => Tensor } => {
  requireMatrices(name, a.type)
  const vector = b.shape.length === 1
  const right = vector ? expandAxis(b, 1) : b
  requireMatrices(name, right.type)
  const one = (t: Tensor) => indexAxis(indexAxis(t, -1, 0), -1, 0)
  const lead = broadcastShapes(name, one(a), one(right))
  const on = (t: Tensor) => broadcastTo(t, [...lead, ...t.shape.slice(-2)]) as Tensor
  return { a: on(a), b: on(right), restore: (x) => (vector ? indexAxis(x, -1, 0) : x) }
}
