/** The law of `simplify`: what an application is replaced by is equal to it. */
import { type AnyOp, type AnyTensor, apply, broadcastAlong, type Domain, type Elem, literal, sameType, showType } from "../../core/index.js"
import { type Draw, drawn } from "../arbitraries/draw.js"
import { allOf, fails, type Law, vacuous } from "../law.js"
import { same } from "../numbers.js"
import { runnable } from "../run.js"
import { type Instance, instance, showParts } from "./instance.js"

interface SimplifyCase {
  readonly i: Instance
  /** The number that an input is known to be in all places, or null for an input that is not known. */
  readonly known: readonly (number | null)[]
}

/** Numbers that identities speak of, as far as they lie in the domain. */
const knownNumber = (d: Draw, elem: Elem, domain: Domain): number | null => {
  if (elem === "key" || domain.t === "index" || domain.t === "distinct" || domain.t === "dominant") return null
  const numbers = domain.t === "positive" ? [1] : domain.t === "awayFromZero" ? [1, -1] : elem === "bool" ? [0, 1] : [0, 1, -1]
  return d.bool() ? (numbers[d.int(0, numbers.length - 1)] as number) : null
}

export const simplifyLaw = (op: AnyOp): Law<SimplifyCase> => ({
  name: `${op.name}: simplify keeps the value`,
  theorem:
    "An application and what simplify puts in its place are equal, in type and to the bit; zeros may differ in sign (substitution of equals).",
  arbitrary: drawn((d) => {
    const i = instance(d, op)
    return { i, known: i.fn.inputs.map((t, k) => knownNumber(d, t.elem, i.domains[k] as Domain)) }
  }),
  show: ({ i, known }) => showParts(i, { known: known.map((n) => n ?? "no").join(", ") }),
  check: ({ i, known }) => {
    const { fn, params, x } = i
    let applies = true
    let mismatch: string | null = null
    const both = runnable({
      inputs: fn.inputs,
      apply: (args) => {
        const inputs = args.map((t, k) => {
          const n = known[k] ?? null
          return n === null ? t : broadcastAlong(literal(n, t.type.elem) as AnyTensor, t.shape, [])
        })
        const simpler = op.simplify?.(params, inputs) ?? null
        const plain = apply(op, params, inputs)
        applies = simpler !== null
        if (simpler === null) return plain
        plain.forEach((t, k) => {
          const other = simpler[k]
          if (other === undefined || !sameType(t.type, other.type))
            mismatch = `output ${k} is ${showType(t.type)}, simplified ${other === undefined ? "nothing" : showType(other.type)}`
        })
        return [...plain, ...simpler]
      },
    })
    if (!applies) return vacuous
    if (mismatch !== null) return fails(mismatch)
    const values = both.run(x)
    const n = values.length / 2
    return allOf(
      Array.from({ length: n }, (_, k) =>
        same(
          { what: `output ${k}, simplified,`, shape: both.outputs[k]?.shape ?? [] },
          values[k] as Float64Array,
          values[n + k] as Float64Array,
        ),
      ),
    )
  },
})
