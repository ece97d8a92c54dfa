/** The law of `modes`: what an op does not have is refused, so that no rule escapes its laws by being left out of the declaration. */
import { type AnyOp, TraceError } from "../../core/index.js"
import { drawn } from "../arbitraries/draw.js"
import { pullback, pushforward } from "../function/transforms.js"
import { fails, holds, type Law, vacuous } from "../law.js"
import { runnable } from "../run.js"
import { floatInputs, type Instance, instance, showInstance } from "./instance.js"

export const modesLaw = (op: AnyOp): Law<Instance> => ({
  name: `${op.name}: a mode that it does not have is refused`,
  theorem: "An op that says it has one mode of differentiation refuses the other with a TraceError (a declaration is true).",
  arbitrary: drawn((d) => instance(d, op)),
  show: showInstance,
  check: (i) => {
    const active = floatInputs(i)
    if (!active.some(Boolean)) return vacuous
    try {
      runnable(op.modes === "forward" ? pullback(i.fn, active) : pushforward(i.fn, active))
    } catch (e) {
      if (e instanceof TraceError) return holds()
      return fails(`it threw ${String(e)}, no TraceError`)
    }
    return fails(`it says modes: "${op.modes}", and the other mode runs; leave "modes" out, so that its laws are tried too`)
  },
})
