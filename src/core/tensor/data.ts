/** Where data enters the language and leaves it: leaves made of numbers, and the numbers of a leaf. */
import { TraceError } from "../errors.js"
import { applyOf, constant, constantData, isTensor } from "./apply.js"
import type { AnyTensor, Dim, Mutable, Shape, Tensor, Unchecked } from "./shape-types.js"
import { type Elem, physicalShape, showType, sizeOf } from "./types.js"

export type NestedData = number | boolean | readonly NestedData[]
export type TypedArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
/** What `tensor` takes: nested arrays of numbers or of truth values, or a typed array. */
export type TensorData = NestedData | TypedArray

/** Kinds that numbers can be read as; keys are made from seeds. */
type DataElem = Exclude<Elem, "key">

type IsTuple<D> = D extends readonly unknown[] ? (number extends D["length"] ? false : true) : false
/** The shape of nested literal arrays, `any` where a length is not known. */
type ShapeOf<D, R extends readonly number[] = []> = D extends number | boolean
  ? R
  : IsTuple<D> extends true
    ? D extends readonly [infer H, ...unknown[]]
      ? ShapeOf<H, [...R, (D & readonly unknown[])["length"]]>
      : [...R, 0]
    : Unchecked // an array of unknown length

type ElemOf<D> = NestedData extends D
  ? DataElem // nothing is known of the data
  : D extends boolean
    ? "bool"
    : D extends readonly (infer I)[]
      ? ElemOf<I>
      : "float"

interface Read {
  readonly data: Float64Array
  /** Lengths of nested arrays; null for a typed array, which has no shape of its own. */
  readonly shape: readonly number[] | null
  readonly bool: boolean
}

const notData = (path: string, x: unknown): never => {
  throw new TraceError(
    `tensor: expected numbers, truth values or nested arrays of them, found ${x === null ? "null" : isTensor(x) ? "a tensor" : typeof x === "object" ? "an object" : `${typeof x} ${String(x)}`} at data${path}`,
  )
}

const readNested = (nested: NestedData): Read => {
  const shape: number[] = []
  for (let x: unknown = nested; Array.isArray(x); x = x[0]) shape.push(x.length)
  const data = new Float64Array(sizeOf(shape))
  let n = 0
  let bools = 0
  const go = (x: unknown, depth: number, path: string): void => {
    if (depth < shape.length) {
      if (!Array.isArray(x) || x.length !== shape[depth])
        throw new TraceError(
          `tensor: rows differ: data${path} ${Array.isArray(x) ? `has ${x.length} entries` : "is no array"}, its first neighbour has ${shape[depth]}`,
        )
      for (let i = 0; i < x.length; i++) go(x[i], depth + 1, depth < 2 ? `${path}[${i}]` : path)
      return
    }
    if (typeof x === "boolean") bools++
    else if (typeof x !== "number") return notData(path, x)
    data[n++] = Number(x)
  }
  go(nested, 0, "")
  if (bools > 0 && bools < n) throw new TraceError("tensor: numbers and truth values are mixed; there is no implicit promotion")
  return { data, shape, bool: bools > 0 }
}

const read = (data: TensorData): Read =>
  ArrayBuffer.isView(data) ? { data: Float64Array.from(data as ArrayLike<number>), shape: null, bool: false } : readNested(data)

/** Sizes for a given shape: names are bound to what the number of elements leaves for them. */
const bindShape = (shape: readonly Dim[], length: number): readonly number[] => {
  const show = `[${shape.map((d) => (typeof d === "string" ? JSON.stringify(d) : d)).join(", ")}]`
  const names = [...new Set(shape.filter((d) => typeof d === "string"))]
  const numbers = shape.filter((d) => typeof d === "number")
  const bad = numbers.find((d) => !Number.isInteger(d) || d < 0)
  if (bad !== undefined) throw new TraceError(`tensor: expected sizes or names in the shape ${show}, found ${bad}`)
  const product = sizeOf(numbers)
  const count = shape.length - numbers.length
  if (count === 0) {
    if (product !== length) throw new TraceError(`tensor: the shape ${show} has ${product} elements, the data has ${length}`)
    return numbers
  }
  // a name that stands twice has one size
  const size = product === 0 ? Number.NaN : Math.round((length / product) ** (1 / count))
  if (names.length > 1 || size ** count * product !== length)
    throw new TraceError(
      names.length > 1
        ? `tensor: the shape ${show} has ${names.length} names; the number of elements (${length}) gives one size only, so write the others as numbers`
        : `tensor: no size of ${names[0]} in the shape ${show} gives the ${length} elements that the data has`,
    )
  return shape.map((d) => (typeof d === "number" ? d : size))
}

