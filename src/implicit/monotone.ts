/**
 * Fixed points z = prox(W z + b) by operator splitting (Winston and Kolter 2020), for I - W monotone and prox the proximal operator of a
 * convex function: relu, soft thresholding, projections.
 *
 * A splitting is no method of the loop, which sees f only and not its two parts. It is a reduction: it writes down another map with the
 * same solution, contracting where f does not, and hands it to `fixedPoint`. So every method, every adjoint and every order of
 * derivatives is there as for any fixed point; the exact adjoint is the implicit function theorem on the map of the splitting.
 */
import { flatten, sameStructure, showStructure, type Tensor, TraceError, type TreeLike, unflatten } from "../core/index.js"
import { add, mul } from "../ops/index.js"
import { damped, picard } from "./constructors/index.js"
import { fixedPoint } from "./fixed-point.js"
import { linearSolve } from "./linear-solve.js"
import type { Solver, Splitting } from "./spec/index.js"

/** z = prox(linear(z) + shift, 1), its parts apart. */
export interface MonotoneEquation<Z> {
  /** z -> W z. */
  readonly linear: (z: Z) => NoInfer<Z>
  readonly shift: Z
  /**
   * (v, alpha) -> the z with the least alpha phi(z) + |z - v|^2 / 2, phi convex. For projections, relu among them, alpha plays no part, and
   * `relu` itself can stand here; an activation that needs it, such as tanh, may not ignore it.
   */
  readonly prox: (v: Z, alpha: number) => NoInfer<Z>
  /** (c, alpha) -> the z with z + alpha (z - W z) = c, where there is a faster way than the splitting's linear solver. */
  readonly resolvent?: (c: Z, alpha: number) => NoInfer<Z>
}

/** The sum of trees, each times a number. */
const combined = <Z>(...terms: readonly (readonly [by: number, tree: Z])[]): Z => {
  const flat = terms.map(([by, tree]) => ({ by, ...flatten("monotoneFixedPoint", tree) }))
  const [{ structure, leaves }] = flat as [(typeof flat)[number]]
  for (const other of flat)
    if (!sameStructure(other.structure, structure))
      throw new TraceError(
        `monotoneFixedPoint: state, shift and what linear and prox return must have one structure, found ${showStructure(structure)} and ${showStructure(other.structure)}`,
      )
  // a tree made of the leaves of trees of one structure
  return unflatten(
    structure,
    leaves.map((_, i) => flat.map(({ by, leaves: all }) => mul(all[i] as Tensor, by) as Tensor).reduce((a, b) => add(a, b) as Tensor)),
  ) as Z
}

/** A map to iterate, how its state comes from a guess of the solution, and how the solution comes from its state. */
export interface SplitMap<Z> {
  readonly map: (u: Z) => Z
  readonly start: (z: Z) => Z
  readonly solution: (u: Z) => Z
}

export const splitMap = <Z>({ linear, shift, prox, resolvent }: MonotoneEquation<Z>, splitting: Splitting, name: string): SplitMap<Z> => {
  const { alpha } = splitting
  /** (1 - alpha) z + alpha (W z + b) */
  const forward = (z: Z): Z => combined([1 - alpha, z], [alpha, linear(z)], [alpha, shift])
  switch (splitting._tag) {
    case "forwardBackward":
      return { map: (z) => prox(forward(z), alpha), start: (z) => z, solution: (z) => z }
    case "peacemanRachford": {
      const options = { solver: splitting.linear, name: `${name}, resolvent` }
      const operator = (z: Z): Z => combined([1 + alpha, z], [-alpha, linear(z)])
      const inverse = resolvent ?? ((c: Z): Z => linearSolve<Z>(operator, c as Z & TreeLike<Z>, options)) // a tree as the state is
      return {
        map: (u) => {
          const v = combined([2, prox(u, alpha)], [-1, u])
          return combined([2, inverse(combined([1, v], [alpha, shift]), alpha)], [-1, v])
        },
        // where z is the solution, that is a fixed point of the map
        start: forward,
        solution: (u) => prox(u, alpha),
      }
    }
  }
}

/**
 * z with z = prox(W z + b), found by iterating the map of a splitting with `solver` (default `picard()`). Gradients reach what the parts
 * capture, and `shift`, by the solver's adjoint.
 *
 * A step of a splitting with a small alpha moves by that part of what is missing. So the map that is solved is undamped, and the solver
 * damped by min(alpha, 1): the steps are those of the splitting, and the residual that is tested does not shrink with alpha.
 *
 * @throws TraceError where state, shift and what the parts return are not of one structure.
 *
 * @example
 * monotoneFixedPoint({ linear: (z) => matmul(z, w), shift: b, prox: relu }, zerosLike(b), peacemanRachford())
 */
export const monotoneFixedPoint = <Z>(
  equation: MonotoneEquation<Z>,
  init: Z & TreeLike<Z>,
  splitting: Splitting,
  solver: Solver = picard(),
): Z => {
  const { map, start, solution } = splitMap(equation, splitting, solver.name ?? "monotoneFixedPoint")
  const tau = Math.min(splitting.alpha, 1)
  const undamped = (u: Z): Z => (tau === 1 ? map(u) : combined([1 - 1 / tau, u], [1 / tau, map(u)]))
  const by = { name: "monotoneFixedPoint", ...(tau === 1 ? solver : damped(solver, tau)) }
  return solution(fixedPoint<Z>(undamped, start(init) as Z & TreeLike<Z>, by)) // a tree as init is
}
