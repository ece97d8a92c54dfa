/** Laws of ops that are linear in some inputs, and of ops with a split. */
import { type AnyOp, type AnyTensor, TraceError, zerosOf } from "../../core/index.js"
import { drawn } from "../arbitraries/draw.js"
import { adjoint } from "../function/dot-product.js"
import type { Mask } from "../function/masks.js"
import { replaced } from "../function/masks.js"
import { forwardOf } from "../function/reverse.js"
import { RELATIVE } from "../function/tolerance.js"
import { activeTypes, floatOutputs } from "../function/transforms.js"
import { type AnyLaw, allOf, type Law, vacuous } from "../law.js"
import { close, inner, magnitude, same } from "../numbers.js"
import { type Runnable, runnable, type Values } from "../run.js"
import { affineMasks, transposeRule } from "./affine-inputs.js"
import { type Instance, instance, showParts, someFloats } from "./instance.js"

interface LinearCase {
  readonly i: Instance
  /** A direction an input, used where the input is one of the linear ones. */
  readonly v: Values
  readonly u: Values
}

const marked = <T>(list: readonly T[], mask: Mask): readonly T[] => list.filter((_, k) => mask[k])

/** The op's transpose. Ops with a split may refuse: their rule is met on what the split leaves, where all carries are linear. */
const transposed = (i: Instance, mask: Mask): Runnable | null => {
  try {
    return runnable(transposeRule(i, mask))
  } catch (e) {
    if (i.op.split !== undefined && e instanceof TraceError) return null
    throw e
  }
}

const transposeLaw = (op: AnyOp): Law<LinearCase> => ({
  name: `${op.name}: transpose is the adjoint`,
  theorem:
    "For f linear in some inputs, up to a constant, <u, f(v) - f(0)> = <f' u, v>, and J v = f(v) - f(0), to the bit where f(0) = 0 (definition of the adjoint).",
  arbitrary: drawn((d) => {
    const i = instance(d, op)
    return { i, v: i.fn.inputs.map(d.direction), u: floatOutputs(i.fn).map(d.direction) }
  }),
  show: (c) => showParts(c.i, { v: c.v, u: c.u }),
  check: ({ i, v, u }) => {
    if (op.transpose === undefined || u.length === 0 || v.length === 0) return vacuous
    const f = runnable(i.fn)
    return allOf(
      (function* () {
        for (const mask of affineMasks(i)) {
          const direction = marked(v, mask)
          const zero = f.run(
            replaced(
              i.x,
              mask,
              direction.map((a) => a.map(() => 0)),
            ),
          )
          const value = f.run(replaced(i.x, mask, direction)).map((a, k) => a.map((n, j) => n - (zero[k]?.[j] as number)))
          const rule = transposed(i, mask)
          if (rule === null) continue
          const back = rule.run([...i.x, ...u])
          const floats = value.filter((_, k) => f.outputs[k]?.elem === "float")
          const where = `linear in [${mask.join(", ")}]`
          yield adjoint(`<u, f(v) - f(0)> with f ${where}`, inner(u, floats), inner(back, direction))
          const tangent = forwardOf(i.fn, mask)?.run([...i.x, ...direction]) ?? []
          // without a constant the two are one computation
          const offset = magnitude(zero)
          for (let k = 0; k < tangent.length; k++) {
            const place = { what: `J v of a function ${where}, against f(v) - f(0),`, shape: [] }
            const [expected, found] = [floats[k] as Float64Array, tangent[k] as Float64Array]
            yield offset === 0 ? same(place, expected, found) : close(place, expected, found, offset + magnitude(floats), RELATIVE)
          }
        }
      })(),
    )
  },
})

interface SplitCase {
  readonly i: Instance
  readonly active: Mask
  readonly v: Values
}

const splitLaw = (op: AnyOp): Law<SplitCase> => ({
  name: `${op.name}: split is jvp`,
  theorem:
    "The known part of a split is the function's value, and its linear part is the derivative (partial evaluation of jvp; Radul et al., POPL 2023).",
  arbitrary: drawn((d) => {
    const i = instance(d, op)
    const active = someFloats(d, i)
    return { i, active, v: activeTypes(i.fn, active).map(d.direction) }
  }),
  show: (c) => showParts(c.i, { v: c.v }),
  check: ({ i, active, v }) => {
    if (op.split === undefined || v.length === 0) return vacuous
    const { fn, x, params } = i
    const split = op.split
    const inputs = [...fn.inputs, ...activeTypes(fn, active)]
    const parts = runnable({
      inputs,
      apply: (args) => {
        let next = fn.inputs.length
        const { outputs, linear } = split(params, args.slice(0, next), active)
        const tangents = linear(active.map((a) => (a ? (args[next++] as AnyTensor) : null)))
        return [...outputs, ...outputs.flatMap((y, k) => (y.type.elem === "float" ? [tangents[k] ?? zerosOf(y.type)] : []))]
      },
    })
    const known = runnable({ inputs, apply: (args) => split(params, args.slice(0, fn.inputs.length), active).outputs })
    const value = runnable(fn).run(x)
    const tangent = forwardOf(fn, active)?.run([...x, ...v]) ?? []
    // what runs in reverse only has a linear part that nobody can run
    const found = (tangent.length === 0 ? known : parts).run([...x, ...v])
    const place = (what: string, k: number) => ({ what, shape: parts.outputs[k]?.shape ?? [] })
    return allOf(
      (function* () {
        for (let k = 0; k < value.length; k++)
          yield same(place(`output ${k} of the known part`, k), value[k] as Float64Array, found[k] as Float64Array)
        for (let k = 0; k < tangent.length; k++)
          yield close(
            place(`tangent ${k} of the linear part, against jvp,`, value.length + k),
            tangent[k] as Float64Array,
            found[value.length + k] as Float64Array,
            magnitude(tangent),
            RELATIVE,
          )
      })(),
    )
  },
})

export const linearLaws = (op: AnyOp): readonly AnyLaw[] => [transposeLaw(op), splitLaw(op)]
