/** The law of `type`: what does not fit is refused in words, and what is accepted runs. */
import { type AnyOp, type Domain, type Elem, showType, type TensorType, TraceError } from "../../core/index.js"
import { type Draw, drawn } from "../arbitraries/draw.js"
import { allOf, fails, holds, type Law, vacuous } from "../law.js"
import { type Instance, instance, showInstance } from "./instance.js"
import { runsAs } from "./lowering-laws.js"

interface Changed {
  readonly i: Instance
  /** The instance with one input of another type, and data for it. */
  readonly other: Instance
}

const ELEMS: readonly Elem[] = ["float", "int", "bool", "key"]

/** Another type near a given one: an axis more or less, another size, another element kind. */
const changed = (d: Draw, t: TensorType): TensorType => {
  const at = d.int(0, Math.max(0, t.shape.length - 1))
  switch (t.shape.length === 0 ? [0, 3][d.int(0, 1)] : d.int(0, 3)) {
    case 0: {
      const place = d.int(0, t.shape.length)
      return { elem: t.elem, shape: [...t.shape.slice(0, place), d.int(1, 3), ...t.shape.slice(place)] }
    }
    case 1:
      return { elem: t.elem, shape: t.shape.filter((_, i) => i !== at) }
    case 2: {
      const size = t.shape[at] as number
      return { elem: t.elem, shape: t.shape.map((n, i) => (i === at ? Math.max(0, size + (d.bool() ? 1 : -1)) : n)) }
    }
    default:
      return { elem: ELEMS[d.int(0, ELEMS.length - 1)] as Elem, shape: t.shape }
  }
}

export const typeLaw = (op: AnyOp): Law<Changed> => ({
  name: `${op.name}: types are checked`,
  theorem:
    "Inputs of other types are refused with a TraceError that names the op, or the op runs on them (progress: what is well typed does not get stuck).",
  arbitrary: drawn((d) => {
    const i = instance(d, op)
    const at = d.int(0, Math.max(0, i.x.length - 1))
    const inputs = i.fn.inputs.map((t, k) => (k === at ? changed(d, t) : t))
    const x = inputs.map((t, k) => (k === at ? d.values(t, i.domains[k] as Domain) : (i.x[k] as Float64Array)))
    return { i, other: { ...i, fn: { ...i.fn, inputs }, x } }
  }),
  show: ({ i, other }) => `${showInstance(i)}\nwith inputs changed to ${other.fn.inputs.map(showType).join(", ")}`,
  check: ({ i, other }) => {
    if (i.x.length === 0) return vacuous
    try {
      op.type(other.params, other.fn.inputs)
    } catch (e) {
      if (!(e instanceof TraceError)) return fails(`the type rule threw ${String(e)}, no TraceError`)
      return e.message.includes(op.name) ? holds() : fails(`the message does not name the op: ${e.message}`)
    }
    return allOf([runsAs(other)])
  },
})
