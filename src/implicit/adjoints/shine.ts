/**
 * SHINE: the forward Broyden solve ends with H = -I + sum u_i v_i', which approximates the inverse Jacobian of g = f(z) - z, that is
 * (A - I)^-1. Then z' = (I - A)^-1 B theta' is about -H B theta', and what is kept for the backward pass is what the forward one
 * had: the pairs u_i, v_i. The transpose, lambda = -H' u, follows. Where the method is damped by tau, H belongs to tau g, and the
 * factor tau comes back.
 */
import { type AnyTensor, type Tensor, type TensorType, TraceError } from "../../core/index.js"
import { einsum, mul, sub } from "../../ops/index.js"
import { pack, rowSizes, unpack } from "../pack.js"
import type { Method, Solver } from "../spec/index.js"

interface Broyden {
  readonly memory: number
  readonly tau: number
}

const broydenOf = (method: Method): Broyden => {
  switch (method._tag) {
    case "broyden":
      return { memory: method.memory, tau: 1 }
    case "damped": {
      const of = broydenOf(method.of)
      return { ...of, tau: of.tau * method.tau }
    }
    case "perRow":
      return broydenOf(method.of)
    default:
      throw new TraceError(`shine: ${method._tag} builds no inverse Jacobian; take broyden, or another adjoint`)
  }
}

/** Types of the pairs U and V that a solve hands out for its adjoint: none where the adjoint is another. */
export const pairTypes = ({ adjoint, method }: Solver, state: readonly TensorType[], rows: number): readonly TensorType[] => {
  if (adjoint._tag !== "shine") return []
  const n = rowSizes(state, rows).reduce((a, b) => a + b, 0)
  const pairs: TensorType = { elem: "float", shape: [...(state[0] as TensorType).shape.slice(0, rows), broydenOf(method).memory, n] }
  return [pairs, pairs]
}

/** -H b for leaves of b, linear in b. */
export const shineTangent = (method: Method, [U, V]: readonly AnyTensor[], b: readonly AnyTensor[], rows: number): readonly AnyTensor[] => {
  const lead = "abcdefghij".slice(0, rows)
  const right = pack(b, rows)
  const weights = einsum(`${lead}mn,${lead}n->${lead}m`, V as Tensor, right)
  const x = sub(right, einsum(`${lead}mn,${lead}m->${lead}n`, U as Tensor, weights)) as Tensor
  return unpack(
    mul(x, broydenOf(method).tau) as Tensor,
    b.map((t) => t.type),
    rows,
  )
}
