/**
 * Whether A x = b and G x <= h have a point in common, as far as multipliers tell (Farkas' lemma). For mu >= 0 every such x has
 * nu'(A x - b) + mu'(G x - h) <= 0, so with v = A'nu + G'mu and c = -(nu'b + mu'h) every one has |v| |x| >= c: no point is nearer than c / |v|.
 * An interior-point method whose constraints exclude each other drives its multipliers along such a ray, on which |v| / c tends to 0.
 */
import { epsilon, type Tensor, type Unchecked } from "../../core/index.js"
import { abs, add, and, concat, div, dot, einsum, finite, less, max, mul, neg, norm, sqrt, where, zerosLike } from "../../ops/index.js"
import type { InteriorPoint, Quadratic } from "./interior-point.js"

/**
 * Whether there is no common point nearer than 1 / sqrt(epsilon) times 1 + |x|, x where the method ended: 6.7e7 in float64, 2.9e3 in float32. A
 * problem with a solution has that for a common point, so it is not accused.
 */
export const excludeEachOther = (
  { A, b, G, h }: Pick<Quadratic, "A" | "b" | "G" | "h">,
  { x, nu, mu }: InteriorPoint,
): Tensor<Unchecked, "bool"> => {
  const all = concat([nu, mu], 0)
  // the ray: multipliers are as large as numbers get, and their products would not be finite
  const size = max(abs(all)) as Tensor
  const one = (t: Tensor): Tensor => where(less(0, size), div(t, size), zerosLike(t)) as Tensor
  const [ray, bounds] = [concat([one(nu), one(mu)], 0), concat([b, h], 0)]
  const v = add(einsum("ij,i->j", A, one(nu)), einsum("ij,i->j", G, one(mu))) as Tensor
  const c = neg(dot(ray, bounds)) as Tensor
  const small = sqrt(epsilon())
  const beyondRounding = less(mul(dot(abs(ray), abs(bounds)), small), c)
  const far = less(mul(norm(v), add(norm(x), 1)), mul(c, small))
  return and(finite(size), and(beyondRounding, far)) as Tensor<Unchecked, "bool">
}
