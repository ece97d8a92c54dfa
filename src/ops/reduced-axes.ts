/** Axes that a reduction removed, put back. */
import { broadcastAlong, keptAxes, type Tensor } from "../core/index.js"

/**
 * `x` with the axes that a reduction removed put back, for arithmetic with the operand.
 *
 * @example
 * evaluate(restoreAxes(tensor([1, 2]), [2, 2], [1])) // right([[1, 1], [2, 2]])
 */
export const restoreAxes = (reduced: Tensor, shape: readonly number[], axes: readonly number[]): Tensor =>
  broadcastAlong(reduced, shape, keptAxes(shape.length, axes)) as Tensor

/** The removed axes with size 1, or as the reduction left it. */
export const keepAxes = (reduced: Tensor, shape: readonly number[], axes: readonly number[], keepDims: boolean | undefined): Tensor =>
  keepDims === true
    ? restoreAxes(
        reduced,
        shape.map((n, i) => (axes.includes(i) ? 1 : n)),
        axes,
      )
    : reduced
