/**
 * Second derivatives. With H = sum over i of u_i (second derivative of f_i), the three ways of reaching H w agree: forward over
 * reverse, reverse over forward, reverse over reverse; and H is symmetric (Schwarz's theorem; Griewank and Walther 2008,
 * chapter 5). So do the first-order laws on x -> J(x) v.
 *
 * Errors are relative to the size of H w, to the sum of the terms of an inner product, and to the gradient divided by the argument: that
 * is the size of the terms of which second derivatives are made, and they may cancel (the norm of a vector with one entry).
 */
import { allOf, type Verdict } from "../law.js"
import { close, inner, magnitude } from "../numbers.js"
import { type Fn, type Runnable, runnable, type Values } from "../run.js"
import { derivative } from "./difference.js"
import { dotProduct } from "./dot-product.js"
import type { Mask } from "./masks.js"
import { forwardOf, reverseHessian } from "./reverse.js"
import { RELATIVE } from "./tolerance.js"
import { activeTypes, pullback, pushforward } from "./transforms.js"

/** The mask of a transformed function: its first inputs as before, nothing else. */
const first = (active: Mask, fn: Fn): Mask => fn.inputs.map((_, i) => active[i] ?? false)

/** The function x -> J(x) v, by differences along w. */
export const tangentDerivative = (fn: Fn, active: Mask, x: Values, v: Values, w: Values, accuracy?: number): Verdict => {
  const tangent = pushforward(fn, active)
  return derivative(tangent, first(active, tangent), [...x, ...v], w, accuracy)
}

/** The dot-product test of x -> J(x) v. */
export const tangentAdjoint = (fn: Fn, active: Mask, x: Values, v: Values, w: Values, u: Values): Verdict => {
  const tangent = pushforward(fn, active)
  return dotProduct(tangent, first(active, tangent), [...x, ...v], w, u, "<u, d(J v) w>")
}

/**
 * Forward over reverse, reverse over forward and reverse over reverse give the same H w, and w1' H w2 = w2' H w1. Of a function without a
 * forward mode: H w by reverse over reverse is what differences show, and the symmetry.
 */
export const hessianModes = (fn: Fn, active: Mask, x: Values, w1: Values, w2: Values, u: Values): Verdict => {
  if (forwardOf(fn, active) === null) return reverseHessian(fn, active, x, w1, w2, u)
  const gradient = pullback(fn, active)
  const tangent = pushforward(fn, active)
  const forwardReverse = runnable(pushforward(gradient, first(active, gradient)))
  const reverseForward = runnable(pullback(tangent, first(active, tangent)))
  const reverseReverse = runnable(pullback(gradient, first(active, gradient)))
  const h = (by: Runnable, w: Values): Values => (by === reverseForward ? by.run([...x, ...w, ...u]) : by.run([...x, ...u, ...w]))
  const types = activeTypes(fn, active)
  return allOf(
    (function* () {
      const [expected, other] = [h(forwardReverse, w1), h(forwardReverse, w2)]
      const unsigned = forwardReverse.run([...x, ...u.map((a) => a.map(Math.abs)), ...w1.map((a) => a.map(Math.abs))])
      const g = runnable(gradient).run([...x, ...u])
      const natural = magnitude(g) / (magnitude(x.filter((_, i) => active[i])) || 1)
      const scale = Math.max(magnitude([...expected, ...unsigned]), natural * magnitude(w1))
      const ways = [
        ["reverse over forward", reverseForward],
        ["reverse over reverse", reverseReverse],
      ] as const
      for (const [name, by] of ways) {
        const found = h(by, w1)
        for (let i = 0; i < found.length; i++)
          yield close(
            { what: `H w by ${name}, against forward over reverse, input ${i},`, shape: types[i]?.shape ?? [] },
            expected[i] as Float64Array,
            found[i] as Float64Array,
            scale,
            RELATIVE,
          )
      }
      const [a, b] = [inner(w2, expected), inner(w1, other)]
      yield close(
        { what: "w1' H w2, against w2' H w1,", shape: [] },
        Float64Array.of(a.value),
        Float64Array.of(b.value),
        Math.max(a.scale, b.scale, natural * magnitude(w1) * magnitude(w2)),
        RELATIVE,
      )
    })(),
  )
}
