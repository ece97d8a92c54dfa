/**
 * The dot-product test: reverse mode is the adjoint of forward mode, <u, J v> = <J' u, v> for all u and v (Claerbout, Earth
 * Soundings Analysis, 1992; Griewank and Walther, Evaluating Derivatives, 2008, section 3.3). No step size, so the tolerance is that
 * of rounding.
 */
import { type Verdict, vacuous } from "../law.js"
import { close, inner } from "../numbers.js"
import { type Fn, type Runnable, runnable, type Values } from "../run.js"
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
  const verdict = adjoint(what, forward, backward)
  // a derivative that is zero by cancellation is told as zero by one mode and as what rounding leaves by the other
  return verdict.t === "fails" ? adjoint(what, forward, backward, LEFT * inner(u, floatsOf(runnable(fn), x)).scale) : verdict
}

const floatsOf = ({ outputs, run }: Runnable, x: Values): Values => run(x).filter((_, k) => outputs[k]?.elem === "float")

/** What rounding leaves of terms that cancel, relative to the function itself: its derivative along a direction has terms of that size. */
const LEFT = 4 * Number.EPSILON

type Inner = ReturnType<typeof inner>

/** Two sides of an adjoint identity, relative to the absolute values of their terms; `room` is how far apart they may be besides. */
export const adjoint = (what: string, forward: Inner, backward: Inner, room = 0): Verdict =>
  close(
    { what: `${what}, with <J' u, v> as the expected value,`, shape: [] },
    Float64Array.of(backward.value),
    Float64Array.of(forward.value),
    Math.max(forward.scale, backward.scale, room / RELATIVE),
    RELATIVE,
  )
