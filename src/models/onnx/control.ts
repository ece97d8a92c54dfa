/** Loops and branches as `Loop` and `If`: their bodies see what stands around them, so only what changes is carried. */
import { type Graph, type Lowering, physicalShape, type TensorType } from "../../core/index.js"
import { type Builder, type Made, scalar, type Value } from "./builder.js"
import { type Entry, fullValue, kindOf, knownEntry, operandOf, valueEntry } from "./entries.js"
import { pointwiseNode, reshaped, sliced } from "./values.js"

type Of<T extends Lowering["t"]> = Extract<Lowering, { readonly t: T }>

/** What converts a body. */
export interface Bodies {
  readonly b: Builder
  readonly convert: (graph: Graph, inputs: readonly Entry[]) => readonly Entry[]
}

const madeOf = (type: TensorType): Made => ({ kind: kindOf(type), shape: physicalShape(type) })
const FLAG: Made = { kind: "bool", shape: [] }
const TURN: Made = { kind: "int", shape: [] }

/** Row `turn` of stacked values. */
const rowOf = (b: Builder, entry: Entry, turn: Value): Entry => {
  const { value, shape } = operandOf(b, entry)
  const rest = value.shape.slice(1)
  // rows that are all the same are one
  const row =
    value.shape[0] === 1 ? reshaped(b, value, rest) : b.node("Gather", [value, turn], { kind: value.kind, shape: rest }, { axis: 0 })
  return { t: "value", value: row, shape: shape.slice(1) }
}

/** A loop of known length: carries, then what each turn stacks. */
export const convertScan = (
  { b, convert }: Bodies,
  s: Of<"scan">,
  inputs: readonly Entry[],
  outputs: readonly TensorType[],
): readonly Entry[] => {
  const { constants, carry, length, reverse, body } = s
  const [fixed, init, slabs] = [inputs.slice(0, constants), inputs.slice(constants, constants + carry), inputs.slice(constants + carry)]
  const carried = outputs.slice(0, carry)
  if (length === 0) return [...init, ...outputs.slice(carry).map((type) => knownEntry(new Float64Array(0), type))]
  const graph = b.scope("body", [TURN, FLAG, ...carried.map(madeOf)], ([turn, going, ...now]) => {
    const row = reverse ? pointwiseNode(b, "Sub", [scalar(b, "int", length - 1), turn as Value], "int") : (turn as Value)
    const rows = slabs.map((slab) => rowOf(b, slab, row))
    const next = convert(body, [...fixed, ...now.map((v, i) => valueEntry(v, carried[i] as TensorType)), ...rows])
    return [going as Value, ...next.map((entry) => fullValue(b, entry))]
  })
  const start = init.map((entry) => fullValue(b, entry))
  const made = b.here("Loop", [scalar(b, "int", length), scalar(b, "bool", 1), ...start], outputs.map(madeOf), { body: graph })
  return made.map((value, i) =>
    valueEntry(i >= carry && reverse ? sliced(b, value, 0, length - 1, length, -1) : value, outputs[i] as TensorType),
  )
}

/** A loop as long as a condition of its carries holds. */
export const convertWhile = (
  { b, convert }: Bodies,
  w: Of<"while">,
  inputs: readonly Entry[],
  outputs: readonly TensorType[],
): readonly Entry[] => {
  const [fixed, init] = [inputs.slice(0, w.constants), inputs.slice(w.constants)]
  const goesOn = (carry: readonly Entry[]): Entry => convert(w.condition, [...fixed, ...carry])[0] as Entry
  const first = goesOn(init)
  if (first.t === "known" && first.data[0] === 0) return init
  const graph = b.scope("body", [TURN, FLAG, ...outputs.map(madeOf)], ([_turn, _going, ...now]) => {
    const next = convert(w.body, [...fixed, ...now.map((v, i) => valueEntry(v, outputs[i] as TensorType))])
    return [fullValue(b, goesOn(next)), ...next.map((entry) => fullValue(b, entry))]
  })
  const start = init.map((entry) => fullValue(b, entry))
  const made = b.here("Loop", [null, fullValue(b, first), ...start], outputs.map(madeOf), { body: graph })
  return made.map((value, i) => valueEntry(value, outputs[i] as TensorType))
}

/** One of two branches. */
export const convertCond = (
  { b, convert }: Bodies,
  c: Of<"cond">,
  inputs: readonly Entry[],
  outputs: readonly TensorType[],
): readonly Entry[] => {
  const [predicate, ...operands] = inputs as readonly [Entry, ...Entry[]]
  if (predicate.t === "known") return convert(predicate.data[0] === 0 ? c.whenFalse : c.whenTrue, operands)
  const branch = (graph: Graph) => b.scope("branch", [], () => convert(graph, operands).map((entry) => fullValue(b, entry)))
  const attributes = { then_branch: branch(c.whenTrue), else_branch: branch(c.whenFalse) }
  const made = b.here("If", [fullValue(b, predicate)], outputs.map(madeOf), attributes)
  return made.map((value, i) => valueEntry(value, outputs[i] as TensorType))
}
