/** The discrete Lyapunov equation. */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { einsum, sub } from "../../ops/index.js"
import { type LinearSolveOptions, linearSolve } from "../linear-solve.js"

/**
 * X [n, n] with X = A X A' + Q: the covariance at which x <- A x + noise settles, for noise of covariance Q. One linear solve in n^2 unknowns
 * whose matrix is never formed beyond 8 x 8; with W for the cotangent of X that of Q is the solution of S = A'S A + W.
 *
 * Unique where no product of two eigenvalues of A is 1, else refused; symmetric where Q is.
 *
 * @throws TraceError where the shapes don't fit.
 * @example
 * lyapunov(tensor([[0.5, 0], [0, 0]]), tensor([[3, 1], [1, 2]])) // [[4, 1], [1, 2]]
 */
export const lyapunov = (A: Tensor, Q: Tensor, options: LinearSolveOptions<"general"> = {}): Tensor => {
  const n = A.shape[0]
  if ([A, Q].some((m) => m.shape.length !== 2 || m.shape.some((size) => size !== n)))
    throw new TraceError(`lyapunov: expected A and Q of float[n, n], found ${showType(A.type)} and ${showType(Q.type)}`)
  const moved = (X: Tensor): Tensor => einsum("ik,jk->ij", einsum("ij,jk->ik", A, X), A)
  return linearSolve((X: Tensor) => sub(X, moved(X)) as Tensor, Q, { name: "lyapunov", ...options })
}
