/** The `stopGradient` that makes a derivative wrong: with it taken away, the derivative is what differences show, or nearer to it. */
import { type Equation, TraceError } from "../../core/index.js"
import { moved } from "../function/difference.js"
import { slopeOf } from "../function/taylor.js"
import { activeTypes, floatOutputs, pullback } from "../function/transforms.js"
import { inner, showNumber } from "../numbers.js"
import { RunRefused, runnable, type Values } from "../run.js"
import { direction, directionAt } from "./slopes.js"
import { stopsOf, withoutStops } from "./stops.js"
import type { Suspect } from "./suspect.js"

export interface Stopped {
  readonly stop: Equation
  readonly why: string
}

/** How much of the error has to go for a stop to be its reason. */
const CLEARLY = 1 / 2

/** Stops are tried one at a time, in order; those that change nothing (of shifts that cancel) are not told. */
export const stoppedGradient = ({ fn, points, active }: Suspect): Stopped | null => {
  const x = points[0] as Values
  const stops = stopsOf(fn)
  if (stops.length === 0 || !active.some(Boolean)) return null
  const own = x.filter((_, i) => active[i])
  const v = activeTypes(fn, active).map((t, k) => directionAt(t, own[k] as Float64Array, 30 + k))
  const u = floatOutputs(fn).map((t, k) => direction(t, 50 + k))
  const f = runnable(fn)
  const along = (t: number) =>
    inner(
      u,
      f.run(moved(x, active, v, t)).filter((_, k) => f.outputs[k]?.elem === "float"),
    ).value
  const { central, allowed } = slopeOf(along, 0)
  const claimOf = (of: typeof fn) => inner(runnable(pullback(of, active)).run([...x, ...u]), v).value
  const claim = claimOf(fn)
  const error = Math.abs(claim - central)
  if (!(error > allowed)) return null
  for (const [n, stop] of stops.entries()) {
    let met = 0
    try {
      const free = claimOf(withoutStops(fn, () => met++ % stops.length === n))
      if (Math.abs(free - central) <= Math.max(allowed, CLEARLY * error))
        return {
          stop,
          why: `the derivative along a random direction is ${showNumber(claim)} with it and ${showNumber(free)} without, by central differences ${showNumber(central)}`,
        }
    } catch (e) {
      // what stands behind it may not be differentiable: a solve whose adjoint is no theorem
      if (!(e instanceof TraceError || e instanceof RunRefused)) throw e
    }
  }
  return null
}
