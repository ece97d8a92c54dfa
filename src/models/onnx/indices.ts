/**
 * Index expressions over loop variables, as whole numbers: what is known is computed here and becomes a constant of the file, what
 * depends on data becomes nodes. Either has one axis a loop variable, of size 1 where it does not depend on it.
 */
import { type Guard, type Ix, type Scalar, sizeOf } from "../../core/index.js"
import { type Builder, scalar, type Value } from "./builder.js"
import { cast, meet, pointwiseNode } from "./values.js"

/** Loop variables of a nest, and what its scalars come to. */
export interface Loops {
  readonly b: Builder
  /** Size of each variable: axes of the domain, then the reduced ones. */
  readonly sizes: readonly number[]
  /** A scalar as a value with one axis a variable. */
  readonly valueOf: (s: Scalar) => Value
}

interface Fixed {
  readonly t: "fixed"
  readonly shape: readonly number[]
  readonly data: Float64Array
}
export type Index = Fixed | { readonly t: "data"; readonly value: Value }

export const shapeOf = (index: Index): readonly number[] => (index.t === "fixed" ? index.shape : index.value.shape)

/** Two tables combined element by element, axes of size 1 repeated. */
const zipped = (a: Fixed, c: Fixed, f: (x: number, y: number) => number): Fixed => {
  const shape = meet(a.shape, c.shape)
  const data = new Float64Array(sizeOf(shape))
  const [stepsA, stepsC] = [stepsOf(a.shape), stepsOf(c.shape)]
  for (let n = 0; n < data.length; n++) {
    let [rest, i, j] = [n, 0, 0]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const d = shape[axis] as number
      i += (rest % d) * (stepsA[axis] as number)
      j += (rest % d) * (stepsC[axis] as number)
      rest = Math.floor(rest / d)
    }
    data[n] = f(a.data[i] as number, c.data[j] as number)
  }
  return { t: "fixed", shape, data }
}

/** Distance of neighbours along each axis; 0 along axes of size 1, which repeat. */
const stepsOf = (shape: readonly number[]): readonly number[] => {
  let step = 1
  const steps = shape.map(() => 0)
  for (let i = shape.length - 1; i >= 0; i--) {
    steps[i] = shape[i] === 1 ? 0 : step
    step *= shape[i] as number
  }
  return steps
}

const mapped = (a: Fixed, f: (x: number) => number): Fixed => ({ ...a, data: a.data.map(f) })

/** A table as a value of whole numbers. */
export const asValue = (b: Builder, index: Index): Value => (index.t === "fixed" ? b.constant("int", index.shape, index.data) : index.value)

const intNode = (b: Builder, operator: string, x: Value, y: Value): Value => pointwiseNode(b, operator, [x, y], "int")

/** What an index expression comes to. */
export const indexOf = (loops: Loops, ix: Ix): Index => {
  const { b, sizes } = loops
  const ones = sizes.map(() => 1)
  switch (ix.t) {
    case "const":
      return { t: "fixed", shape: ones, data: Float64Array.of(ix.value) }
    case "var": {
      const size = sizes[ix.axis] as number
      return { t: "fixed", shape: ones.map((_, i) => (i === ix.axis ? size : 1)), data: Float64Array.from({ length: size }, (_, i) => i) }
    }
    case "add": {
      const [x, y] = [indexOf(loops, ix.a), indexOf(loops, ix.b)]
      return x.t === "fixed" && y.t === "fixed" ? zipped(x, y, (p, q) => p + q) : data(intNode(b, "Add", asValue(b, x), asValue(b, y)))
    }
    case "value":
      return data(cast(b, loops.valueOf(ix.of), "int"))
    case "mul":
    case "div":
    case "mod": {
      const x = indexOf(loops, ix.a)
      const { by, t } = ix
      if (x.t === "fixed")
        return mapped(x, t === "mul" ? (n) => n * by : t === "div" ? (n) => Math.floor(n / by) : (n) => n - by * Math.floor(n / by))
      const divisor = scalar(b, "int", by)
      if (t === "mul") return data(intNode(b, "Mul", x.value, divisor))
      const rest = intNode(b, "Mod", x.value, divisor)
      // ONNX divides whole numbers towards zero
      return data(t === "mod" ? rest : intNode(b, "Div", intNode(b, "Sub", x.value, rest), divisor))
    }
  }
}

const data = (value: Value): Index => ({ t: "data", value })

/** The same index, moved into [0, size) where it lies outside. */
export const clamped = (b: Builder, index: Index, size: number): Index =>
  index.t === "fixed"
    ? mapped(index, (n) => Math.min(Math.max(n, 0), size - 1))
    : data(intNode(b, "Max", intNode(b, "Min", index.value, scalar(b, "int", size - 1)), scalar(b, "int", 0)))

/** Where in row-major storage of the sizes given the element at these indices stands. */
export const flatIndex = (b: Builder, indices: readonly Index[], sizes: readonly number[], rank: number): Index => {
  let flat: Index = { t: "fixed", shape: Array.from({ length: rank }, () => 1), data: Float64Array.of(0) }
  indices.forEach((index, i) => {
    const size = sizes[i] as number
    const place = clamped(b, index, size)
    flat =
      flat.t === "fixed" && place.t === "fixed"
        ? zipped(flat, place, (p, q) => p * size + q)
        : data(intNode(b, "Add", intNode(b, "Mul", asValue(b, flat), scalar(b, "int", size)), asValue(b, place)))
  })
  return flat
}

/** Where all guards hold: everywhere, nowhere, or where the truth value is true. */
export type Mask = { readonly t: "always" } | { readonly t: "never" } | { readonly t: "where"; readonly value: Value }

export const maskOf = (loops: Loops, guards: readonly Guard[]): Mask => {
  const { b } = loops
  let fixed: Fixed = { t: "fixed", shape: loops.sizes.map(() => 1), data: Float64Array.of(1) }
  let tested: Value | null = null
  const both = (x: Value | null, y: Value): Value => (x === null ? y : pointwiseNode(b, "And", [x, y], "bool"))
  for (const guard of guards) {
    const index = indexOf(loops, guard.ix)
    if (index.t === "fixed")
      fixed = zipped(fixed, index, (held, n) =>
        held !== 0 && (guard.t === "range" ? guard.lo <= n && n < guard.hi : n % guard.by === 0) ? 1 : 0,
      )
    else if (guard.t === "range") {
      tested = both(tested, pointwiseNode(b, "GreaterOrEqual", [index.value, scalar(b, "int", guard.lo)], "bool"))
      tested = both(tested, pointwiseNode(b, "Less", [index.value, scalar(b, "int", guard.hi)], "bool"))
    } else {
      const rest = intNode(b, "Mod", index.value, scalar(b, "int", guard.by))
      tested = both(tested, pointwiseNode(b, "Equal", [rest, scalar(b, "int", 0)], "bool"))
    }
  }
  if (fixed.data.every((held) => held === 0)) return { t: "never" }
  if (!fixed.data.every((held) => held === 1)) tested = both(tested, b.constant("bool", fixed.shape, fixed.data))
  return tested === null ? { t: "always" } : { t: "where", value: tested }
}
