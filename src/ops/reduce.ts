/** Reductions: the max primitive, and sum, mean, min, any, all, argmax derived. */
import {
  type AnyTensor,
  type AxesParams,
  apply1,
  broadcastAlong,
  defineOp,
  type Elem,
  keptAxes,
  literal,
  type Op,
  reducedType,
  reductionExample,
  reductionNest,
  type Shape,
  sumAxes,
  type Tensor,
  type TensorType,
  type Unchecked,
  zerosOf,
} from "../core/index.js"
import { div, neg } from "./arithmetic.js"
import type { AxesCheck, AxisCheck, Reduced, Without } from "./axis-types.js"
import { cast } from "./cast.js"
import { equal, greater, not, or, where } from "./compare.js"
import { iota } from "./iota.js"
import { lift } from "./lift.js"
import { normalAxes } from "./normal-axes.js"
import { reshape } from "./shape.js"

export const maxOp: Op<AxesParams> = defineOp<AxesParams>({
  name: "max",
  type: (params, [x]) => [reducedType("max", params, x as TensorType)],
  // At a tie the derivative is shared evenly among the largest elements, as JAX does.
  jvp: ({ axes: gone }, [x], [y], [dx]) => {
    const a = x as Tensor
    const along = broadcastAlong(y as AnyTensor, a.shape, keptAxes(a.shape.length, gone)) as Tensor
    const largest = equal(a, along)
    const share = sumAxes(where(largest, dx as Tensor, zerosOf(a.type) as Tensor), gone) as Tensor
    return [div(share, sumAxes(cast(largest, "float"), gone) as Tensor)]
  },
  batch: ({ axes: gone }, [x]) => ({ outputs: [apply1(maxOp, { axes: gone.map((a) => a + 1) }, [x as AnyTensor])], batched: [true] }),
  simplify: ({ axes: gone }, [x]) => (gone.length === 0 ? [x as AnyTensor] : null),
  lower: (params, [x], [out]) => ({ t: "index", nests: [reductionNest("max", params, x as TensorType, out as TensorType)] }),
  cheap: false,
  example: (choose) => {
    const { params, shape } = reductionExample(choose)
    return { params, inputs: [{ elem: "float", shape }], domains: [{ t: "distinct" }] }
  },
})

/** Whether a reduction keeps its axes. */
export interface ReduceOptions<K extends boolean = boolean> {
  /** Whether the axes stay, with size 1, so that the result broadcasts with the operand. Default false. */
  readonly keepDims?: K
}

interface Reduce<From extends Elem = "float"> {
  /** Over all axes. */
  <S extends Shape>(x: Tensor<S, From>): Tensor<[], From>
  /** Over the axes given; negative ones count from the last. */
  <S extends Shape, const A extends readonly number[], K extends boolean = false>(
    x: Tensor<S, From>,
    axes: A & AxesCheck<"reduce", S, A>,
    options?: ReduceOptions<K>,
  ): Tensor<Reduced<S, A, K>, From>
}

/** The public form of a reduction: `over` gets axes from 0, ascending, and leaves them out. */
const reduction = <From extends Elem = "float">(name: string, over: (x: AnyTensor, axes: readonly number[]) => AnyTensor): Reduce<From> =>
  ((x: AnyTensor, axes?: readonly number[], { keepDims = false }: ReduceOptions = {}) => {
    const gone = normalAxes(name, x.shape.length, axes)
    const left = over(x, gone)
    return keepDims
      ? reshape(
          left,
          x.shape.map((d, i) => (gone.includes(i) ? 1 : d)),
        )
      : left
  }) as unknown as Reduce<From> // the shapes are computed in the types alone

/**
 * Sum over all axes, or over those given.
 *
 * @example
 * evaluate(sum(tensor([[1, 2], [3, 4]]), [0])) // right([4, 6])
 */
export const sum: Reduce = reduction("sum", (x, axes) => sumAxes(lift("sum", x), axes))

/**
 * Sum of whole numbers.
 *
 * @example
 * evaluate(sumInt(tensor([1, 2], "int"))) // right(3)
 */
export const sumInt: Reduce<"int"> = reduction("sumInt", sumAxes)

/**
 * Arithmetic mean over all axes, or over those given. The mean of nothing is NaN.
 *
 * @example
 * evaluate(mean(tensor([1, 2, 3]))) // right(2)
 */
export const mean: Reduce = reduction("mean", (x, axes) =>
  div(
    sumAxes(x, axes) as Tensor,
    axes.reduce((n, a) => n * (x.shape[a] as number), 1),
  ),
)

const largest = (x: AnyTensor, axes: readonly number[]): Tensor => apply1(maxOp, { axes }, [lift("max", x)]) as Tensor
const smallest = (x: AnyTensor, axes: readonly number[]): Tensor => neg(largest(neg(x as Tensor), axes))

/**
 * Largest element; NaN if there is one; -Infinity of nothing. At ties the derivative is shared evenly.
 *
 * @example
 * evaluate(max(tensor([1, 3, 2]))) // right(3)
 */
export const max: Reduce = reduction("max", largest)

/**
 * Smallest element; as `max`.
 *
 * @example
 * evaluate(min(tensor([1, 3, 2]))) // right(1)
 */
export const min: Reduce = reduction("min", smallest)

/**
 * Whether any element is true; of none, none is.
 *
 * @example
 * evaluate(any(tensor([true, false]))) // right(1)
 */
export const any: Reduce<"bool"> = reduction("any", (x, axes) =>
  // the largest of no numbers is -infinity
  greater(largest(cast(x, "float"), axes), 0),
)

/**
 * Whether all elements are true; of none, all are.
 *
 * @example
 * evaluate(all(tensor([true, false]))) // right(0)
 */
export const all: Reduce<"bool"> = reduction("all", (x, axes) => cast(smallest(cast(x, "float"), axes), "bool"))

/**
 * Position of the largest element along an axis, the first of equals; that of the first NaN if there is one (as NumPy).
 *
 * @example
 * evaluate(argmax(tensor([1, 3, 2]), 0)) // right(1)
 */
export const argmax = <S extends Shape, const A extends number>(
  x: Tensor<S>,
  axis: A & AxisCheck<"argmax", S, A>,
): Tensor<Without<S, readonly [A]>, "int"> => {
  const t = x as Tensor
  const [a] = normalAxes("argmax", t.shape.length, [axis]) as [number]
  const width = t.shape[a] as number
  const along = broadcastAlong(largest(t, [a]), t.shape, keptAxes(t.shape.length, [a])) as Tensor
  const back = broadcastAlong(iota(width), t.shape, [a]) as Tensor<Unchecked, "int">
  const chosen = or(equal(t, along) as Tensor<Unchecked, "bool">, not(equal(t, t) as Tensor<Unchecked, "bool">))
  const candidates = where(chosen, neg(cast(back, "float")), literal(-width))
  return cast(neg(largest(candidates, [a])), "int") as Tensor<Unchecked, "int">
}
