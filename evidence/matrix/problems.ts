/** Layers that every target solves by every solver and adjoint: each a function of one vector of parameters. */
import { fixedPoint, perRow, type Solver, type Tensor, tensor, vmap } from "../../src/index.js"
import { add, cos, einsum, mul, reshape, sub, tanh, zerosLike } from "../../src/ops/index.js"

export interface Problem {
  readonly name: string
  readonly at: readonly number[]
  readonly layer: (solver: Solver) => (p: Tensor) => Tensor
}

const W = tensor([
  [0.3, -0.4, 0.1],
  [0.2, 0.1, -0.3],
  [-0.1, 0.25, 0.2],
]) as Tensor
const rows = (p: Tensor): Tensor => reshape(p, [2, 3]) as Tensor
const six = [0.5, -0.3, 0.2, 1, -1, 0.75]

export const problems: readonly Problem[] = [
  {
    name: "affine",
    at: [1, -2, 0.5],
    layer: (solver) => (p) => fixedPoint((z: Tensor) => add(einsum("ij,j->i", W, z), p) as Tensor, zerosLike(p), solver),
  },
  {
    name: "tanh",
    at: [0.5, -0.3, 0.2],
    layer: (solver) => (p) => fixedPoint((z: Tensor) => tanh(add(einsum("ij,j->i", W, z), p)) as Tensor, zerosLike(p), solver),
  },
  {
    name: "cosine",
    at: [0.1, 0.4, -0.2],
    layer: (solver) => (p) => fixedPoint((z: Tensor) => mul(cos(sub(z, p)), 0.8) as Tensor, zerosLike(p), solver),
  },
  {
    name: "rows, vmap",
    at: six,
    layer: (solver) => (p) =>
      vmap((c: Tensor) => fixedPoint((z: Tensor) => tanh(add(einsum("ij,j->i", W, z), c)) as Tensor, zerosLike(c), solver))(
        rows(p),
      ) as Tensor,
  },
  {
    name: "rows, perRow",
    at: six,
    layer: (solver) => (p) =>
      fixedPoint((z: Tensor) => tanh(add(einsum("ij,bj->bi", W, z), rows(p))) as Tensor, zerosLike(rows(p)), perRow(solver)),
  },
]
