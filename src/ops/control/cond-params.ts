import type { Graph } from "../../core/index.js"

/**
 * Inputs: a predicate with `rows` axes, then operands of both branches. Without rows one branch runs. With rows (after vmap)
 * each branch runs if any row takes it, on all rows, and results are put together; only lowering deals with that.
 */
export interface CondParams {
  readonly rows: number
  readonly operands: readonly CondOperand[]
  /** How many of the predicate's row axes each output carries. An output without them is the sum of what the branches give. */
  readonly outputs: readonly number[]
  readonly whenTrue: Graph
  readonly whenFalse: Graph
}

export interface CondOperand {
  /** How many of the predicate's row axes the operand carries in front. */
  readonly rows: number
  /** Tangents and cotangents: zero in rows not taken, instead of a copy of a taken row's. */
  readonly mask: boolean
}