const checkElements = (elem: DataElem, data: Float64Array): void => {
  if (elem === "float") return
  const fits = elem === "int" ? (x: number) => Number.isInteger(x) && x >= -(2 ** 31) && x < 2 ** 31 : (x: number) => x === 0 || x === 1
  const at = data.findIndex((x) => !fits(x))
  if (at >= 0)
    throw new TraceError(
      `tensor: element ${at} is ${data[at]}, expected ${elem === "int" ? "whole numbers of 32 bits" : "truth values (or 0 and 1)"}`,
    )
}

const ELEMS: readonly string[] = ["float", "int", "bool"]

/**
 * A leaf of the language: data that it owns a copy of. The shape is that of the nested arrays, or is given; one dimension may
 * be a name, whose size follows from the number of elements. Numbers are float and truth values bool, unless a kind is given.
 *
 * @example
 * tensor([[1, 2], [3, 4]])
 * tensor(pixels, ["B", 784]) // a typed array of B * 784 numbers
 * tensor([0, 2, 1], "int")
 */
export function tensor<const D extends NestedData>(data: D): Tensor<ShapeOf<D>, ElemOf<D>>
export function tensor(data: TypedArray): Tensor<[Unchecked]>
export function tensor<const D extends NestedData, E extends DataElem>(data: D, elem: E): Tensor<ShapeOf<D>, E>
export function tensor<E extends DataElem>(data: TypedArray, elem: E): Tensor<[Unchecked], E>
export function tensor<const S extends Shape, const D extends TensorData, E extends DataElem = D extends NestedData ? ElemOf<D> : "float">(
  data: D,
  shape: S,
  elem?: E,
): Tensor<Mutable<S>, E>
export function tensor(data: TensorData, second?: Shape | DataElem, third?: DataElem): AnyTensor {
  const given = typeof second === "string" ? undefined : second
  const { data: numbers, shape: own, bool } = read(data)
  const elem = (typeof second === "string" ? second : third) ?? (bool ? "bool" : "float")
  if (!ELEMS.includes(elem))
    throw new TraceError(
      `tensor: expected the kind float, int or bool, found ${elem}${(elem as string) === "key" ? "; make keys with key(seed)" : ""}`,
    )
  checkElements(elem, numbers)
  const shape = given === undefined ? (own ?? [numbers.length]) : bindShape(given, numbers.length)
  if (own !== null && given !== undefined && own.length > 1 && own.join() !== shape.join())
    throw new TraceError(`tensor: the nested arrays have the shape [${own.join(", ")}], not [${shape.join(", ")}]; reshape says it`)
  return constant({ elem, shape }, numbers)
}

const leafData = (what: string, t: AnyTensor): Float64Array => {
  if (!isTensor(t))
    throw new TraceError(
      `${what}: expected a tensor, found ${t === null ? "null" : typeof t}; values that stay on a device are read back with read(...)`,
    )
  const data = constantData(t)
  if (data === null)
    throw new TraceError(
      `${what}: this ${showType(t.type)} is an expression (${applyOf(t).op.name}) that has no value yet; evaluate(...) computes it, or return it from a compiled function`,
    )
  return data
}

/**
 * The elements of a leaf in row-major order (a copy). A key is four 16-bit limbs.
 *
 * @throws TraceError when `t` is an expression that has no value yet
 *
 * @example
 * toArray(tensor([[1, 2], [3, 4]])) // [1, 2, 3, 4]
 */
export const toArray = (t: AnyTensor): Float64Array => leafData("toArray", t).slice()

/**
 * The one element of a leaf.
 *
 * @throws TraceError when `t` has several, or is an expression that has no value yet
 *
 * @example
 * toNumber(tensor(2)) // 2
 */
export const toNumber = (t: AnyTensor): number => {
  const data = leafData("toNumber", t)
  if (data.length !== 1) throw new TraceError(`toNumber: expected one element, found ${showType(t.type)}; toArray gives all of them`)
  return data[0] as number
}

/** A tensor's elements as nested arrays, a number for a scalar. */
export type NestedNumbers = number | readonly NestedNumbers[]

/**
 * The elements of a leaf as nested arrays, a number for a scalar.
 *
 * @throws TraceError when `t` is an expression that has no value yet
 *
 * @example
 * toNested(tensor([[1, 2], [3, 4]])) // [[1, 2], [3, 4]]
 */
export const toNested = (t: AnyTensor): NestedNumbers => {
  const data = leafData("toNested", t)
  const shape = physicalShape(t.type)
  const go = (axis: number, start: number, size: number): NestedNumbers => {
    if (axis === shape.length) return data[start] as number
    const row = size / (shape[axis] as number)
    return Array.from({ length: shape[axis] as number }, (_, i) => go(axis + 1, start + i * row, row))
  }
  return go(0, 0, data.length)
}
