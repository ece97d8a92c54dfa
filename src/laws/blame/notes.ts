/** What can be said of an equation that is not wrong, and still may be why a law does not hold. */
import { apply, inline, type Tensor } from "../../core/index.js"
import { isBiased, type SolvedBody, type Solver, solvedBody, spectralRadius, worstStatus } from "../../implicit/index.js"
import { moved } from "../function/difference.js"
import { leaves, runnable, valuesOf } from "../run.js"
import type { Point, Site } from "./sites.js"
import { directionAt } from "./slopes.js"
import { placeOf } from "./told.js"

/** The spectral radius of df/dz where a fixed point was sought. */
const radiusOf = ({ body, constants, state }: SolvedBody<Float64Array>, { inputs, outputs, equation }: Site): number => {
  const types = solvedBody(equation, inputs, outputs)
  if (types === null) return 0
  const known = leaves(types.constants, constants)
  const f = (z: readonly Tensor[]) => inline(body, [...known, ...z]) as readonly Tensor[]
  return valuesOf([spectralRadius(f, leaves(types.state, state) as readonly Tensor[])])[0]?.[0] as number
}

const onFixedPoint = (solver: Solver, radius: number, place: string): readonly string[] => [
  ...(radius >= 1 ? [`${place}: df/dz has the spectral radius ${radius.toPrecision(3)} where it ended: f is no contraction there`] : []),
  ...(isBiased(solver) ? [`${place}: the gradient of the adjoint ${solver.adjoint._tag} is an approximation by design`] : []),
]

/** A solve that did not converge, whose function is no contraction, or whose gradient is an approximation by design. */
const onSolve = (site: Site, { inputs, outputs }: Point): readonly string[] => {
  const solved = solvedBody(site.equation, inputs, outputs)
  if (solved === null) return []
  const place = placeOf(site)
  const status = worstStatus(solved.status)
  const residual = solved.residual.reduce((a, b) => Math.max(a, b), 0)
  return [
    ...(status === "Converged" ? [] : [`${place} ended as ${status}, with a residual of ${residual.toExponential(1)}`]),
    ...(solved.solver === null ? [] : onFixedPoint(solved.solver, radiusOf(solved, site), place)),
  ]
}

/** A step this far from a tie does not reach the next number that inputs under test are made of. */
const STEP = 2 ** -20

/** A comparison, a rounding or a choice that comes out otherwise next to its operands. */
const onTie = (site: Site, { inputs: x, outputs: there }: Point): readonly string[] => {
  const { equation, inputs, outputs, marks } = site
  const active = marks.active.map((a, i) => a && inputs[i]?.elem === "float")
  if (!active.some(Boolean) || outputs.every((t) => t.elem === "float")) return []
  const f = runnable({ inputs, apply: (args) => apply(equation.op, equation.params, args) })
  const v = inputs.flatMap((t, i) => (active[i] ? [directionAt(t, x[i] as Float64Array, 30 + i)] : []))
  const flips = [STEP, -STEP].some((h) =>
    f.run(moved(x, active, v, h)).some((y, k) => outputs[k]?.elem !== "float" && y.some((n, i) => n !== there[k]?.[i])),
  )
  return flips ? [`${placeOf(site)} is at a tie: the function has a kink or a jump there`] : []
}

export const notesOn = (site: Site): readonly string[] => site.points.flatMap((p) => [...onSolve(site, p), ...onTie(site, p)])
