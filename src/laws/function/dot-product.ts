/**
 * The dot-product test: reverse mode is the adjoint of forward mode, <u, J v> = <J' u, v> for all u and v (Claerbout, Earth
 * Soundings Analysis, 1992; Griewank and Walther, Evaluating Derivatives, 2008, section 3.3). No step size, so the tolerance is that
 * of rounding.
 */
import { type Verdict, vacuous } from "../law.js"
import { close, inner } from "../numbers.js"
import { type Fn, runnable, type Values } from "../run.js"
import type { Mask } from "./masks.js"
import { forwardOf } from "./reverse.js"
import { RELATIVE } from "./tolerance.js"
import { pullback } from "./transforms.js"

/** Says nothing about a function that has no forward mode. */
export const dotProduct = (fn: Fn, active: Mask, x: Values, v: Values, u: Values, what = "<u, J v>"): Verdict => {
  const tangent = forwardOf(fn, active)
  if (tangent === null) return vacuous
  const forward = inner(u, tangent.run([...x, ...v]))
  const backward = inner(runnable(pullback(fn, active)).run([...x, ...u]), v)
  return adjoint(what, forward, backward)
}

type Inner = ReturnType<typeof inner>

/** Two sides of an adjoint identity, relative to the absolute values of their terms. */
export const adjoint = (what: string, forward: Inner, backward: Inner): Verdict =>
  close(
    { what: `${what}, with <J' u, v> as the expected value,`, shape: [] },
    Float64Array.of(backward.value),
    Float64Array.of(forward.value),
    Math.max(forward.scale, backward.scale),
    RELATIVE,
  )
