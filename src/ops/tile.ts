/** Copies: of a tensor as a whole, and of each element. Their transposes add the copies up. */
import { broadcastAlong, type Elem, showType, type Tensor, TraceError, type Unchecked } from "../core/index.js"
import { normalAxes } from "./normal-axes.js"
import { reshape } from "./shape.js"

const times = (name: string, n: number): number => {
  if (!Number.isInteger(n) || n < 0) throw new TraceError(`${name}: expected a whole number of copies, found ${n}`)
  return n
}

/**
 * The tensor laid side by side, `times[i]` copies along axis i.
 *
 * @throws TraceError when there is not one number an axis.
 * @example
 * tile(tensor([[1, 2]]), [2, 2]) // [[1, 2, 1, 2], [1, 2, 1, 2]]
 */
export const tile = <E extends Elem = "float">(x: Tensor<Unchecked, E>, copies: readonly number[]): Tensor<Unchecked, E> => {
  if (copies.length !== x.shape.length)
    throw new TraceError(`tile: expected a number of copies for each axis of ${showType(x.type)}, found [${copies.join(", ")}]`)
  const shape = x.shape.flatMap((d, i) => [times("tile", copies[i] as number), d])
  const laid = broadcastAlong(
    x,
    shape,
    x.shape.map((_, i) => 2 * i + 1),
  )
  return reshape(
    laid as Tensor<Unchecked, E>,
    x.shape.map((d, i) => d * (copies[i] as number)),
  )
}

/**
 * Each position of an axis (the last by default) `copies` times in a row.
 *
 * @throws TraceError when the axis does not exist or `copies` is no whole number.
 * @example
 * repeat(tensor([1, 2]), 3) // [1, 1, 1, 2, 2, 2]
 */
export const repeat = <E extends Elem = "float">(x: Tensor<Unchecked, E>, copies: number, axisNumber = -1): Tensor<Unchecked, E> => {
  const [a] = normalAxes("repeat", x.shape.length, [axisNumber]) as [number]
  const shape = [...x.shape.slice(0, a + 1), times("repeat", copies), ...x.shape.slice(a + 1)]
  const laid = broadcastAlong(
    x,
    shape,
    x.shape.map((_, i) => (i <= a ? i : i + 1)),
  )
  return reshape(
    laid as Tensor<Unchecked, E>,
    x.shape.map((d, i) => (i === a ? d * copies : d)),
  )
}
