/**
 * Projections onto closed convex sets, x -> the nearest point of the set. Each is made of ops, so its derivative in x and in what
 * describes the set holds in both modes and to every order. At a kink (a point at which the active piece changes) one element of the
 * generalised Jacobian is chosen; the comment says which. NaN stays NaN.
 */
import { type Shape, showType, type Tensor, TraceError } from "../../core/index.js"
import {
  abs,
  add,
  cast,
  cumsum,
  div,
  einsum,
  full,
  iota,
  less,
  lessEqual,
  max,
  mul,
  norm,
  not,
  relu,
  restoreAxes,
  reverse,
  sign,
  sort,
  stopGradient,
  sub,
  sum,
  where,
  zerosLike,
} from "../../ops/index.js"
import { type LinearSolveOptions, linearSolve } from "../linear-solve.js"
import { pairwiseSum } from "./pairwise-sum.js"

type Size = Tensor<[]> | number

/** A number as a scalar. */
const scalar = (size: Size): Tensor => (typeof size === "number" ? full([], size) : size)

const lastAxis = (name: string, { shape, type }: Tensor): readonly [number] => {
  if (shape.length === 0) throw new TraceError(`${name}: expected vectors on a last axis, found ${showType(type)}`)
  return [shape.length - 1]
}

const positive = (name: string, what: string, size: Size): void => {
  if (typeof size === "number" && !(size > 0)) throw new TraceError(`${name}: the ${what} must be above 0, found ${size}`)
}

/**
 * Onto the box lower <= x <= upper, element by element; a bound may be infinite. Derivative 1 strictly inside; on a bound and beyond it
 * belongs to the bound.
 *
 * @example
 * projectBox(tensor([-2, 0.5, 7]), 0, 1) // [0, 0.5, 1]
 */
export const projectBox = <S extends Shape>(x: Tensor<S>, lower: Tensor | number, upper: Tensor | number): Tensor<S> => {
  if (typeof lower === "number" && typeof upper === "number" && lower > upper)
    throw new TraceError(`projectBox: the lower bound must not be above the upper one, found ${lower} and ${upper}`)
  const given: Tensor = x
  const below = where(lessEqual(given, lower as Tensor), lower as Tensor, given) as Tensor
  return where(lessEqual(upper as Tensor, given), upper as Tensor, below) as Tensor<S>
}

/**
 * Onto x >= 0. Derivative 0 at 0.
 *
 * @example
 * projectNonnegative(tensor([-1, 2])) // [0, 2]
 */
export const projectNonnegative = <S extends Shape>(x: Tensor<S>): Tensor<S> => relu(x)

/**
 * Onto the simplex { x >= 0, sum x = size }, each vector of the last axis (Held, Wolfe and Crowder 1974): max(x - t, 0), with the t that
 * makes the sum right found by sorting. The Jacobian is diag(s) - s s' / |s|, where s is 1 on the support and 0 elsewhere, and second
 * derivatives are 0; an element that is exactly t does not count as support.
 *
 * @throws TraceError for a size that is a number and not above 0.
 * @example
 * projectSimplex(tensor([0.6, 0.5, -0.4])) // [0.55, 0.45, 0]
 */
export const projectSimplex = <S extends Shape>(x: Tensor<S>, size: Size = 1): Tensor<S> => {
  const given: Tensor = x
  const last = lastAxis("projectSimplex", given)
  positive("projectSimplex", "size", size)
  const back = (t: Tensor): Tensor => restoreAxes(t, given.shape, last)
  // a shift changes nothing; below the largest element, what counts is of the order of the size
  const shifted = sub(given, back(stopGradient(max(given, last) as Tensor))) as Tensor
  const { on, threshold } = support(shifted, stopGradient(scalar(size)), last)
  const s = cast(on, "float") as Tensor
  const over = sub(shifted, back(threshold)) as Tensor
  // The threshold is stopped and holds up to rounding; one correction makes the sum right, and has the whole derivative.
  const total = pairwiseSum(where(on, over, zerosLike(over)) as Tensor, last[0])
  const missing = div(sub(scalar(size), total) as Tensor, sum(s, last) as Tensor) as Tensor
  const corrected = where(on, add(over, back(missing)), zerosLike(over)) as Tensor
  // an element at the threshold may have been corrected to -0 and a little
  return add(corrected, stopGradient(relu(mul(corrected, -1) as Tensor))) as Tensor as Tensor<S>
}

