/** The fixed points that the pictures of the guide are about, each of 32 unknowns. */
import * as E from "fp-ts/lib/Either.js"
import { add, einsum, evaluate, exp, key, linspace, mul, normal, qr, type Tensor, tanh, tensor } from "../../src/index.js"

const n = 32

/** What a program gives; that a picture can't be made is an error of this script. */
export const opened = <R>(either: E.Either<{ readonly message: string }, R>): R => {
  if (E.isLeft(either)) throw new Error(either.left.message)
  return either.right
}

/** A symmetric matrix with eigenvalues spread evenly from -q to q. */
const spread = (q: number): Tensor => {
  const basis = qr(normal(key(1), [n, n])).q
  return opened(evaluate(einsum("ik,k,jk->ij", basis, linspace(-q, q, n) as Tensor, basis)))
}

export const zero = opened(evaluate(mul(normal(key(2), [n]), 0) as Tensor))
export const input = opened(evaluate(normal(key(2), [n]) as Tensor))

/** z = M z + x, which contracts by q in every direction at most. */
export const affine = (q: number): ((z: Tensor, x: Tensor) => Tensor) => {
  const m = spread(q)
  return (z, x) => add(einsum("ij,j->i", m, z), x) as Tensor
}

/** z = tanh(M z + x) with |M| = 1/2. */
export const easy = (
  (inside) => (z: Tensor) =>
    tanh(inside(z, input)) as Tensor
)(affine(0.5))

/** The greatest eigenvalue of the step below at its solution, with a margin. */
export const stiffHigh = 0.9985

/** An explicit step of z'' + 2 exp(z) = 0 on a grid, 0 at both ends (Bratu): the smoothest shapes hardly move. */
export const stiff = (() => {
  const rows = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? -2 : Math.abs(i - j) === 1 ? 1 : 0)))
  const second = tensor(rows) as Tensor
  const step = 1 / (n + 1)
  return (z: Tensor) => add(z, mul(add(einsum("ij,j->i", second, z), mul(exp(z), 2 * step * step)), 0.25)) as Tensor
})()
