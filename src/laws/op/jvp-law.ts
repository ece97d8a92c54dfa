/** The law of the jvp rule where no transform shows it: outputs without tangents, and ops whose `dual` is used instead. */
import { type AnyOp, type AnyTensor, apply, type Tangent, zerosOf } from "../../core/index.js"
import { drawn } from "../arbitraries/draw.js"
import type { Mask } from "../function/masks.js"
import { activeTypes } from "../function/transforms.js"
import { allOf, fails, holds, type Law, vacuous } from "../law.js"
import { same } from "../numbers.js"
import { runnable, type Values } from "../run.js"
import { type Instance, instance, showParts, someFloats, varies } from "./instance.js"

interface Case {
  readonly i: Instance
  readonly active: Mask
  readonly v: Values
}

/** The tangents of the float outputs, zeros for those that are left out. */
const floats = (outputs: readonly AnyTensor[], tangents: readonly Tangent[]): readonly AnyTensor[] =>
  outputs.flatMap((y, k) => (y.type.elem === "float" ? [tangents[k] ?? zerosOf(y.type)] : []))

export const jvpLaw = (op: AnyOp): Law<Case> => ({
  name: `${op.name}: jvp gives the tangents there are`,
  theorem:
    "What is not float (a discrete set has no directions) or a constant by definition has no tangent; dual gives the op's outputs and the tangents that jvp gives (uniqueness of the derivative).",
  arbitrary: drawn((d) => {
    const i = instance(d, op)
    const active = someFloats(d, i)
    return { i, active, v: activeTypes(i.fn, active).map(d.direction) }
  }),
  show: (c) => showParts(c.i, { v: c.v }),
  check: ({ i, active, v }) => {
    if (v.length === 0 || op.modes === "reverse") return vacuous
    const { fn, params, x } = i
    const given = (args: readonly AnyTensor[]): readonly Tangent[] => {
      let next = fn.inputs.length
      return active.map((a) => (a ? (args[next++] as AnyTensor) : null))
    }
    let odd = -1
    const rule = runnable({
      inputs: [...fn.inputs, ...activeTypes(fn, active)],
      apply: (args) => {
        const inputs = args.slice(0, fn.inputs.length)
        const outputs = apply(op, params, inputs)
        const tangents = op.jvp(params, inputs, outputs, given(args))
        odd = outputs.findIndex((y, k) => (y.type.elem !== "float" || !varies(i, k)) && (tangents[k] ?? null) !== null)
        return floats(outputs, tangents)
      },
    })
    if (odd >= 0) return fails(`output ${odd} has a tangent, and is not float or a constant by definition`)
    if (op.dual === undefined) return holds()
    const made = op.dual
    const dual = runnable({
      inputs: [...fn.inputs, ...activeTypes(fn, active)],
      apply: (args) => {
        const { outputs, tangents } = made(params, args.slice(0, fn.inputs.length), given(args))
        return [...outputs, ...floats(outputs, tangents)]
      },
    })
    const [expected, found] = [rule.run([...x, ...v]), dual.run([...x, ...v])]
    const values = runnable(fn).run(x)
    return allOf(
      found.map((d, k) => {
        const what = k < values.length ? `output ${k} by dual` : `tangent ${k - values.length} by dual, against jvp,`
        return same({ what, shape: dual.outputs[k]?.shape ?? [] }, values[k] ?? (expected[k - values.length] as Float64Array), d)
      }),
    )
  },
})
