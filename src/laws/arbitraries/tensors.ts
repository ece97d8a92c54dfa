/** Arbitraries of tensors. A shape is given, or drawn; either way a counter-example has few axes, small sizes and plain numbers. */
import * as fc from "fast-check"
import { constant, type Elem, type Mutable, type Tensor, type Unchecked } from "../../core/index.js"
import { drawn } from "./draw.js"
import { elements, type Source } from "./element.js"

type Sizes = readonly number[]

/** Which shapes are drawn. */
export interface ShapeOptions {
  /** Fewest and most axes. Default [0, 3]. */
  readonly rank?: readonly [number, number]
  /** Smallest and largest size of an axis. Default [1, 4]. */
  readonly size?: readonly [number, number]
}

const integer = (min: number, max: number) => fc.integer({ min, max })

/**
 * Shapes; they shrink to few axes of small sizes.
 *
 * @example
 * shape({ rank: [1, 2], size: [1, 4] })
 */
export const shape = ({ rank = [0, 3], size = [1, 4] }: ShapeOptions = {}): fc.Arbitrary<readonly number[]> =>
  drawn((d) => Array.from({ length: d.from(integer, rank[0], rank[1]) }, () => d.from(integer, size[0], size[1])))

type Known<S> = S extends Sizes ? Mutable<S> : Unchecked

const tensorOf =
  <E extends Elem>(elem: E, source: Source) =>
  <const S extends Sizes | fc.Arbitrary<Sizes>>(of: S): fc.Arbitrary<Tensor<Known<S>, E>> => {
    const data = (sizes: Sizes) => elements({ elem, shape: sizes }, source)
    const make = (sizes: Sizes, numbers: Float64Array) => constant({ elem, shape: sizes }, numbers) as Tensor<Known<S>, E>
    if (!(of instanceof fc.Arbitrary)) return data(of).map((numbers) => make(of, numbers))
    const sizes: () => fc.Arbitrary<Sizes> = () => of
    return drawn((d) => {
      const drawnShape = d.from(sizes)
      return make(drawnShape, d.from(data, drawnShape))
    })
  }

/**
 * Multiples of 1/16 in [-4, 4], evenly.
 *
 * @example
 * uniform([4])
 */
export const uniform = tensorOf("float", { t: "real" })
/**
 * Standard normal numbers, to multiples of 1/16.
 *
 * @example
 * normal([4, 3])
 */
export const normal = tensorOf("float", { t: "normal" })
/**
 * Multiples of 1/16 in [1/4, 4].
 *
 * @example
 * positive([4])
 */
export const positive = tensorOf("float", { t: "positive" })
/**
 * Multiples of 1/16 in [-4, 4] without (-1/2, 1/2): for functions with a kink or a pole at 0.
 *
 * @example
 * awayFromZero([4])
 */
export const awayFromZero = tensorOf("float", { t: "awayFromZero" })
/**
 * Matrices whose diagonal outweighs the rest, positive and no two alike: positive definite where they are symmetric.
 *
 * @example
 * dominant([3, 3])
 */
export const dominant = tensorOf("float", { t: "dominant", anywhere: false })
/**
 * Well conditioned matrices: each row has an element that outweighs the rest of its row and column.
 *
 * @example
 * regular([3, 3])
 */
export const regular = tensorOf("float", { t: "dominant", anywhere: true })
/**
 * Different multiples of 1/8: for functions with kinks at ties.
 *
 * @example
 * distinct([4]) // no two elements are close
 */
export const distinct = tensorOf("float", { t: "distinct" })
/**
 * Truth values.
 *
 * @example
 * bools([4])
 */
export const bools = tensorOf("bool", { t: "bool" })
/**
 * Keys of random numbers.
 *
 * @example
 * keys([4])
 */
export const keys = tensorOf("key", { t: "key" })
/**
 * One key.
 *
 * @example
 * fc.assert(fc.property(key(), (k) => drawsWell(k)))
 */
export const key = (): fc.Arbitrary<Tensor<[], "key">> => keys([])

/**
 * Whole numbers from -1 to `below`, both included: positions in an axis of that size, and just outside of it.
 *
 * @example
 * indices(10)([4]) // positions in an axis of 10
 */
export const indices = (below: number) => tensorOf("int", { t: "index", below })
/**
 * Whole numbers from -9 to 9.
 *
 * @example
 * integers([4])
 */
export const integers = tensorOf("int", { t: "real" })

/**
 * The numbers 0 to n - 1 in some order.
 *
 * @example
 * permutation(4)
 */
export const permutation = <N extends number>(n: N): fc.Arbitrary<Tensor<[N], "int">> => {
  const order = Array.from({ length: n }, (_, i) => i)
  return fc
    .shuffledSubarray(order, { minLength: n, maxLength: n })
    .map((list) => constant({ elem: "int", shape: [n] }, Float64Array.from(list)) as Tensor<[N], "int">)
}
