/**
 * Functions that run in reverse only (`customVjp`): what the laws of both modes say of one. The gradient of <u, f> is met by
 * Taylor's theorem, second derivatives by the same law one order up and by Schwarz's theorem.
 */
import { ReverseOnly } from "../../ops/index.js"
import { allOf, type Verdict } from "../law.js"
import { close, inner, magnitude } from "../numbers.js"
import { type Fn, type Runnable, runnable, type Values } from "../run.js"
import { moved } from "./difference.js"
import type { Mask } from "./masks.js"
import { taylor } from "./taylor.js"
import { RELATIVE } from "./tolerance.js"
import { pullback, pushforward } from "./transforms.js"

/** (x, v) -> J(x) v, or null where the function has no forward mode. */
export const forwardOf = (fn: Fn, active: Mask): Runnable | null => {
  try {
    return runnable(pushforward(fn, active))
  } catch (e) {
    if (e instanceof ReverseOnly) return null
    throw e
  }
}

/** The pullback of u against the slope of <u, f> along v. */
export const reverseDerivative = (fn: Fn, active: Mask, x: Values, v: Values, u: Values): Verdict => {
  const f = runnable(fn)
  const floats = (all: Values): Values => all.filter((_, k) => f.outputs[k]?.elem === "float")
  const along = (t: number) => inner(u, floats(f.run(moved(x, active, v, t)))).value
  return taylor(along, inner(runnable(pullback(fn, active)).run([...x, ...u]), v).value)
}

/** x -> J(x)' u has the derivative that its differences show, and H = d(J' u)/dx is symmetric. */
export const reverseHessian = (fn: Fn, active: Mask, x: Values, v: Values, w: Values, u: Values): Verdict => {
  const gradient = pullback(fn, active)
  const first = gradient.inputs.map((_, i) => active[i] ?? false)
  const twice = runnable(pullback(gradient, first))
  const h = (by: Values): Values => twice.run([...x, ...u, ...by])
  return allOf(
    (function* () {
      yield reverseDerivative(gradient, first, [...x, ...u], v, w)
      const forward = runnable(pushforward(gradient, first)).run([...x, ...u, ...v])
      const expected = h(v)
      const scale = magnitude([...expected, ...forward])
      for (let k = 0; k < forward.length; k++)
        yield close(
          { what: `H v by forward over reverse, against reverse over reverse, input ${k},`, shape: [] },
          expected[k] as Float64Array,
          forward[k] as Float64Array,
          scale,
          RELATIVE,
        )
      const [a, b] = [inner(w, expected), inner(v, h(w))]
      yield close(
        { what: "w' H v, against v' H w, both by reverse over reverse,", shape: [] },
        Float64Array.of(b.value),
        Float64Array.of(a.value),
        Math.max(a.scale, b.scale),
        RELATIVE,
      )
    })(),
  )
}
