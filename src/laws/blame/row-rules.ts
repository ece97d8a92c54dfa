/** The batch rule of one equation on the rows that it meets. */
import { apply, madeAt, rowType } from "../../core/index.js"
import { jvpOfVmap, type Rows, vjpOfVmap, vmapIsMap } from "../function/batching.js"
import { forwardOf } from "../function/reverse.js"
import { activeTypes, floatOutputs } from "../function/transforms.js"
import type { Fn } from "../run.js"
import { guarded } from "./derivative-rules.js"
import { type Finding, firstWrong, RIGHT, unsure, wrong } from "./fault.js"
import type { Site } from "./sites.js"
import { direction } from "./slopes.js"

/** Rows of an equation stand side by side as its points. */
export const batchRule = (site: Site, order: 0 | 1 | 2): Finding => {
  const { batched } = site.marks
  if (!batched.some(Boolean)) return RIGHT
  const { op, params } = site.equation
  const fn: Fn = { inputs: site.inputs, apply: (args) => madeAt(site.line, () => apply(op, params, args)) }
  const rows: Rows = { batched, size: site.points.length }
  const x = site.inputs.map((_, k) =>
    Float64Array.from(site.points.slice(0, batched[k] ? undefined : 1).flatMap((p) => Array.from(p.inputs[k] as Float64Array))),
  )
  const active = site.marks.active.map((a, i) => a && site.inputs[i]?.elem === "float")
  const check = (law: () => ReturnType<typeof vmapIsMap>) =>
    guarded("batch", site, () => {
      const verdict = law()
      return verdict.t === "fails" ? wrong("batch", site, verdict.why) : RIGHT
    })
  return firstWrong(
    (function* () {
      yield check(() => vmapIsMap(fn, rows, x))
      if (order === 0 || !active.some(Boolean)) return
      const moved = activeTypes(fn, active)
      const kept = batched.filter((_, i) => active[i])
      const forward = guarded("jvp", site, () => (forwardOf(fn, active) === null ? unsure(null) : RIGHT))
      if (forward.t === "right")
        yield check(() =>
          jvpOfVmap(
            fn,
            active,
            rows,
            x,
            moved.map((t, k) => direction(kept[k] ? rowType(t, rows.size) : t, 30 + k)),
          ),
        )
      yield check(() =>
        vjpOfVmap(
          fn,
          active,
          rows,
          x,
          floatOutputs(fn).map((t, k) => direction(rowType(t, rows.size), 50 + k)),
        ),
      )
    })(),
  )
}
