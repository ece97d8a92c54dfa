/** The power method on symmetric positive semidefinite maps, from a fixed start. */
import type { Tensor } from "../core/index.js"
import { div, equal, full, key, norm, normal, scan, stopGradient, where } from "../ops/index.js"

const unit = (v: Tensor): Tensor => {
  const size = norm(v)
  return div(v, where(equal(size, 0), full([], 1) as Tensor<[]>, size)) as Tensor
}

/** A unit vector, constant to transforms, that tends to the leading direction of `product`; zero where the map is zero. */
export const leadingDirection = (product: (v: Tensor) => Tensor, size: number, steps: number): Tensor => {
  const [v] = scan((v: Tensor, _row: null) => [unit(product(v)), null] as const, unit(normal(key(0), [size]) as Tensor), null, {
    length: steps,
  })
  return stopGradient(v)
}
