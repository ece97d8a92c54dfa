/** States at which a flow stands still: as the root of its velocity, and found by following the flow. */
import { epsilon, flatten, type Tensor, type TreeLike, unflatten } from "../../core/index.js"
import {
  add,
  and,
  div,
  eye,
  finite,
  full,
  jacobian,
  less,
  lessEqual,
  mul,
  norm,
  not,
  solve,
  stopGradient,
  sub,
  where,
  whileLoop,
} from "../../ops/index.js"
import { root } from "../linear-solve.js"
import { defaultTolerance } from "../loop.js"
import { pack, unpack } from "../pack.js"
import type { Solver } from "../spec/index.js"

/**
 * u with h(u) = 0, at which du/dt = h(u) stands still. With J = dh/du and a cotangent v of u the adjoint is J'lambda = v, and what h captures
 * gets -lambda' dh. `picard` takes explicit Euler steps of size 1; `newton` finds the zero near `init`, stable or not.
 *
 * @example
 * steadyState((u) => sub(1, mul(u, u)), tensor(0.5), newton()) // 1
 */
export const steadyState = <U>(h: (u: U) => NoInfer<U>, init: U & TreeLike<U>, solver: Solver): U =>
  root(h, init, { name: "steadyState", ...solver })

/** How a flow is followed. */
export interface FlowOptions {
  /** The first step in time. Default 0.1: small against how fast the flow changes at `init`. */
  readonly step?: number
  /** Most steps. Default 100. */
  readonly turns?: number
}

interface Carry {
  readonly u: Tensor
  readonly speed: Tensor<[]>
  readonly step: Tensor<[]>
  readonly left: Tensor<[]>
}

/**
 * u with h(u) = 0 that the flow du/dt = h(u) reaches from `init`, so a stable one; then polished by `solver`, whose adjoint the derivative
 * takes: that of `steadyState`, with nothing of the path.
 *
 * The path is pseudo-transient continuation (Kelley and Keyes 1998): linearly implicit Euler steps (I / step - J) d = h(u), which stiffness
 * does not bound, with steps that grow as the speed falls, step |h| / |h next|; near the end they are Newton's. It needs the dense
 * Jacobian: for small states.
 *
 * @example
 * // of u' = u - u^3, Newton's method from 0.1 finds 0, which is unstable; the flow goes to 1
 * odeSteadyState((u) => sub(u, mul(u, mul(u, u))), tensor(0.1), newton()) // 1
 */
export const odeSteadyState = <U>(
  h: (u: U) => NoInfer<U>,
  init: U & TreeLike<U>,
  solver: Solver,
  { step = 0.1, turns = 100 }: FlowOptions = {},
): U => {
  const start = flatten("odeSteadyState: the initial state", init)
  const types = start.leaves.map((t) => t.type)
  const tree = (u: Tensor): U => unflatten(start.structure, unpack(u, types, 0)) as U
  const velocity = (u: Tensor): Tensor => pack(flatten("odeSteadyState: the velocity", h(tree(u))).leaves, 0)
  const still = (t: Tensor): Tensor => stopGradient(t)
  const u = still(pack(start.leaves, 0))
  const enough = defaultTolerance()
  const going = ({ speed, left }: Carry) => and(less(0, left), not(lessEqual(speed, enough))) as Tensor<[], "bool">
  const turn = ({ u, speed, step, left }: Carry): Carry => {
    const implicit = sub(div(eye(u.shape[0] as number) as Tensor, step), jacobian(velocity)(u)) as Tensor
    const next = add(u, solve(implicit, velocity(u))) as Tensor
    const now = norm(velocity(next))
    const sound = finite(now)
    return {
      u: where(sound, next, u) as Tensor,
      speed: where(sound, now, speed) as Tensor<[]>,
      step: where(sound, mul(step, div(speed, add(now, mul(speed, epsilon())))), mul(step, 0.5)) as Tensor<[]>,
      left: sub(left, 1) as Tensor<[]>,
    }
  }
  const path = { u, speed: norm(velocity(u)), step: full([], step) as Tensor<[]>, left: full([], turns) as Tensor<[]> }
  const reached = still(whileLoop(going, turn, path).u)
  return root(h, tree(reached) as U & TreeLike<U>, { name: "odeSteadyState", ...solver })
}
