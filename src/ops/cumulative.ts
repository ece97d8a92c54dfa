/**
 * Running sums, products, extrema and logsumexp along an axis, by Hillis and Steele's scan (1986): with steps d = 1, 2, 4, ... every
 * position combines its value with the one d places before it. That is ceil(log2 n) kernels of n combinations each, all positions
 * at once and without scatter, so that it runs well where parallel; rounding grows with log n, not with n. Derivatives are those of
 * the combinations, so a product has the right one where there are zeros.
 */
import { type Shape, showType, type Tensor, TraceError, type Unchecked } from "../core/index.js"
import { add, mul, sub } from "./arithmetic.js"
import { stopGradient } from "./cast.js"
import { equal, finite, less, not, or, where } from "./compare.js"
import { zerosLike } from "./constants.js"
import { exp, log } from "./elementary.js"
import { iota } from "./iota.js"
import { normalAxes } from "./normal-axes.js"
import { reshape } from "./shape.js"
import { pad, sliceAxis } from "./slice-pad.js"

/** Direction and start of cumulative ops. */
export interface CumulativeOptions {
  /** From the last position to the first. Default false. */
  readonly reverse?: boolean
  /** Each position without its own value; the first has the neutral element. Default false. */
  readonly exclusive?: boolean
}

type Combine = (earlier: Tensor, own: Tensor) => Tensor

/** Each position's value `by` places before it (after it, in reverse), and where there is one; zero where not. */
const shifted = (x: Tensor, a: number, by: number, reverse: boolean) => {
  const n = x.shape[a] as number
  const left = sliceAxis(x, a, reverse ? by : 0, reverse ? n : n - by)
  const widths = x.shape.map((_, i): readonly [number, number] => (i !== a ? [0, 0] : reverse ? [0, by] : [by, 0]))
  const position = reshape(
    iota(n),
    x.shape.map((_, i) => (i === a ? n : 1)),
  )
  const edge = (reverse ? less(n - by - 1, position) : less(position, by)) as Tensor<Unchecked, "bool">
  return { value: pad(left, widths), edge }
}

const cumulative =
  (name: string, neutral: number, combine: Combine) =>
  <S extends Shape>(tensor: Tensor<S>, axisNumber = -1, { reverse = false, exclusive = false }: CumulativeOptions = {}): Tensor<S> => {
    const x: Tensor = tensor
    if (x.type.elem !== "float") throw new TraceError(`${name}: expected float, found ${showType(x.type)}; cast says it`)
    const [a] = normalAxes(name, x.shape.length, [axisNumber]) as [number]
    const n = x.shape[a] as number
    let y = x
    for (let by = 1; by < n; by *= 2) {
      const { value, edge } = shifted(y, a, by, reverse)
      y = where(edge, y, combine(value, y))
    }
    if (exclusive && n > 0) {
      const { value, edge } = shifted(y, a, 1, reverse)
      y = where(edge, neutral, value)
    }
    return y
  }

const undefinedAt = (x: Tensor) => not(equal(x, x))

/**
 * Running sum along an axis (the last by default): element i is the sum of elements 0 to i.
 *
 * @throws TraceError when the axis does not exist or the elements are not float.
 * @example
 * cumsum(tensor([1, 2, 3])) // [1, 3, 6]
 * cumsum(tensor([1, 2, 3]), 0, { exclusive: true }) // [0, 1, 3]
 */
export const cumsum = cumulative("cumsum", 0, (earlier, own) => add(earlier, own))

/**
 * Running product along an axis (the last by default). Its derivatives are right where elements are 0: nothing is divided.
 *
 * @throws TraceError when the axis does not exist or the elements are not float.
 * @example
 * cumprod(tensor([2, 3, 4])) // [2, 6, 24]
 */
export const cumprod = cumulative("cumprod", 1, (earlier, own) => mul(earlier, own))

/**
 * Running maximum along an axis (the last by default); NaN from the first NaN on. At ties the derivative goes to the latest of the
 * largest elements.
 *
 * @throws TraceError when the axis does not exist or the elements are not float.
 * @example
 * cummax(tensor([1, 3, 2])) // [1, 3, 3]
 */
export const cummax = cumulative("cummax", Number.NEGATIVE_INFINITY, (earlier, own) =>
  where(or(less(own, earlier), undefinedAt(earlier)), earlier, own),
)

/**
 * Running minimum along an axis (the last by default); NaN and ties as in `cummax`.
 *
 * @throws TraceError when the axis does not exist or the elements are not float.
 * @example
 * cummin(tensor([2, 1, 3])) // [2, 1, 1]
 */
export const cummin = cumulative("cummin", Number.POSITIVE_INFINITY, (earlier, own) =>
  where(or(less(earlier, own), undefinedAt(earlier)), earlier, own),
)

/**
 * log(e^a + e^b) = m + log(e^(a - m) + e^(b - m)) with m the larger one: no overflow, and the weights e^(a - m) / sum of its derivative
 * are those of softmax. Where m is infinite, subtracting it would give NaN; there m = 0 is subtracted, and e^-Infinity = 0.
 */
const logAddExp: Combine = (a, b) => {
  const m = stopGradient(where(less(a, b), b, a))
  const shift = where(finite(m), m, zerosLike(m))
  const total = add(exp(sub(a, shift)), exp(sub(b, shift))) as Tensor
  // nothing but -Infinity: choose the operand first, since the derivative of log at 0 is infinite
  const none = equal(total, 0) as Tensor<Unchecked, "bool">
  return add(where(none, Number.NEGATIVE_INFINITY, log(where(none, 1, total))), shift)
}

/**
 * Running log(sum(exp(x))) along an axis (the last by default), exact for any range; -Infinity where all elements so far are, with
 * derivative 0 there.
 *
 * @throws TraceError when the axis does not exist or the elements are not float.
 * @example
 * logcumsumexp(tensor([0, 0])) // [0, log 2]
 */
export const logcumsumexp = cumulative("logcumsumexp", Number.NEGATIVE_INFINITY, logAddExp)
