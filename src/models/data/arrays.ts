/** Sets of rows that are in memory. */
import { TraceError } from "../failure.js"
import { type Dataset, dataset } from "./dataset.js"

/** Arrays that rows can be taken of. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array

/** Rows side by side: `shape[0]` of them, in row-major order. Arrays from NumPy files and {@link Pictures} are such. */
export interface Rows<D extends TypedArray = TypedArray> {
  readonly shape: readonly number[]
  readonly data: D
}

/** Rows that belong together: records, tuples and lists of {@link Rows} of equal number. */
export type RowTree = Rows | readonly RowTree[] | { readonly [name: string]: RowTree }

/** What of a tree of arrays a batch of it is: the shape and the data, nothing else that was beside them. */
export type Taken<T> = T extends { readonly shape: readonly number[]; readonly data: infer D extends TypedArray }
  ? Rows<D>
  : { readonly [K in keyof T]: Taken<T[K]> }

const isRows = (tree: RowTree): tree is Rows => "shape" in tree && "data" in tree && ArrayBuffer.isView(tree.data)

const leaves = (tree: RowTree, path: string): readonly (readonly [path: string, rows: Rows])[] =>
  isRows(tree) ? [[path, tree]] : Object.entries(tree).flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`))

const take = (tree: RowTree, indices: Uint32Array): RowTree => {
  if (isRows(tree)) {
    const [rows = 0, ...rest] = tree.shape
    const width = rows === 0 ? 0 : tree.data.length / rows
    const data = new (tree.data.constructor as new (length: number) => Float32Array)(indices.length * width)
    const source = tree.data as Float32Array
    for (let i = 0; i < indices.length; i++) data.set(source.subarray(indices[i]! * width, (indices[i]! + 1) * width), i * width)
    return { shape: [indices.length, ...rest], data }
  }
  if (Array.isArray(tree)) return tree.map((inner: RowTree) => take(inner, indices))
  return Object.fromEntries(Object.entries(tree).map(([key, inner]) => [key, take(inner, indices)]))
}

/**
 * The set whose row i is row i of every array in a tree, such as what {@link decodeNpz} or {@link readPictures} gave. The arrays are kept, not
 * copied; a batch is a copy of its rows.
 *
 * @throws TraceError when there is no array, an array has no axis, or two differ in their number of rows
 *
 * @example
 * const scenes = fromArrays({ image: { shape: [3, 2], data: Float32Array.of(0, 1, 2, 3, 4, 5) } })
 * scenes.get(Uint32Array.of(2, 0)).image.data // Float32Array [4, 5, 0, 1]
 */
export const fromArrays = <T extends RowTree>(tree: T): Dataset<Taken<T>> => {
  const arrays = leaves(tree, "")
  const [first] = arrays
  if (first === undefined) throw new TraceError("fromArrays: expected at least one array { shape, data }, found none")
  for (const [path, { shape, data }] of arrays) {
    const name = path === "" ? "the array" : path
    if (shape.length === 0) throw new TraceError(`fromArrays: ${name} has no axis; expected one row a sample first`)
    if (shape.reduce((a, b) => a * b, 1) !== data.length)
      throw new TraceError(`fromArrays: ${name} of shape [${shape.join(", ")}] has ${data.length} elements, which don't fit`)
    if (shape[0] !== first[1].shape[0])
      throw new TraceError(`fromArrays: ${name} has ${shape[0]} rows, ${first[0]} has ${first[1].shape[0]}; expected as many in each`)
  }
  return dataset(first[1].shape[0]!, (indices) => take(tree, indices) as Taken<T>)
}
