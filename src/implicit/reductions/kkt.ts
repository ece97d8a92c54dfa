/**
 * Constrained minima by the conditions of Karush, Kuhn and Tucker, in two solves. The first finds the point, with complementarity as
 * Fischer's function. The second starts there and carries the derivative: with strict complementarity the active constraints stay active
 * nearby, so the solution is that of g = 0 for the active ones and mu = 0 for the others, smooth and no worse conditioned than the problem.
 */
import { flatten, grad, type Structure, type Tensor, type TreeLike, unflatten } from "../../core/index.js"
import { add, dot, neg, stopGradient, zerosLike } from "../../ops/index.js"
import { root } from "../linear-solve.js"
import type { Solver } from "../spec/index.js"
import { fischer, pieceAt } from "./complementarity.js"

/** A minimisation with constraints; what its functions capture are its parameters. */
export interface ConstrainedProgram<X, H = null, G = null> {
  readonly objective: (x: X) => Tensor<[]>
  /** h(x) = 0, a tensor or a tree. */
  readonly equality?: (x: X) => H
  /** g(x) <= 0, a tensor or a tree. */
  readonly inequality?: (x: X) => G
}

/** A point with its multipliers: `nu` is a tree like h(x), `mu` like g(x); null where there is no such constraint. */
export interface KktPoint<X, H = null, G = null> {
  readonly x: X
  readonly nu: H
  readonly mu: G
}

type Leaves = readonly Tensor[]
type Lists = KktPoint<Leaves, Leaves, Leaves>

const leavesOf = (what: string, tree: unknown): { readonly leaves: Leaves; readonly structure: Structure } => {
  const { leaves, structure } = flatten(`kkt: ${what}`, tree)
  return { leaves: leaves as Leaves, structure } // a state that is not float is refused by the solve
}

const inner = (a: Leaves, b: Leaves): Leaves => a.map((t, i) => dot(t, b[i] as Tensor))
const pairwise = (f: (mu: Tensor, g: Tensor, i: number) => Tensor, mu: Leaves, g: Leaves): Leaves =>
  mu.map((t, i) => f(t, g[i] as Tensor, i))

/** As `kkt`, from a point with its multipliers. */
export const kktFrom = <X, H = null, G = null>(
  { objective, equality, inequality }: ConstrainedProgram<X, H, G>,
  init: KktPoint<X, H, G>,
  solver: Solver,
): KktPoint<X, H, G> => {
  const [x0, nu0, mu0] = [leavesOf("x", init.x), leavesOf("nu", init.nu), leavesOf("mu", init.mu)]
  const point = (x: Leaves) => unflatten(x0.structure, x) as X
  const h = (x: Leaves) => leavesOf("what equality returns", equality === undefined ? null : equality(point(x))).leaves
  const g = (x: Leaves) => leavesOf("what inequality returns", inequality === undefined ? null : inequality(point(x))).leaves
  /** Minus the gradient in x of f + <nu, h> + <mu, g>: a step along it goes downhill. */
  const force = ({ x, nu, mu }: Lists): Leaves => {
    const lagrangian = (x: Leaves): Tensor<[]> =>
      [...inner(nu, h(x)), ...inner(mu, g(x))].reduce<Tensor<[]>>((sum, t) => add(sum, t) as Tensor<[]>, objective(point(x)))
    return leavesOf("the gradient", grad(lagrangian)(x)).leaves.map((t) => neg(t))
  }
  const solve = (complementarity: (mu: Tensor, g: Tensor, i: number) => Tensor, from: Lists): Lists =>
    root((at: Lists): Lists => ({ x: force(at), nu: h(at.x), mu: pairwise(complementarity, at.mu, g(at.x)) }), from, {
      name: "kkt",
      ...solver,
    })
  const found = solve(fischer, { x: x0.leaves, nu: nu0.leaves, mu: mu0.leaves })
  const held = (leaves: Leaves): Leaves => leaves.map((t) => stopGradient(t))
  const still: Lists = { x: held(found.x), nu: held(found.nu), mu: held(found.mu) }
  const values = held(g(still.x))
  const pieces = still.mu.map((mu, i) => pieceAt(mu, values[i] as Tensor))
  const { x, nu, mu } = solve((mu, g, i) => (pieces[i] as (typeof pieces)[0])(mu, g), still)
  return { x: point(x), nu: unflatten(nu0.structure, nu) as H, mu: unflatten(mu0.structure, mu) as G }
}

/**
 * A minimum of `objective(x)` with `equality(x)` = 0 and `inequality(x)` <= 0, and its multipliers: a stationary point of the Lagrangian f + <nu, h> + <mu, g>
 * with mu >= 0 and mu g = 0. Derivatives in what the functions capture hold in both modes and to every order.
 *
 * `newton` fits: the system is small, and neither definite nor a contraction. x starts at `init`, nu and mu at 0; the start need not be
 * feasible. The solution needs independent gradients of the active constraints, and curvature along them. Where a constraint is active
 * with the multiplier 0 the solution has a kink: its value is found, and a derivative is refused as `Singular`.
 *
 * @example
 * const objective = (x) => sum(square(sub(x, tensor([2, 1]))))
 * const { x } = kkt({ objective, inequality: (x) => sub(sum(x), 1) }, tensor([0, 0]), newton())
 * x // [1, 0]
 */
export const kkt = <X, H = null, G = null>(
  program: ConstrainedProgram<X, H, G>,
  init: X & TreeLike<X>,
  solver: Solver,
): KktPoint<X, H, G> => {
  const none = <T>(f: ((x: X) => T) | undefined): T => {
    const { leaves, structure } = leavesOf("the constraints", f === undefined ? null : f(init))
    return unflatten(structure, leaves.map(zerosLike)) as T
  }
  return kktFrom(program, { x: init, nu: none(program.equality), mu: none(program.inequality) }, solver)
}
