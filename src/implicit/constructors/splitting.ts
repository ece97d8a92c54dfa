/** Constructors of operator splittings. */
import { TraceError } from "../../core/index.js"
import type { LinearSolver, Splitting } from "../spec/index.js"
import { auto } from "./linear.js"

const step = (what: string, alpha: number): number => {
  if (!(alpha > 0 && alpha < Number.POSITIVE_INFINITY)) throw new TraceError(`${what}: alpha must be a number above 0, found ${alpha}`)
  return alpha
}

/**
 * Forward-backward splitting, z <- prox((1 - alpha) z + alpha (W z + b)). With I - W of monotonicity m (its symmetric part is at least m I) it
 * converges for 0 < alpha < 2 m / |I - W|^2, best at half of that.
 *
 * @example
 * monotoneFixedPoint({ linear: (z) => matmul(z, w), shift: b, prox: relu }, zerosLike(b), forwardBackward({ alpha: 0.1 }))
 */
export const forwardBackward = ({ alpha }: { readonly alpha: number }): Splitting => ({
  _tag: "forwardBackward",
  alpha: step("forwardBackward", alpha),
})

/**
 * Peaceman-Rachford splitting: from u, z = prox(u), v = 2 z - u, y = (I + alpha (I - W))^-1 (v + alpha b), u <- 2 y - v. It converges for
 * every alpha above 0 (default 1) where I - W is strongly monotone, in far fewer steps than forward-backward, of which each solves a
 * linear system (by `linear`, default `auto()`).
 *
 * @example
 * monotoneFixedPoint({ linear: (z) => matmul(z, w), shift: b, prox: relu }, zerosLike(b), peacemanRachford({ alpha: 0.5 }))
 */
export const peacemanRachford = ({
  alpha = 1,
  linear = auto(),
}: {
  readonly alpha?: number
  readonly linear?: LinearSolver
} = {}): Splitting => ({ _tag: "peacemanRachford", alpha: step("peacemanRachford", alpha), linear })
