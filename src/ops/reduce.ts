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
  sumOp,
  type Tensor,
  type TensorType,
  type Unchecked,
  zerosOf,
} from "../core/index.js"
import { div, neg } from "./arithmetic.js"
import { cast } from "./cast.js"
import { equal, not, or, where } from "./compare.js"
import { iota } from "./iota.js"
import { lift } from "./lift.js"
import { normalAxes } from "./normal-axes.js"

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

type Keep<S extends Shape, A extends number, I extends readonly unknown[] = []> = S extends readonly [infer H, ...infer T extends Shape]
  ? I["length"] extends A
    ? Keep<T, A, [...I, 0]>
    : [H, ...Keep<T, A, [...I, 0]>]
  : []
/** A shape without the literal axes `A`; unknown where they are negative or not literal. */
export type Without<S extends Shape, A extends readonly number[]> = number extends S["length"]
  ? Unchecked // a shape of unknown rank stays unknown
  : number extends A[number]
    ? Unchecked // axes that are not literal
    : `${A[number]}` extends `-${string}`
      ? Unchecked // negative axes
      : Keep<S, A[number]>

interface Reduce {
  /** Over all axes. */
  <S extends Shape>(x: Tensor<S>): Tensor<[]>
  /** Over the axes given; negative ones count from the last. */
  <S extends Shape, const A extends readonly number[]>(x: Tensor<S>, axes: A): Tensor<Without<S, A>>
}

/** Sum over all axes, or over those given. */
export const sum: Reduce = (x: Tensor, axes?: readonly number[]) =>
  sumAxes(lift("sum", x), normalAxes("sum", x.shape.length, axes)) as Tensor

/** Sum of whole numbers. */
export const sumInt = (x: Tensor<Unchecked, "int">, axes?: readonly number[]): Tensor<Unchecked, "int"> =>
  apply1(sumOp, { axes: normalAxes("sumInt", x.shape.length, axes) }, [x]) as Tensor<Unchecked, "int">

/** Arithmetic mean over all axes, or over those given. The mean of nothing is NaN. */
export const mean: Reduce = (x: Tensor, axes?: readonly number[]) => {
  const gone = normalAxes("mean", x.shape.length, axes)
  return div(
    sumAxes(x, gone) as Tensor,
    gone.reduce((n, a) => n * (x.shape[a] as number), 1),
  )
}

/** Largest element; NaN if there is one; -Infinity of nothing. At ties the derivative is shared evenly. */
export const max: Reduce = (x: Tensor, axes?: readonly number[]) =>
  apply1(maxOp, { axes: normalAxes("max", x.shape.length, axes) }, [lift("max", x)]) as Tensor

/** Smallest element; as `max`. */
export const min: Reduce = (x: Tensor, axes?: readonly number[]) => neg(max(neg(x), axes as readonly number[]) as Tensor)

const asFloat = (x: Tensor<Unchecked, "bool">) => cast(x, "float")

/** Whether any element is true. */
export const any = (x: Tensor<Unchecked, "bool">, axes?: readonly number[]): Tensor<Unchecked, "bool"> =>
  cast(max(asFloat(x), axes as readonly number[]) as Tensor, "bool")

/** Whether all elements are true. */
export const all = (x: Tensor<Unchecked, "bool">, axes?: readonly number[]): Tensor<Unchecked, "bool"> =>
  cast(min(asFloat(x), axes as readonly number[]) as Tensor, "bool")

/** Position of the largest element along an axis, the first of equals; that of the first NaN if there is one (as NumPy). */
export const argmax = (x: Tensor, axis: number): Tensor<Unchecked, "int"> => {
  const [a] = normalAxes("argmax", x.shape.length, [axis]) as [number]
  const width = x.shape[a] as number
  const along = broadcastAlong(max(x, [a]) as Tensor, x.shape, keptAxes(x.shape.length, [a])) as Tensor
  const back = broadcastAlong(iota(width), x.shape, [a]) as Tensor<Unchecked, "int">
  const chosen = or(equal(x, along) as Tensor<Unchecked, "bool">, not(equal(x, x) as Tensor<Unchecked, "bool">))
  const candidates = where(chosen, neg(cast(back, "float")), literal(-width))
  return cast(neg(max(candidates, [a]) as Tensor), "int" as Elem) as Tensor<Unchecked, "int">
}
