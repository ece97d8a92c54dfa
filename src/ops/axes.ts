/** Axes taken away, joined and cut apart. */
import { type Elem, type Shape, showType, type Tensor, TraceError, type Unchecked } from "../core/index.js"
import type { Without } from "./axis-types.js"
import { normalAxes } from "./normal-axes.js"
import { reshape } from "./shape.js"
import { indexAxis, sliceAxis } from "./slice-pad.js"

interface Squeeze {
  /** All axes of size 1. */
  <E extends Elem = "float">(x: Tensor<Unchecked, E>): Tensor<Unchecked, E>
  /** The axes given, which must have size 1; negative ones count from the last. */
  <S extends Shape, const A extends readonly number[], E extends Elem = "float">(x: Tensor<S, E>, axes: A): Tensor<Without<S, A>, E>
}

/**
 * Axes of size 1 taken away: those given, or all there are.
 *
 * @throws TraceError when an axis that is given has another size.
 * @example
 * squeeze(zeros([1, 3, 1])).shape // [3]
 */
export const squeeze: Squeeze = <E extends Elem>(x: Tensor<Unchecked, E>, axes?: readonly number[]): Tensor<Unchecked, E> => {
  const gone = axes === undefined ? x.shape.flatMap((d, i) => (d === 1 ? [i] : [])) : normalAxes("squeeze", x.shape.length, axes)
  const wide = gone.find((a) => x.shape[a] !== 1)
  if (wide !== undefined) throw new TraceError(`squeeze: axis ${wide} of ${showType(x.type)} has size ${x.shape[wide]}, expected 1`)
  return reshape(
    x,
    x.shape.filter((_, i) => !gone.includes(i)),
  )
}

/**
 * Axes `from` to `to` (both counted in; all by default) as one, in row-major order.
 *
 * @throws TraceError when an axis does not exist or `from` comes after `to`.
 * @example
 * flattenAxes(zeros([8, 4, 4, 3]), 1).shape // [8, 48]
 */
export const flattenAxes = <E extends Elem = "float">(x: Tensor<Unchecked, E>, from = 0, to = -1): Tensor<Unchecked, E> => {
  const rank = x.shape.length
  if (rank === 0 && from === 0 && to === -1) return reshape(x, [1])
  const [a] = normalAxes("flattenAxes", rank, [from]) as [number]
  const [b] = normalAxes("flattenAxes", rank, [to]) as [number]
  if (a > b) throw new TraceError(`flattenAxes: axis ${from} comes after axis ${to} of ${showType(x.type)}`)
  const joined = x.shape.slice(a, b + 1).reduce((n, d) => n * d, 1)
  return reshape(x, [...x.shape.slice(0, a), joined, ...x.shape.slice(b + 1)])
}

/**
 * The positions of an axis (the first by default), one tensor each; `stack` puts them together again.
 *
 * @throws TraceError when the axis does not exist.
 * @example
 * const [r, g, b] = unstack(image, -1) // [32, 32, 3] -> three times [32, 32]
 */
export const unstack = <E extends Elem = "float">(x: Tensor<Unchecked, E>, axisNumber = 0): readonly Tensor<Unchecked, E>[] => {
  const [a] = normalAxes("unstack", x.shape.length, [axisNumber]) as [number]
  return Array.from({ length: x.shape[a] as number }, (_, i) => indexAxis(x, a, i))
}

/**
 * An axis (the last by default) cut into parts: a number of equal parts, or parts of the sizes given, which must make up the axis.
 * `concat` puts them together again. (`split` is a function of random keys.)
 *
 * @throws TraceError when the parts do not make up the axis.
 * @example
 * const [q, k, v] = splitAxis(x, 3) // [8, 96] -> three times [8, 32]
 * splitAxis(x, [64, 32]) // [8, 64] and [8, 32]
 */
export const splitAxis = <E extends Elem = "float">(
  x: Tensor<Unchecked, E>,
  parts: number | readonly number[],
  axisNumber = -1,
): readonly Tensor<Unchecked, E>[] => {
  const [a] = normalAxes("splitAxis", x.shape.length, [axisNumber]) as [number]
  const n = x.shape[a] as number
  const sizes = typeof parts === "number" ? Array.from({ length: parts }, () => n / parts) : parts
  if (sizes.length === 0 || sizes.some((s) => !Number.isInteger(s) || s < 0) || sizes.reduce((m, s) => m + s, 0) !== n)
    throw new TraceError(
      typeof parts === "number"
        ? `splitAxis: ${parts} equal parts do not make up the ${n} elements of axis ${a} of ${showType(x.type)}`
        : `splitAxis: parts of [${parts.join(", ")}] do not make up the ${n} elements of axis ${a} of ${showType(x.type)}`,
    )
  let before = 0
  return sizes.map((s) => {
    before += s
    return sliceAxis(x, a, before - s, before)
  })
}
