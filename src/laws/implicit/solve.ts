/** What solves in the laws of solvers. */
import type { Tensor, TreeLike } from "../../core/index.js"
import { rowsOf, type SolvedFixedPoint, type Solver } from "../../implicit/index.js"
import { expandAxis, indexAxis } from "../../ops/index.js"

/** What solves: `solveFixedPoint` without its options, or a wrapper of one's own. */
export type Solve = <Z>(f: (z: Z) => NoInfer<Z>, init: Z & TreeLike<Z>, solver: Solver) => SolvedFixedPoint<Z>

/** What solves a map of vectors: a solver that takes rows one by one is given the vector as its only row. */
export const oneRow = (
  { method }: Solver,
  solve: Solve,
): ((f: (z: Tensor) => Tensor, init: Tensor, solver: Solver) => SolvedFixedPoint<Tensor>) =>
  rowsOf(method) === 0
    ? solve
    : (f, init, by) => {
        const { z, ...told } = solve(
          (rows: Tensor) => expandAxis(f(indexAxis(rows, 0, 0) as Tensor), 0) as Tensor,
          expandAxis(init, 0) as Tensor,
          by,
        )
        return { z: indexAxis(z, 0, 0) as Tensor, ...told }
      }
