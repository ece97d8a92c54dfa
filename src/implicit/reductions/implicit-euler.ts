/** One step of an implicit method for differential equations. */
import { flatten, type Tensor, type TreeLike, unflatten } from "../../core/index.js"
import { add, mul, stopGradient } from "../../ops/index.js"
import { fixedPoint } from "../fixed-point.js"
import type { Solver } from "../spec/index.js"

/**
 * y1 = y0 + h k(y1), the step of size h of du/dt = k(u) by the implicit Euler method, sought from y0. Derivatives in y0, h and what k captures
 * are those of the step, however many iterations it took.
 *
 * `newton` for stiff k; `picard` converges where h times the Lipschitz constant of k is below 1.
 *
 * @example
 * implicitEulerStep((y) => mul(y, -2), tensor(1), 0.25, newton()) // 0.6666666666666667
 */
export const implicitEulerStep = <Y>(k: (y: Y) => NoInfer<Y>, y0: Y & TreeLike<Y>, h: Tensor<[]> | number, solver: Solver): Y => {
  const from = flatten("implicitEulerStep: y0", y0)
  const tree = (leaves: readonly Tensor[]): Y => unflatten(from.structure, leaves) as Y
  const step = (y: Y): Y => {
    const slope = flatten("implicitEulerStep: the value of k", k(y)).leaves
    return tree(from.leaves.map((t, i) => add(t as Tensor, mul(slope[i] as Tensor, h) as Tensor) as Tensor))
  }
  const start = tree(from.leaves.map((t) => stopGradient(t as Tensor))) as Y & TreeLike<Y>
  return fixedPoint(step, start, { name: "implicitEulerStep", ...solver })
}
