/**
 * Where reverse mode goes wrong: the linear half of an equation's derivative, whose own equations are transposed one by one. Each is linear
 * in what depends on the tangents, and its transpose has to be its adjoint.
 */
import { type AnyTensor, apply, closeBody, closeLinear, linearizeGraph, madeAt, TraceError } from "../../core/index.js"
import { adjoint } from "../function/dot-product.js"
import type { Mask } from "../function/masks.js"
import { inner } from "../numbers.js"
import { transposeRule } from "../op/affine-inputs.js"
import { type Fn, leaves, runnable, type Values, valuesOf } from "../run.js"
import type { Fault } from "./fault.js"
import { hasBodies, innerSites, type Site, sitesOf } from "./sites.js"
import { direction } from "./slopes.js"

/** What is wrong with the transpose of one equation, linear in its active inputs; null where nothing is. */
const transposeFault = (site: Site): string | null => {
  const { equation, inputs, marks, points } = site
  const fn: Fn = { inputs, apply: (args) => apply(equation.op, equation.params, args) }
  const { active } = marks
  const [x, outputs] = [points[0]?.inputs as Values, points[0]?.outputs as Values]
  const floats = site.outputs.flatMap((t, k) => (t.elem === "float" ? [k] : []))
  if (!active.some(Boolean) || floats.length === 0) return null
  try {
    const u = floats.map((k) => direction(site.outputs[k] as (typeof site.outputs)[number], 70 + k))
    const back = runnable(transposeRule({ fn }, active)).run([...x, ...u])
    const v = x.filter((_, i) => active[i])
    const value = floats.map((k) => outputs[k] as Float64Array)
    const verdict = adjoint("<u, f(v)>", inner(u, value), inner(back, v))
    return verdict.t === "fails" ? verdict.why : null
  } catch (e) {
    if (e instanceof TraceError) return e.message
    throw e
  }
}

const search = (sites: Iterable<Site>): { readonly site: Site; readonly why: string } | null => {
  for (const site of sites) {
    const why = transposeFault(site)
    if (why !== null) return (hasBodies(site) ? search(innerSites(site, false)) : null) ?? { site, why }
  }
  return null
}

/** The first equation in the derivative of one whose transpose is not its adjoint; null where each is. */
export const transposeCulprit = (of: Site, fn: Fn, active: Mask, x: Values, v: Values): Fault | null => {
  const { graph, captured } = closeBody("laws", fn.inputs, fn.apply)
  const line = of.line
  const lin = madeAt(line, () =>
    linearizeGraph("laws", graph, [...captured, ...leaves(fn.inputs, x)] as readonly AnyTensor[], [
      ...captured.map(() => false),
      ...active,
    ]),
  )
  const half = closeLinear(lin)
  const residuals = valuesOf(half.captured)
  const mask = [...residuals.map(() => false), ...v.map(() => true)]
  const found = search(
    sitesOf(half.graph, [[...residuals, ...v]], { active: mask, batched: mask.map(() => false) }, { line, inside: of.inside }),
  )
  return found && { rule: "transpose", ...found, derivativeOf: of }
}
