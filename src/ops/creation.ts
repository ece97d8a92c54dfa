/** Tensors made of numbers that are part of the program. */
import { broadcastAlong, type Elem, type Mutable, type Shape, type Tensor, TraceError, type Unchecked } from "../core/index.js"
import { add, mul } from "./arithmetic.js"
import { cast } from "./cast.js"
import { equal, where } from "./compare.js"
import { full } from "./constants.js"
import { iota } from "./iota.js"
import { expandAxis } from "./shape.js"

/**
 * Ones of a shape.
 *
 * @example
 * evaluate(ones([2])) // right([1, 1])
 */
export const ones = <const S extends readonly number[]>(shape: S): Tensor<Mutable<S>> => full(shape, 1)

const finiteNumbers = (name: string, ...numbers: readonly number[]): void => {
  if (!numbers.every(Number.isFinite)) throw new TraceError(`${name}: expected finite numbers, found ${numbers.join(", ")}`)
}

/**
 * `start, start + step, ...` as long as it is before `stop`; `arange(stop)` starts at 0. For whole numbers as `int` there is `iota`.
 *
 * @throws TraceError when a number is not finite or the step is 0.
 * @example
 * arange(1, 2, 0.25) // [1, 1.25, 1.5, 1.75]
 */
export const arange = (start: number, stop?: number, step = 1): Tensor<Unchecked> => {
  const [first, end] = stop === undefined ? [0, start] : [start, stop]
  finiteNumbers("arange", first, end, step)
  if (step === 0) throw new TraceError("arange: the step should not be 0")
  return add(mul(cast(iota(Math.max(0, Math.ceil((end - first) / step))), "float"), step), first) as Tensor<Unchecked>
}

/**
 * `n` numbers evenly spaced from `start` to `stop`, both counted in and exactly so.
 *
 * @throws TraceError when a bound is not finite or `n` is no whole number.
 * @example
 * linspace(0, 1, 5) // [0, 0.25, 0.5, 0.75, 1]
 */
export const linspace = <N extends number>(start: number, stop: number, n: N): Tensor<[N]> => {
  finiteNumbers("linspace", start, stop)
  const step = n > 1 ? (stop - start) / (n - 1) : 0
  const even = add(mul(cast(iota(n as number), "float"), step), start) as Tensor
  // start + (n - 1) step may round past the end
  return (n > 1 ? where(equal(iota(n as number), n - 1), stop, even) : even) as Tensor<[N]>
}

/**
 * Coordinates of a grid: for vectors of n_1, n_2, ... elements one tensor [n_1, n_2, ...] each, which varies along its own axis alone
 * (matrix indexing, "ij" in NumPy).
 *
 * @throws TraceError when an argument is no vector.
 * @example
 * const [y, x] = meshgrid(linspace(-1, 1, 4), linspace(-1, 1, 6)) // two of [4, 6]
 */
export const meshgrid = <E extends Elem = "float">(...vectors: readonly Tensor<Unchecked, E>[]): readonly Tensor<Unchecked, E>[] => {
  const odd = vectors.find((v) => v.shape.length !== 1)
  if (odd !== undefined) throw new TraceError(`meshgrid: expected vectors, found one of shape [${odd.shape.join(", ")}]`)
  const shape = vectors.map((v) => v.shape[0] as number)
  return vectors.map((v, i) => broadcastAlong(v, shape, [i]) as Tensor<Unchecked, E>)
}

/**
 * A new last axis of `classes` elements: 1 where its position is the index, else 0; all 0 for an index outside the range.
 *
 * @throws TraceError when the indices are not int.
 * @example
 * oneHot(tensor([2, 0], "int"), 3) // [[0, 0, 1], [1, 0, 0]]
 */
export const oneHot = <S extends Shape, N extends number>(indices: Tensor<S, "int">, classes: N): Tensor<[...S, N]> => {
  if (indices.type.elem !== "int") throw new TraceError(`oneHot: expected int indices, found ${indices.type.elem}; cast says it`)
  return cast(equal(expandAxis(indices as Tensor<Unchecked, "int">, -1), iota(classes)), "float") as Tensor<[...S, N]>
}
