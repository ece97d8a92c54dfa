/** Quadratic programs as a differentiable function of their data (Amos and Kolter 2017). */
import { showType, type Tensor, TraceError, type Unchecked } from "../../core/index.js"
import { add, dot, einsum, finite, mul, sub, transpose, where, zeros, zerosLike } from "../../ops/index.js"
import { newton } from "../constructors/index.js"
import type { Solver } from "../spec/index.js"
import { valuesTold } from "../told-finite.js"
import { excludeEachOther } from "./common-point.js"
import { type InteriorPoint, interiorPoint } from "./interior-point.js"
import { type ConstrainedProgram, type KktPoint, kktFrom } from "./kkt.js"

/** A quadratic program: the minimum of x'Px/2 + q'x with A x = b and G x <= h. */
export interface QuadraticProgram {
  /**
   * [n, n], of which the symmetric part counts; positive definite, or so where the constraints leave x free. That is not checked: with an
   * indefinite one what is found meets the conditions of optimality, and may be a saddle or a maximum.
   */
  readonly P: Tensor
  /** [n] */
  readonly q: Tensor
  /** [p, n], with `b`. */
  readonly A?: Tensor
  /** [p] */
  readonly b?: Tensor
  /** [m, n], with `h`. */
  readonly G?: Tensor
  /** [m] */
  readonly h?: Tensor
}

/** Rows of constraints [k, n] with their right sides [k]; null where there are none. */
const pair = (names: string, n: number, m: Tensor | undefined, v: Tensor | undefined): readonly [Tensor, Tensor] | null => {
  if (m === undefined && v === undefined) return null
  if (m === undefined || v === undefined || m.shape.length !== 2 || m.shape[1] !== n || v.shape.length !== 1 || v.shape[0] !== m.shape[0]) {
    const told = (t: Tensor | undefined) => (t === undefined ? "nothing" : showType(t.type))
    throw new TraceError(`quadraticProgram: expected ${names} of float[k, ${n}] and float[k], found ${told(m)} and ${told(v)}`)
  }
  return [m, v]
}

/** How far a point is beyond each row. */
const beyond =
  ([m, v]: readonly [Tensor, Tensor]) =>
  (x: Tensor): Tensor =>
    sub(einsum("ij,j->i", m, x), v) as Tensor

/**
 * The minimum x [n] of x'Px/2 + q'x with A x = b and G x <= h, and its multipliers nu [p] and mu [m] (null where there are no such
 * constraints). Derivatives in all of P, q, A, b, G and h, in both modes and to every order, are those of the conditions of optimality.
 *
 * An interior-point method comes close from anywhere; `kkt` polishes its answer with the solver (default `newton`) and judges it. A program
 * without a solution ends as `Left`, which says so where the constraints have no point in common; where a constraint is active with the multiplier 0 the value is found, and a derivative is refused as
 * `Singular`.
 *
 * @throws TraceError where the shapes don't fit.
 * @example
 * const [P, q] = [tensor([[4, 1], [1, 2]]), tensor([1, 1])]
 * quadraticProgram({ P, q, A: tensor([[1, 1]]), b: tensor([1]) }) // { x: [0.25, 0.75], nu: [-2.75], mu: null }
 */
export const quadraticProgram = (
  { P, q, A, b, G, h }: QuadraticProgram,
  solver: Solver = newton({ name: "quadraticProgram" }),
): KktPoint<Tensor, Tensor | null, Tensor | null> => {
  const n = q.shape[0]
  if (n === undefined || q.shape.length !== 1 || P.shape.length !== 2 || P.shape.some((size) => size !== n))
    throw new TraceError(`quadraticProgram: expected P of float[n, n] and q of float[n], found ${showType(P.type)} and ${showType(q.type)}`)
  const equal = pair("A and b", n, A, b)
  const unequal = pair("G and h", n, G, h)
  const symmetric = mul(add(P, transpose(P)), 0.5) as Tensor
  const program: ConstrainedProgram<Tensor, Tensor | null, Tensor | null> = {
    objective: (x) => add(mul(dot(x, einsum("ij,j->i", symmetric, x)), 0.5), dot(q, x)) as Tensor<[]>,
    ...(equal === null ? {} : { equality: beyond(equal) }),
    ...(unequal === null ? {} : { inequality: beyond(unequal) }),
  }
  const [a, right] = equal ?? [zeros([0, n]) as Tensor, zeros([0]) as Tensor]
  if (unequal === null) {
    const start = { x: zeros([n]) as Tensor, nu: equal === null ? null : (zeros(right.shape) as Tensor), mu: null }
    return kktFrom(program, start, solver)
  }
  const given = { P: symmetric, q, A: a, b: right, G: unequal[0], h: unequal[1] }
  const near = interiorPoint(given)
  const { nu, mu } = begunWith(near, excludeEachOther(given, near), solver)
  return kktFrom(program, { x: near.x, nu: equal === null ? null : nu, mu }, solver)
}

/** The multipliers to begin with, and word of constraints that exclude each other: of such none is worth beginning with. */
const begunWith = (
  { nu, mu }: InteriorPoint,
  excluded: Tensor<Unchecked, "bool">,
  { name = "quadraticProgram", onFailure }: Solver,
): Pick<InteriorPoint, "nu" | "mu"> => {
  const advice = `${name}: expected constraints A x = b, G x <= h with a point in common; found multipliers that exclude one (mu >= 0, A'nu + G'mu = 0, b'nu + h'mu < 0, to rounding): loosen h, drop what contradicts, or give slack variables a price in the objective`
  const [told] = valuesTold(`${name}: constraints`, onFailure, [where(excluded, Number.POSITIVE_INFINITY, 0) as Tensor], { advice })
  const kept = (t: Tensor): Tensor => where(finite(told as Tensor), t, zerosLike(t)) as Tensor
  return { nu: kept(nu), mu: kept(mu) }
}
