/** One equation on a target, alone, against the interpreter. */
import { apply, madeAt, type TargetName, TraceError } from "../../core/index.js"
import { pullback } from "../function/transforms.js"
import { allOf, holds } from "../law.js"
import { agrees } from "../on-target.js"
import { type Fn, RunRefused } from "../run.js"
import { type Finding, RIGHT, unsure, wrong } from "./fault.js"
import type { Site } from "./sites.js"
import { direction } from "./slopes.js"

const SEED = 7

/** Its value, and its gradient where that is asked for, on each target. */
export const targetRules = async (site: Site, targets: readonly TargetName[], gradient: boolean): Promise<Finding> => {
  const { op, params } = site.equation
  const fn: Fn = { inputs: site.inputs, apply: (args) => madeAt(site.line, () => apply(op, params, args)) }
  const active = site.marks.active.map((a, i) => a && site.inputs[i]?.elem === "float")
  const u = site.outputs.filter((t) => t.elem === "float").map((t, k) => direction(t, 50 + k))
  for (const { inputs: x } of site.points)
    for (const target of targets) {
      try {
        const value = await agrees("output", fn, x, target, SEED)
        const back =
          gradient && u.length > 0 && active.some(Boolean)
            ? await agrees("the gradient to input", pullback(fn, active), [...x, ...u], target, SEED)
            : holds()
        const verdict = allOf([value, back])
        if (verdict.t === "fails") return wrong("lower", site, verdict.why)
      } catch (e) {
        if (e instanceof RunRefused) return unsure(e.message)
        if (e instanceof TraceError) return wrong("transpose", site, e.message)
        throw e
      }
    }
  return RIGHT
}
