/** Comparing and showing arrays of numbers. */
import { sizeOf, type TensorType } from "../core/index.js"
import { fails, holds, type Verdict } from "./law.js"

/** A number as messages show it: exact where it is short. */
export const showNumber = (x: number): string => {
  if (Object.is(x, -0)) return "-0"
  const short = String(x)
  return short.length <= 10 ? short : x.toPrecision(7)
}

/** `[1, 2]` of the position `flat` in a shape. */
export const showIndex = (flat: number, shape: readonly number[]): string => {
  const index: number[] = []
  let rest = flat
  for (let i = shape.length - 1; i >= 0; i--) {
    index.unshift(rest % (shape[i] as number))
    rest = Math.floor(rest / (shape[i] as number))
  }
  return `[${index.join(", ")}]`
}

const LONGEST = 64

/** `[[1, 2], [3, 4]]`; long data is cut. */
export const showData = (data: Float64Array, shape: readonly number[]): string => {
  if (data.length > LONGEST) return `[${Array.from(data.subarray(0, LONGEST), showNumber).join(", ")}, ... ${data.length} numbers]`
  const go = (from: number, axis: number): string => {
    if (axis === shape.length) return showNumber(data[from] as number)
    const stride = sizeOf(shape.slice(axis + 1))
    return `[${Array.from({ length: shape[axis] as number }, (_, i) => go(from + i * stride, axis + 1)).join(", ")}]`
  }
  return go(0, 0)
}

/** Where numbers are compared: a name and a shape for the message. */
export interface Place {
  readonly what: string
  readonly shape: readonly number[]
}

const differs = ({ what, shape }: Place, i: number, expected: number, found: number, allowed: string): string =>
  `${what}${shape.length === 0 ? "" : ` at ${showIndex(i, shape)}`} is ${showNumber(found)}, expected ${showNumber(expected)} (${allowed})`

/** Same numbers, NaN equal to itself; the sign of a zero is not compared. */
export const same = (place: Place, expected: Float64Array, found: Float64Array): Verdict => {
  if (expected.length !== found.length) return fails(`${place.what} has ${found.length} numbers, expected ${expected.length}`)
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [expected[i] as number, found[i] as number]
    if (a !== b && !(Number.isNaN(a) && Number.isNaN(b))) return fails(differs(place, i, a, b, "no difference allowed"))
  }
  return holds()
}

/** Numbers no further apart than `allowed` says, element by element; the error reported is relative to `scale`. A NaN on one side fails. */
export const closeEach = (
  place: Place,
  expected: Float64Array,
  found: Float64Array,
  scale: number,
  allowed: (i: number) => number,
): Verdict => {
  if (expected.length !== found.length) return fails(`${place.what} has ${found.length} numbers, expected ${expected.length}`)
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [expected[i] as number, found[i] as number]
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue
    const difference = Math.abs(a - b)
    const error = difference / scale
    if (!(difference <= allowed(i)))
      return fails(
        differs(place, i, a, b, `difference ${difference.toExponential(2)}, allowed ${allowed(i).toExponential(2)}`),
        Number.isNaN(error) ? Number.POSITIVE_INFINITY : error,
      )
    worst = Math.max(worst, error)
  }
  return holds(worst)
}

/** Numbers within `tolerance * scale` of each other. */
export const close = (place: Place, expected: Float64Array, found: Float64Array, scale: number, tolerance: number): Verdict =>
  closeEach(place, expected, found, scale, () => tolerance * scale)

/** The largest absolute value; at least `least`. */
export const magnitude = (arrays: Iterable<Float64Array>, least = 0): number => {
  let m = least
  for (const a of arrays) for (const x of a) m = Math.max(m, Math.abs(x))
  return m
}

/** The inner product, and the sum of the absolute values of its terms: the scale its rounding is relative to. */
export const inner = (a: readonly Float64Array[], b: readonly Float64Array[]): { readonly value: number; readonly scale: number } => {
  let [value, scale] = [0, 0]
  a.forEach((x, k) => {
    const y = b[k] as Float64Array
    for (let i = 0; i < x.length; i++) {
      const term = (x[i] as number) * (y[i] as number)
      value += term
      scale += Math.abs(term)
    }
  })
  return { value, scale }
}

/** Elements as they are stored: a key has four. */
export const storedSize = (t: TensorType): number => sizeOf(t.shape) * (t.elem === "key" ? 4 : 1)
