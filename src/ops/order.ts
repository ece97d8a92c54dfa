/** What follows from the order of elements: positions, largest, median and quantiles, places in a sorted vector. */
import { type Shape, showType, type Tensor, TraceError, type Unchecked } from "../core/index.js"
import { add, mul, neg } from "./arithmetic.js"
import { cast } from "./cast.js"
import { and, equal, less, lessEqual, not, or, where } from "./compare.js"
import { normalAxes } from "./normal-axes.js"
import { argmax, sumInt } from "./reduce.js"
import { expandAxis } from "./shape.js"
import { indexAxis, sliceAxis, stack } from "./slice-pad.js"
import { type Sorted, sort } from "./sort.js"

/** The direction of an order. */
export interface OrderOptions {
  /** From the largest to the smallest. Default false. */
  readonly descending?: boolean
}

/** Sorted in either direction; stable in both, with NaN last in both. */
const ordered = (x: Tensor, axisNumber: number, descending: boolean): Sorted => {
  if (!descending) return sort(x, axisNumber)
  const { values, positions } = sort(neg(x), axisNumber)
  return { values: neg(values), positions }
}

/**
 * Where the elements in ascending (or descending) order stand, along an axis (the last by default). Stable: equal elements keep their
 * order, in both directions. NaN comes last in both.
 *
 * @throws TraceError when the axis does not exist or the elements are not float.
 * @example
 * argsort(tensor([3, 1, 2])) // [1, 2, 0]
 */
export const argsort = <S extends Shape>(x: Tensor<S>, axisNumber = -1, { descending = false }: OrderOptions = {}): Tensor<S, "int"> =>
  ordered(x, axisNumber, descending).positions as Tensor<S, "int">

/**
 * The `k` largest elements along an axis (the last by default), the largest first, and where they stand: of equal ones the first. NaN
 * counts as less than all. The derivative goes back to where the values came from. It sorts the axis.
 *
 * @throws TraceError when the axis does not exist or has fewer than `k` elements.
 * @example
 * topK(tensor([1, 4, 2, 3]), 2) // values [4, 3], positions [1, 3]
 */
export const topK = (x: Tensor, k: number, axisNumber = -1): Sorted => {
  const [a] = normalAxes("topK", x.shape.length, [axisNumber]) as [number]
  if (!Number.isInteger(k) || k < 0 || k > (x.shape[a] as number))
    throw new TraceError(`topK: expected at most the ${x.shape[a]} elements of axis ${a} of ${showType(x.type)}, found ${k}`)
  const { values, positions } = ordered(x, a, true)
  return { values: sliceAxis(values, a, 0, k), positions: sliceAxis(positions, a, 0, k) }
}

/**
 * Position of the smallest element along an axis, the first of equals; of a NaN if there is one.
 *
 * @throws TraceError when the axis does not exist.
 * @example
 * argmin(tensor([3, 1, 2]), 0) // 1
 */
export const argmin = (x: Tensor, axisNumber: number): Tensor<Unchecked, "int"> => argmax(neg(x), axisNumber)

/**
 * The quantile `q` of an axis (the last by default): of the sorted elements the one at place q (n - 1), between two places by linear
 * interpolation (NumPy's default). A list of quantiles makes a new first axis. NaN if there is one. The derivative goes to the one
 * or two elements that are interpolated, at ties in stable order.
 *
 * @throws TraceError when the axis does not exist or is empty, or a quantile is outside [0, 1].
 * @example
 * quantile(tensor([4, 1, 3, 2]), 0.25) // 1.75
 * quantile(x, [0.05, 0.95], 0) // [100, 8] -> [2, 8]
 */
export const quantile = (x: Tensor, q: number | readonly number[], axisNumber = -1): Tensor => {
  const [a] = normalAxes("quantile", x.shape.length, [axisNumber]) as [number]
  const n = x.shape[a] as number
  const odd = [q].flat().find((p) => !(p >= 0 && p <= 1))
  if (odd !== undefined) throw new TraceError(`quantile: expected numbers in [0, 1], found ${odd}`)
  if (n === 0) throw new TraceError(`quantile: axis ${a} of ${showType(x.type)} has no elements`)
  const { values } = sort(x, a)
  const largest = indexAxis(values, a, n - 1) as Tensor
  // NaN comes last
  const nan = not(equal(largest, largest) as Tensor<Unchecked, "bool">)
  const one = (p: number): Tensor => {
    const place = p * (n - 1)
    const low = Math.min(Math.floor(place), n - 1)
    const part = place - low
    const below = indexAxis(values, a, low) as Tensor
    if (part === 0) return where(nan, Number.NaN, below)
    const above = indexAxis(values, a, low + 1) as Tensor
    return where(nan, Number.NaN, add(mul(below, 1 - part), mul(above, part)) as Tensor)
  }
  return typeof q === "number" ? one(q) : stack(q.map(one))
}

/**
 * The median of an axis (the last by default): the middle element, or the mean of the two in the middle (as NumPy, not PyTorch, which
 * takes the lower). NaN if there is one.
 *
 * @throws TraceError when the axis does not exist or is empty.
 * @example
 * median(tensor([5, 1, 3])) // 3
 */
export const median = (x: Tensor, axisNumber = -1): Tensor => quantile(x, 0.5, axisNumber)

/** Where equal elements stand for `searchSorted`. */
export interface SearchOptions {
  /** Of equal elements, before the first ("left") or after the last. Default "left". */
  readonly side?: "left" | "right"
}

/**
 * Where each value would be inserted into an ascending vector so that it stays ascending: the number of elements that are smaller
 * ("left") or not larger ("right"). NaN counts as larger than all. It compares every value with every element: one kernel without
 * branches, n m comparisons.
 *
 * @throws TraceError when `sorted` is no vector.
 * @example
 * searchSorted(tensor([1, 3, 5]), tensor([0, 3, 9])) // [0, 1, 3]
 */
export const searchSorted = <S extends Shape>(
  sorted: Tensor<Unchecked>,
  values: Tensor<S>,
  { side = "left" }: SearchOptions = {},
): Tensor<S, "int"> => {
  if (sorted.shape.length !== 1) throw new TraceError(`searchSorted: expected a sorted vector, found ${showType(sorted.type)}`)
  const value = expandAxis(values as Tensor, -1) as Tensor
  const nan = (t: Tensor) => not(equal(t, t) as Tensor<Unchecked, "bool">)
  const before =
    side === "left"
      ? or(less(sorted, value) as Tensor<Unchecked, "bool">, and(nan(value), not(nan(sorted))))
      : or(lessEqual(sorted, value) as Tensor<Unchecked, "bool">, nan(value))
  return sumInt(cast(before, "int"), [-1]) as Tensor<S, "int">
}
