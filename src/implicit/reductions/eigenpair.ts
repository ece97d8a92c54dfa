/** One eigenvalue with its eigenvector, as a root. */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { dot, einsum, mul, sub } from "../../ops/index.js"
import { root } from "../linear-solve.js"
import type { Solver } from "../spec/index.js"

/** An eigenvalue and its eigenvector [n] of length 1. */
export interface Eigenpair {
  readonly value: Tensor<[]>
  readonly vector: Tensor
}

/**
 * The root of (A v - mu v, v'v - 1): a real eigenvalue mu of A [n, n], symmetric or not, with its eigenvector. The derivative is that of the
 * root: mu' = y'A'v / y'v with the left eigenvector y, and v' orthogonal to v, to every order. It needs mu simple and asks nothing of the
 * other eigenvalues, where `eigh` divides by all gaps; at a multiple one the solve or the derivative is refused as `Singular`.
 *
 * `newton` finds a pair near `init`, in a few turns; -v is as good as v, and `init` chooses.
 *
 * @throws TraceError where the shapes don't fit.
 * @example
 * eigenpair(tensor([[2, 1], [1, 2]]), { value: tensor(2.8), vector: tensor([0.8, 0.6]) }, newton()).value // 3
 */
export const eigenpair = (A: Tensor, init: Eigenpair, solver: Solver): Eigenpair => {
  const n = init.vector.shape[0]
  if (init.vector.shape.length !== 1 || A.shape.length !== 2 || A.shape.some((size) => size !== n))
    throw new TraceError(
      `eigenpair: expected A of float[n, n] and a vector of float[n], found ${showType(A.type)} and ${showType(init.vector.type)}`,
    )
  return root(
    ({ value, vector }: Eigenpair): Eigenpair => ({
      value: sub(dot(vector, vector), 1) as Tensor<[]>,
      vector: sub(einsum("ij,j->i", A, vector), mul(vector, value)) as Tensor,
    }),
    init,
    { name: "eigenpair", ...solver },
  )
}
