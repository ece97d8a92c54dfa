/**
 * SHINE: the forward Broyden solve ends with H = -I + sum u_i v_i', which approximates the inverse Jacobian of g = f(z) - z, that is
 * (A - I)^-1. Then z' = (I - A)^-1 B theta' is about -H B theta', and what is kept for the backward pass is what the forward one
 * had: the pairs u_i, v_i. The transpose, lambda = -H' u, follows. Where the method is damped by tau, H belongs to tau g, and the
 * factor tau comes back.
 */
import { type AnyTensor, type Tensor, TraceError, unflatten } from "../../core/index.js"
import { einsum, mul, sub } from "../../ops/index.js"
import { pack, unpack } from "../pack.js"
import { algorithmOf, memoryShape, type Pairs } from "../solvers/index.js"
import { type Method, partsOf } from "../spec/index.js"

/** What a method that is Broyden's inside is damped by. */
export const broydenDamping = (method: Method): number => {
  const [inner, other] = partsOf(method)
  if (method._tag === "broyden") return 1
  if (inner === undefined || other !== undefined)
    throw new TraceError(`shine: ${method._tag} builds no inverse Jacobian; take broyden, or another adjoint`)
  return (method._tag === "damped" ? method.tau : 1) * broydenDamping(inner)
}

/** U, V and which of their rows are used, from the leaves of what a method that is Broyden's inside remembers. */
export const pairsOf = (method: Method, memory: readonly AnyTensor[]): readonly AnyTensor[] => {
  // the tree is the same for any number of unknowns
  const { U, V, used } = unflatten(memoryShape(algorithmOf(method), 1).structure, memory) as Pairs
  return [U, V, used]
}

/** -H b for leaves of b, linear in b. */
export const shineTangent = (
  method: Method,
  [U, V, used]: readonly AnyTensor[],
  b: readonly AnyTensor[],
  rows: number,
): readonly AnyTensor[] => {
  const lead = "abcdefghij".slice(0, rows)
  const right = pack(b, rows)
  const weights = mul(einsum(`${lead}mn,${lead}n->${lead}m`, V as Tensor, right), used as Tensor) as Tensor
  const x = sub(right, einsum(`${lead}mn,${lead}m->${lead}n`, U as Tensor, weights)) as Tensor
  return unpack(
    mul(x, broydenDamping(method)) as Tensor,
    b.map((t) => t.type),
    rows,
  )
}
