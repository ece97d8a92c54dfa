/**
 * From a graph of the language to nodes of ONNX. What depends on no input is computed now, by the interpreter. Of the rest, an op with an
 * operator of its own in ONNX has a rule in `OWN`; every other is converted by its meaning, which its `lower` says, as on any target: a
 * graph of simpler ops, a loop or a branch (control.ts), or index notation (nests.ts). So no list of ops has to be kept complete, and a
 * user's op is exported like one of the library's.
 */
import {
  type Equation,
  type Graph,
  interpretEquation,
  type Lowering,
  madeAt,
  physicalShape,
  showType,
  type TensorType,
  typeOf,
} from "../../core/index.js"
import type { Builder, Value } from "./builder.js"
import { type Bodies, convertCond, convertScan, convertWhile } from "./control.js"
import { type ConvParams, convolution } from "./convolutions.js"
import { broadcastKnown, type Entry, fullValue, type KnownEntry, kindOf, knownEntry, numbersOf, operandOf, valueEntry } from "./entries.js"
import { nestValue } from "./nests.js"
import { NoCounterpart } from "./no-counterpart.js"
import { reshaped } from "./values.js"

/** An op that could not be converted. */
export class Unsayable extends Error {
  constructor(
    readonly op: string,
    readonly types: string,
    readonly at: string | null,
    reason: string,
  ) {
    super(reason)
  }
}

/** An op's operator, or null where it has none for these operands. The op's own type rule has checked its parameters. */
type Rule = (b: Builder, params: unknown, inputs: readonly Entry[], output: TensorType) => Value | null

/** Ops that have an operator of their own, which their meaning in index notation would not show. */
const OWN: Readonly<Record<string, Rule>> = {
  reshape: (b, _params, [x], output) => reshaped(b, fullValue(b, x as Entry), physicalShape(output)),
  conv: (b, params, [x, w]) => convolution(b, params as ConvParams, fullValue(b, x as Entry), fullValue(b, w as Entry)),
}

/** Names of ops that are converted by a rule of their own. */
export const ownRules: readonly string[] = Object.keys(OWN)

const NEVER = { cancelled: false }

/** The outputs of an equation none of whose inputs depends on an input of the model. */
const folded = (b: Builder, graph: Graph, e: Equation, inputs: readonly KnownEntry[], outputs: readonly TensorType[]): readonly Entry[] => {
  const [first] = outputs as readonly [TensorType]
  if (e.op.name === "broadcast") {
    const { dims } = e.params as { readonly dims: readonly number[] }
    return [broadcastKnown(inputs[0] as KnownEntry, first, dims)]
  }
  // the interpreter's is that of float64
  if (e.op.name === "epsilon") return [knownEntry(Float64Array.of(b.precision === "float32" ? 2 ** -23 : 2 ** -52), first)]
  return interpretEquation(graph, e, inputs.map(numbersOf), NEVER).map((data, i) => knownEntry(data, outputs[i] as TensorType))
}

const byMeaning = (bodies: Bodies, lowered: Lowering, inputs: readonly Entry[], outputs: readonly TensorType[]): readonly Entry[] => {
  const { b, convert } = bodies
  switch (lowered.t) {
    case "index": {
      const operands = inputs.map((entry) => operandOf(b, entry))
      return lowered.nests.map((nest, i) => {
        const type = outputs[i] as TensorType
        return valueEntry(nestValue({ b, operands, kind: kindOf(type) }, nest), type)
      })
    }
    case "graph":
      return convert(lowered.graph, inputs)
    case "region":
      return convert(lowered.body, inputs)
    case "routine":
      return convert(lowered.graph(), inputs)
    case "scan":
      return convertScan(bodies, lowered, inputs, outputs)
    case "while":
      return convertWhile(bodies, lowered, inputs, outputs)
    case "cond":
      return convertCond(bodies, lowered, inputs, outputs)
  }
}

const isKnown = (entry: Entry): entry is KnownEntry => entry.t === "known"

const convertEquation = (bodies: Bodies, graph: Graph, e: Equation, inputs: readonly Entry[]): readonly Entry[] => {
  const { b } = bodies
  const ins = e.inputs.map((v) => typeOf(graph, v))
  const outs = e.outputs.map((v) => typeOf(graph, v))
  if (inputs.every(isKnown)) return folded(b, graph, e, inputs, outs)
  const own = OWN[e.op.name]?.(b, e.params, inputs, outs[0] as TensorType) ?? null
  if (own !== null) return [valueEntry(own, outs[0] as TensorType)]
  // what a meaning is made of stands where the op does
  const lowered: Lowering = madeAt(e.line, () => e.op.lower(e.params, ins, outs))
  return byMeaning(bodies, lowered, inputs, outs)
}

const refused = (graph: Graph, { op, inputs, outputs, line }: Equation, reason: string): Unsayable => {
  const types = (list: readonly number[]) => list.map((v) => showType(typeOf(graph, v))).join(", ")
  return new Unsayable(op.name, `(${types(inputs)}) -> ${types(outputs)}`, line?.at ?? null, reason)
}

/**
 * Converts a graph applied to entries; what comes out are entries again.
 *
 * @throws Unsayable where ONNX can't say what an op means
 */
export const convertGraph = (b: Builder, graph: Graph, inputs: readonly Entry[]): readonly Entry[] => {
  const bodies: Bodies = { b, convert: (inner, given) => convertGraph(b, inner, given) }
  const env: Entry[] = inputs.slice()
  for (const e of graph.equations) {
    const given = e.inputs.map((v) => env[v] as Entry)
    try {
      const made = b.named(e.op.name, () => convertEquation(bodies, graph, e, given))
      e.outputs.forEach((v, i) => {
        env[v] = made[i] as Entry
      })
    } catch (error) {
      throw error instanceof NoCounterpart ? refused(graph, e, error.message) : error
    }
  }
  return graph.outputs.map((v) => env[v] as Entry)
}
