/** Reductions by halves, and counts. */

import { type Elem, keptAxes, type Shape, type Tensor, type Unchecked } from "../core/index.js"
import { mul } from "./arithmetic.js"
import type { Without } from "./axis-types.js"
import { cast } from "./cast.js"
import { equal, less, not, where } from "./compare.js"
import { full } from "./constants.js"
import { iota } from "./iota.js"
import { normalAxes } from "./normal-axes.js"
import { sumInt } from "./reduce.js"
import { permute, reshape } from "./shape.js"
import { pad, sliceAxis } from "./slice-pad.js"

interface Product {
  /** Over all axes. */
  <S extends Shape>(x: Tensor<S>): Tensor<[]>
  /** Over the axes given; negative ones count from the last. */
  <S extends Shape, const A extends readonly number[]>(x: Tensor<S>, axes: A): Tensor<Without<S, A>>
}

/** The last axis halved: element i times element i + ceil(n / 2), where there is one. */
const halved = (x: Tensor, n: number): Tensor => {
  const half = Math.ceil(n / 2)
  const last = x.shape.length - 1
  const [first, second] = [sliceAxis(x, last, 0, half), sliceAxis(x, last, half, n)]
  if (n % 2 === 0) return mul(first, second)
  const wide = pad(
    second,
    x.shape.map((_, i) => (i === last ? ([0, 1] as const) : ([0, 0] as const))),
  )
  const there = less(iota(half), half - 1) as Tensor<Unchecked, "bool">
  return mul(first, where(there, wide, 1))
}

/**
 * Product of all elements, or over the axes given; 1 of nothing. It multiplies by halves, ceil(log2 n) kernels with n
 * multiplications in all, so its derivatives are right where elements are 0: nothing is divided.
 *
 * @throws TraceError when an axis does not exist or is named twice.
 * @example
 * prod(tensor([[1, 2], [3, 4]]), [1]) // [2, 12]
 */
export const prod: Product = (x: Tensor, axes?: readonly number[]) => {
  const gone = normalAxes("prod", x.shape.length, axes)
  const kept = keptAxes(x.shape.length, gone)
  const lead = kept.map((a) => x.shape[a] as number)
  const count = gone.reduce((n, a) => n * (x.shape[a] as number), 1)
  let rows = reshape(permute(x, [...kept, ...gone]) as Tensor, [...lead, count]) as Tensor
  if (count === 0) return full(lead, 1) as Tensor
  for (let n = count; n > 1; n = Math.ceil(n / 2)) rows = halved(rows, n)
  return reshape(rows, lead) as Tensor
}

/**
 * How many elements are not 0 (false, for truth values), over all axes or over those given. NaN counts.
 *
 * @throws TraceError when an axis does not exist or is named twice.
 * @example
 * countNonZero(tensor([0, 2, -1])) // 2
 */
export const countNonZero = (x: Tensor<Unchecked, Elem>, axes?: readonly number[]): Tensor<Unchecked, "int"> =>
  sumInt(
    cast(x.type.elem === "bool" ? (x as Tensor<Unchecked, "bool">) : not(equal(x as Tensor, 0)), "int"),
    axes ?? x.shape.map((_, i) => i),
  ) as Tensor<Unchecked, "int">
