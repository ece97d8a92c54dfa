/** The law of the jvp rule where no transform shows it: outputs without tangents, and ops whose `dual` is used instead. */
import { type AnyOp, type AnyTensor, apply, zerosOf } from "../../core/index.js"
import { drawn } from "../arbitraries/draw.js"
import type { Mask } from "../function/masks.js"
import { activeTypes, pushforward } from "../function/transforms.js"
import { allOf, fails, holds, type Law, vacuous } from "../law.js"
import { same } from "../numbers.js"
import { runnable, type Values } from "../run.js"
import { type Instance, instance, showParts, someFloats } from "./instance.js"

interface Case {
  readonly i: Instance
  readonly active: Mask
  readonly v: Values
}

export const jvpLaw = (op: AnyOp): Law<Case> => ({
  name: `${op.name}: jvp gives the tangents there are`,
  theorem:
    "What is not float has no tangent (a discrete set has no directions), and jvp and dual of one op are one derivative (uniqueness of the derivative).",
  arbitrary: drawn((d) => {
    const i = instance(d, op)
    const active = someFloats(d, i)
    return { i, active, v: activeTypes(i.fn, active).map(d.direction) }
  }),
  show: (c) => showParts(c.i, { v: c.v }),
  check: ({ i, active, v }) => {
    if (v.length === 0) return vacuous
    const { fn, params, x } = i
    let odd = -1
    const rule = runnable({
      inputs: [...fn.inputs, ...activeTypes(fn, active)],
      apply: (args) => {
        let next = fn.inputs.length
        const inputs = args.slice(0, next)
        const outputs = apply(op, params, inputs)
        const tangents = op.jvp(
          params,
          inputs,
          outputs,
          active.map((a) => (a ? (args[next++] as AnyTensor) : null)),
        )
        odd = outputs.findIndex((y, k) => y.type.elem !== "float" && (tangents[k] ?? null) !== null)
        return outputs.flatMap((y, k) => (y.type.elem === "float" ? [tangents[k] ?? zerosOf(y.type)] : []))
      },
    })
    if (odd >= 0) return fails(`output ${odd} is not float and has a tangent`)
    if (op.dual === undefined) return holds()
    const expected = runnable(pushforward(fn, active)).run([...x, ...v])
    const found = rule.run([...x, ...v])
    return allOf(
      expected.map((e, k) =>
        same({ what: `tangent ${k} by jvp, against dual,`, shape: rule.outputs[k]?.shape ?? [] }, e, found[k] as Float64Array),
      ),
    )
  },
})
