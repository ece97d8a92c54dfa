/** Arrays with shapes, and nothing but nested indices: what the references of ops are written in. */
import type { TensorType } from "../../../src/core/index.js"

export interface Nd {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

export const size = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

/** Every index of a shape, the last axis fastest. */
export const indices = (shape: readonly number[]): readonly (readonly number[])[] =>
  shape.reduce<readonly (readonly number[])[]>((all, d) => all.flatMap((i) => Array.from({ length: d }, (_, k) => [...i, k])), [[]])

const flat = (shape: readonly number[], index: readonly number[]): number =>
  index.reduce((n, i, axis) => n * (shape[axis] as number) + i, 0)

/** The element at an index that lies inside. */
export const get = (x: Nd, index: readonly number[]): number => {
  if (index.length !== x.shape.length || index.some((i, axis) => !(i >= 0 && i < (x.shape[axis] as number))))
    throw new RangeError(`reference: index [${index.join(", ")}] of [${x.shape.join(", ")}]`)
  return x.data[flat(x.shape, index)] as number
}

/** An array made element by element. */
export const make = (shape: readonly number[], at: (index: readonly number[]) => number): Nd => ({
  shape,
  data: Float64Array.from(indices(shape), (i) => at(i)),
})

/** An array made by adding into zeros. */
export const accumulate = (shape: readonly number[], fill: (add: (index: readonly number[], x: number) => void) => void): Nd => {
  const data = new Float64Array(size(shape))
  fill((index, x) => {
    const n = flat(shape, index)
    data[n] = (data[n] as number) + x
  })
  return { shape, data }
}

/** Point by point on equal shapes. */
export const map = (f: (...xs: readonly number[]) => number, ...args: readonly Nd[]): Nd => {
  const [first] = args as [Nd]
  return make(first.shape, (i) => f(...args.map((x) => get(x, i))))
}

/** Data of a tensor of a type; a key has a last axis of four limbs. */
export const nd = (type: TensorType, data: Float64Array): Nd => ({ shape: type.elem === "key" ? [...type.shape, 4] : type.shape, data })

/** One row of the first axis. */
export const row = (x: Nd, i: number): Nd => {
  const n = size(x.shape.slice(1))
  return { shape: x.shape.slice(1), data: x.data.slice(i * n, (i + 1) * n) }
}

/** Rows under a new first axis. */
export const stack = (rows: readonly Nd[], shape: readonly number[]): Nd => ({
  shape: [rows.length, ...shape],
  data: Float64Array.from(rows.flatMap((r) => Array.from(r.data))),
})
