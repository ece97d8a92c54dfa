/**
 * Second derivatives. With H = sum over i of u_i (second derivative of f_i), the three ways of reaching H w agree: forward over
 * reverse, reverse over forward, reverse over reverse; and H is symmetric (Schwarz's theorem; Griewank and Walther 2008,
 * chapter 5). So do the first-order laws on x -> J(x) v.
 */
import { allOf, type Verdict } from "../law.js"
import { close, inner, magnitude } from "../numbers.js"
import { type Fn, type Runnable, runnable, type Values } from "../run.js"
import { derivative } from "./difference.js"
import { dotProduct } from "./dot-product.js"
import type { Mask } from "./masks.js"
import { RELATIVE } from "./tolerance.js"
import { activeTypes, pullback, pushforward } from "./transforms.js"

/** The mask of a transformed function: its first inputs as before, nothing else. */
const first = (active: Mask, fn: Fn): Mask => fn.inputs.map((_, i) => active[i] ?? false)

/** The laws of first derivatives on the function x -> J(x) v. */
export const derivativeOfTangent = (fn: Fn, active: Mask, x: Values, v: Values, w: Values, u: Values, accuracy?: number): Verdict => {
  const tangent = pushforward(fn, active)
  const mask = first(active, tangent)
  return allOf(
    (function* () {
      yield derivative(tangent, mask, [...x, ...v], w, accuracy)
      yield dotProduct(tangent, mask, [...x, ...v], w, u, "<u, d(J v) w>")
    })(),
  )
}

/** Forward over reverse, reverse over forward and reverse over reverse give the same H w, and w1' H w2 = w2' H w1. */
export const hessianModes = (fn: Fn, active: Mask, x: Values, w1: Values, w2: Values, u: Values): Verdict => {
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
      const scale = magnitude([...expected, ...unsigned])
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
        Math.max(a.scale, b.scale),
        RELATIVE,
      )
    })(),
  )
}
