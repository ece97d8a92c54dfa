/**
 * The program of the gate: a vmapped function that contains a checkpointed scan, whose body branches by cond into a fixedPoint.
 * Rows take different branches at different turns. Everything that the language composes meets everything else here.
 */
import { type Tensor, tensor } from "../../src/core/index.js"
import { fixedPoint, type Solver } from "../../src/implicit/index.js"
import { add, checkpoint, cond, indexAxis, less, mul, scan, sin, square, sum, tanh, vmap } from "../../src/ops/index.js"
import { times } from "../support/contraction.js"

/** Parameters: a matrix that the solves share, and a weight of the other branch. */
export const p0 = tensor([0.4, -0.5, 0.6, 0.3, 0.8]) as Tensor

/** Rows of inputs, one a turn: [rows, turns, 2]. */
export const xs = tensor([
  [
    [0.5, -0.2],
    [-0.9, 0.4],
    [0.3, 0.8],
    [-0.6, -0.1],
  ],
  [
    [-0.7, 0.1],
    [0.6, 0.9],
    [-0.4, -0.5],
    [0.2, 0.7],
  ],
  [
    [0.1, 0.2],
    [0.2, -0.8],
    [0.9, 0.3],
    [0.4, -0.3],
  ],
]) as Tensor

const matrix = (p: Tensor): Tensor => {
  const at = (i: number) => indexAxis(p, 0, i) as Tensor<[]>
  const unit = (i: number, j: number) => tensor([0, 1].map((r) => [0, 1].map((c) => (r === i && c === j ? 1 : 0)))) as Tensor
  return [0, 1, 2, 3].map((k) => mul(unit(k >> 1, k & 1), at(k)) as Tensor).reduce((a, b) => add(a, b) as Tensor)
}

/** One row's final state. */
export const row = (p: Tensor, x: Tensor, solver: Solver): Tensor => {
  const w = matrix(p)
  const other = indexAxis(p, 0, 4)
  const cell = checkpoint((z: Tensor, u: Tensor) =>
    cond(
      less(sum(u), 0.35),
      () => fixedPoint((y: Tensor) => tanh(add(times(y, w), add(z, u) as Tensor)) as Tensor, mul(z, 0), solver),
      () => sin(add(mul(z, other), u)) as Tensor,
    ),
  )
  return scan((z: Tensor, u: Tensor) => [cell(z, u), null] as const, tensor([0.1, -0.1]) as Tensor, x)[0]
}

export const loss =
  (solver: Solver) =>
  (p: Tensor): Tensor<[]> =>
    sum(vmap((x: Tensor) => sum(square(row(p, x, solver))))(xs)) as Tensor<[]>
