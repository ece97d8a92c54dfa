/** A tree of state as one flat vector a row: norms and inner products are over all leaves together. */
import { type AnyTensor, sizeOf, type Tensor, type TensorType } from "../core/index.js"
import { concat, reshape, sliceAxis } from "../ops/index.js"

/** Sizes of the leaves within a row. */
export const rowSizes = (types: readonly TensorType[], rows: number): readonly number[] => types.map((t) => sizeOf(t.shape.slice(rows)))

/** Leaves [rows..., shape] -> [rows..., n]. */
export const pack = (leaves: readonly AnyTensor[], rows: number): Tensor => {
  const flat = leaves.map((t) => reshape(t as Tensor, [...t.shape.slice(0, rows), sizeOf(t.shape.slice(rows))]) as Tensor)
  return flat.length === 1 ? (flat[0] as Tensor) : concat(flat, rows)
}

/** The inverse of `pack`. */
export const unpack = (z: Tensor, types: readonly TensorType[], rows: number): readonly Tensor[] => {
  let next = 0
  return types.map((t) => {
    const size = sizeOf(t.shape.slice(rows))
    const part = types.length === 1 ? z : sliceAxis(z, rows, next, next + size)
    next += size
    return reshape(part, t.shape) as Tensor
  })
}
