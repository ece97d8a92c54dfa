/**
 * The minimum of a function as the root of its gradient. With F(z, theta) = -grad phi, F_z is minus the Hessian, and the implicit
 * function theorem gives the hyper-gradient; its derivative is again one, so the hyper-Hessian follows.
 */
import type { Tensor, TreeLike } from "../../core/index.js"
import { fixedPoint } from "../fixed-point.js"
import type { Solver } from "../spec/index.js"
import { gradientStep } from "./gradient-step.js"

/**
 * z with grad phi(z) = 0, near `init`: the argmin of a convex phi. What `phi` captures are its parameters, and the gradient to them
 * passes the minimum, in both modes and to every order (Bengio 2000; Lorraine, Vicol and Duvenaud 2020). The state may be a tree.
 *
 * The map is a step of gradient descent of size 1, so `picard` is gradient descent; `newton` and `newtonKrylov` want the Hessian
 * regular, and find any stationary point. Where the minimum is not unique the Hessian is singular there and no derivative exists:
 * a gradient with a dense adjoint (the default up to 64 unknowns) is refused as `Singular`.
 *
 * @example
 * const y = tensor([1, 2, 3])
 * minimizer((m) => sum(square(sub(y, m))), tensor(0), newton()) // 2
 */
export const minimizer = <Z>(phi: (z: Z) => Tensor<[]>, init: Z & TreeLike<Z>, solver: Solver): Z =>
  fixedPoint((z: Z) => gradientStep(phi, z as Z & TreeLike<Z>, 1), init, solver)
