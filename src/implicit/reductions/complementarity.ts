/**
 * Complementarity mu >= 0, g <= 0, mu g = 0 as an equation: one that Newton's method solves from anywhere, and one that carries the derivative at
 * a solution.
 */
import { epsilon, type Tensor } from "../../core/index.js"
import { add, equal, less, maximum, mul, neg, onesLike, sqrt, square, sub, where, zerosLike } from "../../ops/index.js"

/**
 * Fischer's function mu - g - sqrt(mu^2 + g^2) (1992), zero exactly at complementary pairs. At its kink, (0, 0), the root has the derivative 0:
 * an element of the generalised Jacobian, which is what a semismooth Newton method asks for.
 */
export const fischer = (mu: Tensor, g: Tensor): Tensor => {
  const squares = add(square(mu), square(g)) as Tensor
  const kink = equal(squares, 0)
  const size = where(kink, zerosLike(squares), sqrt(where(kink, onesLike(squares), squares) as Tensor)) as Tensor
  return sub(sub(mu, g) as Tensor, size) as Tensor
}

/**
 * The piece of the solution set on which (mu, g) lies: g = 0 where the constraint is active, mu = 0 where it is not. Where both are zero (to the
 * square root of the target's epsilon, well above what solves are exact to) two pieces meet; the equation there is 0 = 0, which makes
 * the system singular.
 */
export const pieceAt = (mu: Tensor, g: Tensor): ((mu: Tensor, g: Tensor) => Tensor) => {
  const active = less(neg(g), mu)
  const strict = less(sqrt(epsilon() as Tensor), maximum(mu, neg(g)) as Tensor)
  return (mu, g) => where(strict, where(active, g, mu) as Tensor, mul(mu, 0) as Tensor) as Tensor
}
