/**
 * Vector code: the last axis of a domain, several elements at a time, where every load is contiguous or constant along it
 * and no guard or data-dependent index depends on it. Each element is computed by the same operations in the same order as
 * alone, so the bits are the same.
 */
import { at } from "./assembly.js"
import type { Dataflow, Node, Op } from "./dataflow.js"
import { Form } from "./values.js"

export interface Vectorised {
  readonly roots: readonly number[]
  readonly form: Uint8Array
  readonly slope: Float64Array
}

const lanewise = new Set<Op>([
  "neg",
  "abs",
  "sqrt",
  "floor",
  "exp",
  "decay",
  "log",
  "tanh",
  "sin",
  "cos",
  "plus",
  "minus",
  "times",
  "over",
  "max",
  "min",
  "rem",
  "truth",
  "less",
  "lessEqual",
  "equal",
  "finite",
  "not",
  "and",
  "or",
  "elementOfCondition",
  "half",
])

/** How much an index grows with the variable; NaN where that is not the same everywhere. */
const slopeOf = (node: Node, slope: (id: number) => number): number => {
  const [a, b] = node.args as readonly [number, number]
  if (node.op === "add") return slope(a) + slope(b)
  if (node.op === "scale") return slope(a) * at(node.imm, 0)
  if (node.op === "walk") return slope(a) + slope(b) * at(node.imm, 0)
  return node.args.every((arg) => slope(arg) === 0) ? 0 : NaN
}

/**
 * `roots` with uniform arguments spread over the lanes, or null where they can't be computed as vectors. `stride` is what a
 * contiguous address grows by; `accVaries`: `acc` is a vector.
 */
export const vectorise = (
  flow: Dataflow,
  variable: number,
  stride: number,
  roots: readonly number[],
  accVaries: boolean,
): Vectorised | null => {
  const size = flow.nodes.length
  const slope = new Float64Array(size)
  const depends = new Uint8Array(size)
  const image = new Int32Array(size)
  const varying: number[] = []
  const uniform: number[] = []
  const spread = (id: number): number => (depends[id] === 1 ? at(image, id) : spreadUniform(id))
  const spreadUniform = (id: number): number => {
    const { op, args } = flow.node(id)
    const made =
      op === "guarded" && flow.node(at(args, 1)).op === "load"
        ? // so that the element is loaded into all lanes at once
          flow.make("guarded", [at(args, 0), spreadUniform(at(args, 1))])
        : flow.make(flow.kind(id) === "condition" ? "splatCondition" : "splat", [id])
    uniform.push(made)
    return made
  }
  const vectorNode = (id: number, node: Node): number | null => {
    const { op, args, imm } = node
    if (lanewise.has(op)) return flow.make(op, args.map(spread), imm)
    switch (op) {
      case "acc":
        return id
      case "load":
        return slope[at(args, 0)] === stride ? id : null
      case "elementOfIndex":
        return id
      case "threefry": {
        const count = args.length - 1
        const isNext = slope[at(args, count)] === 1
        return isNext && args.every((arg, i) => i === count || depends[arg] === 0) ? id : null
      }
      case "guarded":
        return depends[at(args, 0)] === 1 ? null : flow.make("guarded", [at(args, 0), spread(at(args, 1))])
      case "select": {
        const c = at(args, 0)
        return flow.make("select", [depends[c] === 1 ? at(image, c) : c, spread(at(args, 1)), spread(at(args, 2))])
      }
      default:
        return null
    }
  }
  const last = roots.reduce((a, b) => Math.max(a, b), -1)
  const needed = flow.needed(roots)
  for (let id = 0; id <= last; id++) {
    if (needed[id] === 0) continue
    const node = flow.node(id)
    const isVariable = id === variable
    if (isVariable || (node.op === "acc" && accVaries) || node.args.some((arg) => depends[arg] === 1)) depends[id] = 1
    if (depends[id] === 0) continue
    if (flow.kind(id) === "index") {
      slope[id] = isVariable ? 1 : slopeOf(node, (arg) => at(slope, arg))
      if (Number.isNaN(slope[id])) return null
      image[id] = id
      continue
    }
    const made = vectorNode(id, node)
    if (made === null) return null
    image[id] = made
    varying.push(made)
  }
  const vectorRoots = roots.map((id) => (flow.kind(id) === "index" ? id : spread(id)))
  const form = new Uint8Array(flow.nodes.length)
  for (const id of varying) form[id] = Form.varying
  for (const id of uniform) form[id] = Form.uniform
  const slopes = new Float64Array(flow.nodes.length)
  slopes.set(slope)
  return { roots: vectorRoots, form, slope: slopes }
}
