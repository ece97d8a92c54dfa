/**
 * The derivative itself, by an independent way: the central difference along a direction, extrapolated to step 0 (Richardson;
 * Press et al., Numerical Recipes, 2007, section 5.7).
 *
 * The tolerance is derived. Steps are h, h/2, h/4, h/8 with h = 2^-8, directions have entries up to 1 and are multiples of 1/16, so
 * every point is exact. Let M bound the function on the disc of radius r = 1/8 around the point in the complex plane (no domain
 * comes closer to a singularity than 1/4).
 * - Truncation: extrapolation leaves 2^-12 h^8 f^(9) / 9!, and |f^(9)| / 9! <= M / r^9 by Cauchy: at most 2^-49 M.
 * - Rounding: each value is off by at most n eps M, n the length of the chain of roundings; differences divide by the step and
 *   extrapolation multiplies by at most 1.45, 0.48, 0.03 and so on: in all at most 16 n eps M / h = 2^12 n eps M.
 * M is measured: values at all points, at the point with all signs taken away (there the terms of a sum cannot cancel), and of the
 * derivative, doubled for the rim of the disc.
 */
import { fails, holds, type Verdict } from "../law.js"
import { close, magnitude } from "../numbers.js"
import { runnable, type Fn, type Values } from "../run.js"
import { floatOutputs, pushforward, type Mask } from "./transforms.js"

const H = 2 ** -8
const LEVELS = 4

/** `x + t v` in the active inputs. */
export const moved = (x: Values, active: Mask, v: Values, t: number): Values => {
  let next = 0
  return x.map((a, i) => {
    if (!active[i]) return a
    const d = v[next++] as Float64Array
    return a.map((n, j) => n + t * (d[j] as number))
  })
}

/** Richardson's table for one output, from central differences of halved steps. */
const extrapolate = (differences: readonly Float64Array[]): Float64Array => {
  let row = differences
  for (let j = 1; j < differences.length; j++) {
    const k = 4 ** j
    row = row.slice(1).map((finer, i) => finer.map((d, n) => (k * d - ((row[i] as Float64Array)[n] as number)) / (k - 1)))
  }
  return row[0] as Float64Array
}

const allFinite = (what: string, values: Values): Verdict => {
  const bad = values.findIndex((a) => !a.every(Number.isFinite))
  return bad < 0 ? holds() : fails(`${what}, float output ${bad}, is not finite: ${Array.from(values[bad] as Float64Array).join(", ")}`)
}

/** J v by the transforms against J v by differences. `accuracy` is the relative error of one evaluation of the function. */
export const derivative = (fn: Fn, active: Mask, x: Values, v: Values, accuracy = Number.EPSILON): Verdict => {
  const f = runnable(fn)
  const floats = f.outputs.flatMap((t, i) => (t.elem === "float" ? [i] : []))
  const at = (t: number): Values => {
    const all = f.run(moved(x, active, v, t))
    return floats.map((i) => all[i] as Float64Array)
  }
  const steps = Array.from({ length: LEVELS }, (_, k) => H / 2 ** k)
  const samples = steps.map((h) => [at(h), at(-h)] as const)
  const found = runnable(pushforward(fn, active)).run([...x, ...v])
  for (const part of [allFinite("the function's value", at(0)), allFinite("its derivative", found)]) if (part.t === "fails") return part
  const unsigned = f.run(x.map((a, i) => (fn.inputs[i]?.elem === "float" ? a.map(Math.abs) : a)))
  const bounded = unsigned.filter((a) => a.every(Number.isFinite))
  const m = 2 * magnitude([...samples.flat(2), ...floats.flatMap((i) => (bounded.includes(unsigned[i] as Float64Array) ? [unsigned[i] as Float64Array] : [])), ...found, ...x.filter((_, i) => active[i])], 1)
  const chain = 8 + Math.max(0, ...x.map((a) => a.length))
  const tolerance = (16 * chain * accuracy) / H + 2 ** -49
  const types = floatOutputs(fn)
  let worst = 0
  for (let k = 0; k < floats.length; k++) {
    const differences = samples.map(([plus, minus], s) => {
      const [p, q] = [plus[k] as Float64Array, minus[k] as Float64Array]
      return p.map((n, j) => (n - (q[j] as number)) / (2 * (steps[s] as number)))
    })
    const place = { what: `the derivative of float output ${k} along v, against central differences,`, shape: types[k]?.shape ?? [] }
    const part = close(place, extrapolate(differences), found[k] as Float64Array, m, tolerance)
    if (part.t === "fails") return part
    if (part.t === "holds") worst = Math.max(worst, part.error)
  }
  return holds(worst)
}
