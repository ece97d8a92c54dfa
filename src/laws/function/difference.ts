/**
 * The derivative itself, by an independent way: the central difference along a direction, extrapolated to step 0 (Richardson;
 * Press et al., Numerical Recipes, 2007, section 5.7).
 *
 * Steps are h, h/2, h/4, h/8 with h = 2^-10; directions have entries up to 1 and are multiples of 1/16, so every point is exact. The
 * tolerance is derived, M being the size of the function:
 * - Rounding: each value is off by at most n eps M, n the length of the chain of roundings; differences divide by the step and
 *   extrapolation multiplies by at most 1.45, 0.48, 0.03 and so on: in all at most 16 n eps M / h = 2^14 n eps M. A solve adds the
 *   error that it stops at to n eps.
 * - Truncation: at most the distance of the extrapolated value from the one of an order less, which is the error of that one and
 *   so far larger. It has to be below 2^-20 M: else the function is not smooth at this scale, and nothing could be concluded.
 * M is measured: values at all points, at the point with all signs taken away (there the terms of a sum cannot cancel), and of the
 * derivative.
 */
import { allOf, fails, holds, type Verdict } from "../law.js"
import { closeEach, magnitude } from "../numbers.js"
import { type Fn, runnable, type Values } from "../run.js"
import type { Mask } from "./masks.js"
import { pushforward } from "./transforms.js"

const H = 2 ** -10
const LEVELS = 4
const SMOOTH = 2 ** -20

/** `x + t v` in the active inputs. */
export const moved = (x: Values, active: Mask, v: Values, t: number): Values => {
  let next = 0
  return x.map((a, i) => {
    if (!active[i]) return a
    const d = v[next++] as Float64Array
    return a.map((n, j) => n + t * (d[j] as number))
  })
}

interface Limit {
  readonly value: Float64Array
  /** A bound on the truncation error, an element. */
  readonly truncation: Float64Array
}

/** Richardson's table, from central differences of halved steps. */
const extrapolate = (differences: readonly Float64Array[]): Limit => {
  let row = differences
  let lower = row
  for (let j = 1; j < differences.length; j++) {
    const k = 4 ** j
    lower = row
    row = row.slice(1).map((finer, i) => finer.map((d, n) => (k * d - (lower[i]?.[n] as number)) / (k - 1)))
  }
  const value = row[0] as Float64Array
  const finest = lower.at(-1) as Float64Array
  return { value, truncation: value.map((d, n) => Math.abs(d - (finest[n] as number))) }
}

const allFinite = (what: string, values: Values): Verdict => {
  const bad = values.findIndex((a) => !a.every(Number.isFinite))
  return bad < 0 ? holds() : fails(`${what}, float output ${bad}, is not finite: ${Array.from(values[bad] as Float64Array).join(", ")}`)
}

/** J v by the transforms against J v by differences. `accuracy` is the relative error of a value beyond rounding. */
export const derivative = (fn: Fn, active: Mask, x: Values, v: Values, accuracy = 0): Verdict => {
  const f = runnable(fn)
  const floats = f.outputs.flatMap((t, i) => (t.elem === "float" ? [i] : []))
  const pick = (all: Values): Values => floats.map((i) => all[i] as Float64Array)
  const at = (t: number): Values => pick(f.run(moved(x, active, v, t)))
  const steps = Array.from({ length: LEVELS }, (_, k) => H / 2 ** k)
  const samples = steps.map((h) => ({ h, plus: at(h), minus: at(-h) }))
  const tangent = runnable(pushforward(fn, active))
  const found = tangent.run([...x, ...v])
  const unsigned = pick(f.run(x.map((a, i) => (fn.inputs[i]?.elem === "float" ? a.map(Math.abs) : a))))
  const m = magnitude(
    [
      ...samples.flatMap((s) => [...s.plus, ...s.minus]),
      ...unsigned.filter((a) => a.every(Number.isFinite)),
      ...found,
      ...x.filter((_, i) => active[i]),
    ],
    1,
  )
  const chain = 8 + Math.max(0, ...x.map((a) => a.length))
  const rounding = ((16 * (chain * Number.EPSILON + accuracy)) / H) * m
  return allOf(
    (function* () {
      yield allFinite("the function's value", at(0))
      yield allFinite("its derivative", found)
      for (let k = 0; k < floats.length; k++) {
        const differences = samples.map(({ h, plus, minus }) =>
          (plus[k] as Float64Array).map((p, j) => (p - (minus[k]?.[j] as number)) / (2 * h)),
        )
        const { value, truncation } = extrapolate(differences)
        if (!(magnitude([truncation]) <= SMOOTH * m))
          yield fails(
            `central differences along v do not settle (they differ by ${magnitude([truncation]).toExponential(1)}): the function is not smooth at x`,
          )
        const place = {
          what: `the derivative of float output ${k} along v, against central differences,`,
          shape: tangent.outputs[k]?.shape ?? [],
        }
        yield closeEach(place, value, found[k] as Float64Array, m, (n) => rounding + (truncation[n] as number))
      }
    })(),
  )
}