/** The elements above the threshold t with sum of max(x - t, 0) = size, and t: the k largest, for the largest k with x_k > t_k. */
const support = (x: Tensor, size: Tensor, last: readonly [number]) => {
  const descending = reverse(sort(stopGradient(x)).values, last) as Tensor
  const excess = sub(cumsum(descending), size) as Tensor
  const counts = add(cast(iota(x.shape[last[0]] as number), "float") as Tensor, 1) as Tensor
  const among = less(excess, mul(descending, counts) as Tensor)
  const chosen = sum(where(among, descending, zerosLike(descending)) as Tensor, last) as Tensor
  const threshold = div(sub(chosen, size) as Tensor, sum(cast(among, "float") as Tensor, last) as Tensor) as Tensor
  // written so that NaN counts, and shows
  return { on: not(lessEqual(stopGradient(x), restoreAxes(threshold, x.shape, last))), threshold }
}

/**
 * Onto the ball |x| <= radius of the Euclidean norm, each vector of the last axis. On the sphere the derivative is that of the inside,
 * the identity.
 *
 * @throws TraceError for a radius that is a number and not above 0.
 * @example
 * projectL2Ball(tensor([3, 4])) // [0.6, 0.8]
 */
export const projectL2Ball = <S extends Shape>(x: Tensor<S>, radius: Size = 1): Tensor<S> => {
  const given: Tensor = x
  const last = lastAxis("projectL2Ball", given)
  positive("projectL2Ball", "radius", radius)
  const size = restoreAxes(norm(given, { axes: last }), given.shape, last)
  const inside = lessEqual(size, scalar(radius))
  const outside = mul(given, div(scalar(radius), where(inside, 1, size) as Tensor) as Tensor) as Tensor
  return where(inside, given, outside) as Tensor<S>
}

/**
 * Onto the ball |x|_1 <= radius, each vector of the last axis (Duchi et al. 2008): signs times the simplex projection of the
 * magnitudes. On the sphere the derivative is that of the inside, the identity; beyond it, that of `projectSimplex`.
 *
 * @throws TraceError for a radius that is a number and not above 0.
 * @example
 * projectL1Ball(tensor([3, -1])) // [1, 0]
 */
export const projectL1Ball = <S extends Shape>(x: Tensor<S>, radius: Size = 1): Tensor<S> => {
  const given: Tensor = x
  const last = lastAxis("projectL1Ball", given)
  positive("projectL1Ball", "radius", radius)
  const inside = lessEqual(restoreAxes(norm(given, { p: 1, axes: last }), given.shape, last), scalar(radius))
  return where(inside, given, mul(sign(given), projectSimplex(abs(given), radius))) as Tensor<S>
}

/**
 * Onto { x : A x = b }, A of m independent rows: x - A' (A A')^-1 (A x - b). Smooth in x, A and b. Rows that depend on each other make the
 * solve fail as `Singular`.
 *
 * @example
 * projectAffine(tensor([1, 2, 3]), tensor([[1, 1, 1]]), tensor([3])) // [0, 1, 2]
 */
export const projectAffine = (x: Tensor, A: Tensor, b: Tensor, options: LinearSolveOptions<"general"> = {}): Tensor => {
  const times = (v: Tensor): Tensor => einsum("ij,j->i", A, v)
  const transposed = (v: Tensor): Tensor => einsum("ij,i->j", A, v)
  const force = linearSolve((y: Tensor) => times(transposed(y)), sub(times(x), b) as Tensor, { name: "projectAffine", ...options })
  return sub(x, transposed(force)) as Tensor
}
