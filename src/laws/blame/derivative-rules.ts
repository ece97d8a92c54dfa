/** The derivative rules of one equation, alone, at the values that it meets. */
import { type AnyTensor, apply, closeBody, jvpGraph, linearizeGraph, madeAt, TraceError } from "../../core/index.js"
import { dotProduct } from "../function/dot-product.js"
import type { Mask } from "../function/masks.js"
import { forwardOf } from "../function/reverse.js"
import { RELATIVE } from "../function/tolerance.js"
import { activeTypes, floatOutputs, pullback, pushforward } from "../function/transforms.js"
import { solvesOf, tightened } from "../implicit/layer.js"
import { allOf, type Verdict } from "../law.js"
import { close, inner, magnitude } from "../numbers.js"
import { varies } from "../op/instance.js"
import { type Fn, RunRefused, runnable, type Values } from "../run.js"
import { type Finding, firstWrong, RIGHT, type RuleName, unsure, wrong } from "./fault.js"
import { transposeCulprit } from "./linear-half.js"
import { hasBodies, type Point, type Site } from "./sites.js"
import { direction, directionAt, type Slope, slopeAlong, slopes } from "./slopes.js"
import { withoutStops } from "./stops.js"

/** One application as a function, without outputs that are constants by definition. */
const plain = ({ equation: { op, params }, inputs, line }: Site): Fn => ({
  inputs,
  apply: (args) => madeAt(line, () => apply(op, params, args)).filter((_, k) => varies({ op, params }, k)),
})

/**
 * The application as it is differentiated: with its solves as exact as float64 allows, so that a rule is not taken for wrong by the
 * tolerance of a solve, and without stops in its bodies, which are told apart from wrong rules.
 */
const ofSite = (site: Site): Fn => {
  const fn = plain(site)
  if (!hasBodies(site)) return fn
  const free = withoutStops(fn)
  return solvesOf(free).length > 0 ? tightened(free) : free
}

const ofSlope = (rule: RuleName, site: Site, slope: Slope): Finding => {
  switch (slope.t) {
    case "right":
      return RIGHT
    case "wrong":
      return wrong(rule, site, slope.why)
    case "kink":
      return unsure("has a kink there")
    case "pole":
      return unsure("has no finite derivative there")
    case "unknown":
      return unsure(null)
  }
}

const ofVerdict = (rule: RuleName, site: Site, verdict: Verdict): Finding =>
  verdict.t === "fails" ? wrong(rule, site, verdict.why) : RIGHT

/** A check of a rule that throws is one of a rule that is wrong; a run that is refused says nothing of a rule. */
export const guarded = (rule: RuleName, site: Site, check: () => Finding): Finding => {
  try {
    return check()
  } catch (e) {
    if (e instanceof RunRefused) return unsure(e.message)
    if (e instanceof TraceError) return wrong(rule, site, e.message)
    throw e
  }
}

/** (x, v) -> the values that the derivative rule gives beside the tangents, by `split` or by `dual`. */
const besideTangents = (fn: Fn, active: Mask, mode: "linear" | "jvp"): Fn => ({
  inputs: [...fn.inputs, ...activeTypes(fn, active)],
  apply: (args) => {
    const { graph, captured } = closeBody("laws", fn.inputs, fn.apply)
    const inputs = [...captured, ...args.slice(0, fn.inputs.length)]
    const mask = [...captured.map(() => false), ...active]
    if (mode === "linear") return linearizeGraph("laws", graph, inputs, mask).outputs
    let next = fn.inputs.length
    const duals = inputs.map((primal, i) => ({ primal, tangent: mask[i] ? (args[next++] as AnyTensor) : null }))
    return jvpGraph(graph, duals, "jvp").map((d) => d.primal)
  },
})

