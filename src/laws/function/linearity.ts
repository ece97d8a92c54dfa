/**
 * A derivative is linear: J (a v + b w) = a J v + b J w up to the rounding of sums, and J (2^k v) = 2^k J v to the bit, since a
 * power of two rounds nothing; so no rule may hold a threshold on the size of a tangent. A tangent that is left out is a zero.
 */
import { allOf, type Verdict } from "../law.js"
import { close, magnitude, same } from "../numbers.js"
import { type Fn, runnable, type Values } from "../run.js"
import type { Mask } from "./masks.js"
import { RELATIVE } from "./tolerance.js"
import { activeTypes, pushforward } from "./transforms.js"

const combine = (a: number, v: Values, b: number, w: Values): Values =>
  v.map((x, k) => x.map((n, i) => a * n + b * ((w[k] as Float64Array)[i] as number)))

/** The bound on sums of terms: each input's part alone, with signs taken away. */
const scaleOf = (j: (v: Values) => Values, directions: readonly Values[]): number => {
  const parts = directions.flatMap((v) => v.map((_, k) => magnitude(j(v.map((x, i) => (i === k ? x.map(Math.abs) : x.map(() => 0)))))))
  return parts.reduce((s, m) => s + m, 0)
}

export interface Combination {
  readonly a: number
  readonly b: number
  /** An exponent of two. */
  readonly k: number
}

export const linearTangent = (fn: Fn, active: Mask, x: Values, v: Values, w: Values, { a, b, k }: Combination): Verdict => {
  const jvp = runnable(pushforward(fn, active))
  const j = (d: Values) => jvp.run([...x, ...d])
  const place = (what: string, i: number) => ({ what, shape: jvp.outputs[i]?.shape ?? [] })
  return allOf(
    (function* () {
      const [jv, jw] = [j(v), j(w)]
      const scale = scaleOf(j, [v, w]) * Math.max(Math.abs(a), Math.abs(b)) + magnitude([...jv, ...jw])
      const [expected, found] = [combine(a, jv, b, jw), j(combine(a, v, b, w))]
      for (let i = 0; i < found.length; i++)
        yield close(place(`J (${a} v + ${b} w)`, i), expected[i] as Float64Array, found[i] as Float64Array, scale, RELATIVE)
      const scaled = j(v.map((d) => d.map((n) => n * 2 ** k)))
      for (let i = 0; i < scaled.length; i++)
        yield same(
          place(`J (2^${k} v)`, i),
          (jv[i] as Float64Array).map((n) => n * 2 ** k),
          scaled[i] as Float64Array,
        )
    })(),
  )
}

/** Tangents of some inputs alone, against the same tangents with zeros for the others. */
export const absentTangent = (fn: Fn, active: Mask, x: Values, v: Values): Verdict => {
  const floats = fn.inputs.map((t) => t.elem === "float")
  const alone = runnable(pushforward(fn, active)).run([...x, ...v])
  let next = 0
  const padded = activeTypes(fn, floats).map((_, k) => {
    const i = floats.flatMap((f, n) => (f ? [n] : []))[k] as number
    return active[i] ? (v[next++] as Float64Array) : (x[i] as Float64Array).map(() => 0)
  })
  const all = runnable(pushforward(fn, floats))
  const zeros = all.run([...x, ...padded])
  return allOf(
    alone.map((d, i) =>
      close(
        { what: "J v with tangents left out, against zeros in their places,", shape: all.outputs[i]?.shape ?? [] },
        zeros[i] as Float64Array,
        d,
        magnitude(zeros),
        RELATIVE,
      ),
    ),
  )
}
