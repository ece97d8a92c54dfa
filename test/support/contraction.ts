/** The small maps of the reference (section 3.2 of implicit.md) on which solvers and adjoints are tried. */
import { type Tensor, tensor } from "../../src/core/index.js"
import { add, einsum } from "../../src/ops/index.js"

/** C13: A is not symmetric, so a transposition error shows. */
export const A = tensor([
  [0.2, 0.3],
  [-0.1, 0.4],
]) as Tensor
export const b = tensor([1, 2]) as Tensor

export const apply = (m: Tensor, z: Tensor): Tensor => einsum("ij,j->i", m, z)
export const affine = (m: Tensor, c: Tensor) => (z: Tensor) => add(apply(m, z), c) as Tensor
export const c13 = affine(A, b)
export const zero2 = tensor([0, 0]) as Tensor
/** The fixed point of C13. */
export const z13 = [2.352941176470588, 2.941176470588235]

/** A row vector times a matrix, or rows of them. */
export const times = (z: Tensor, w: Tensor): Tensor => (z.shape.length === 1 ? einsum("i,ij->j", z, w) : einsum("bi,ij->bj", z, w))