/** The values that a derivative rule gives are the function's. */
const values = (site: Site, fn: Fn, active: Mask, x: Values): Finding => {
  const { dual, split } = site.equation.op
  const v = activeTypes(fn, active).map((t, k) => direction(t, 20 + k))
  const same = (mode: "linear" | "jvp"): Verdict => {
    const f = runnable(fn)
    const expected = f.run(x)
    const found = runnable(besideTangents(fn, active, mode)).run([...x, ...v])
    return allOf(
      expected.map((e, k) =>
        close(
          { what: `the value that it gives for output ${k}, against the function's,`, shape: f.outputs[k]?.shape ?? [] },
          e,
          found[k] as Float64Array,
          magnitude(expected, Number.MIN_VALUE),
          RELATIVE,
        ),
      ),
    )
  }
  return firstWrong(
    (function* () {
      if (split !== undefined) yield ofVerdict("jvp", site, same("linear"))
      if (dual !== undefined) yield ofVerdict("jvp", site, same("jvp"))
    })(),
  )
}

/** J v against differences and <u, J v> against <J' u, v>, of `fn`. */
const firstOrder = (what: string, site: Site, fn: Fn, active: Mask, x: Values, size: number): Finding => {
  const v = activeTypes(fn, active).map((t, k) => directionAt(t, x.filter((_, i) => active[i])[k] as Float64Array, 30 + k))
  const u = floatOutputs(fn).map((t, k) => direction(t, 50 + k))
  if (u.length === 0) return RIGHT
  let tangent: ReturnType<typeof forwardOf> = null
  return firstWrong(
    (function* () {
      yield guarded("jvp", site, () => {
        tangent = forwardOf(fn, active)
        return tangent === null
          ? RIGHT
          : ofSlope("jvp", site, slopes(`the derivative${what}`, fn, active, x, v, tangent.run([...x, ...v]), size))
      })
      yield guarded("transpose", site, () => {
        if (tangent !== null) return ofVerdict("transpose", site, dotProduct(fn, active, x, v, u))
        const claim = inner(runnable(pullback(fn, active)).run([...x, ...u]), v).value
        return ofSlope("transpose", site, slopeAlong(`<J' u, v>${what}`, fn, active, x, v, u, claim, size))
      })
    })(),
  )
}

/** The function whose derivative is the second: x -> J(x) v, or x -> J(x)' u of what runs in reverse only. */
const tangentOf = (fn: Fn, active: Mask, x: Values): { readonly fn: Fn; readonly x: Values } => {
  const forward = forwardOf(fn, active) !== null
  const made = forward ? pushforward(fn, active) : pullback(fn, active)
  return { fn: made, x: [...x, ...made.inputs.slice(x.length).map((t, k) => direction(t, 60 + k))] }
}

const atPoint = (site: Site, { inputs: x, outputs }: Point, order: 1 | 2): Finding => {
  const size = magnitude(outputs.filter((y, k) => site.outputs[k]?.elem === "float" && y.every(Number.isFinite)))
  const active = site.marks.active.map((a, i) => a && site.inputs[i]?.elem === "float")
  if (!active.some(Boolean) || !site.outputs.some((_, k) => varies(site.equation, k))) return RIGHT
  const fn = ofSite(site)
  const first = firstWrong(
    (function* () {
      yield guarded("jvp", site, () => values(site, fn, active, x))
      yield firstOrder("", site, fn, active, x, size)
      if (order === 1) return
      yield guarded("jvp", site, () => {
        const tangent = tangentOf(fn, active, x)
        const mask = tangent.fn.inputs.map((_, i) => active[i] ?? false)
        return firstOrder(" of the derivative", site, tangent.fn, mask, tangent.x, size)
      })
    })(),
  )
  if (first.t !== "wrong" || first.fault.rule !== "transpose" || forwardOf(fn, active) === null) return first
  const v = activeTypes(fn, active).map((t, k) => direction(t, 40 + k))
  const fault = transposeCulprit(site, fn, active, x, v)
  return fault === null ? first : { t: "wrong", fault }
}

/** The derivative rules of an equation at each of its points. */
export const derivativeRules = (site: Site, order: 1 | 2): Finding =>
  firstWrong(
    (function* () {
      for (const p of site.points) yield atPoint(site, p, order)
    })(),
  )
