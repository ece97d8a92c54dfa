import type { TreeLike } from "../../core/index.js"
import type { SolvedFixedPoint, Solver } from "../../implicit/index.js"

/** What solves: `solveFixedPoint` without its options, or a wrapper of one's own. */
export type Solve = <Z>(f: (z: Z) => NoInfer<Z>, init: Z & TreeLike<Z>, solver: Solver) => SolvedFixedPoint<Z>
