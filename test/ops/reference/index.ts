/** The references of all ops, and how a graph is run by them. */
import type { AnyOp, Graph, TensorType } from "../../../src/core/index.js"
import { conv, einsum } from "./contract.js"
import { control } from "./control.js"
import { arithmetic, cast, compare, elementary, functions } from "./elementwise.js"
import { gather } from "./gather.js"
import { linalg } from "./linalg.js"
import { type Nd, nd } from "./nd.js"
import { random } from "./random.js"
import type { References } from "./reference.js"
import { constants, movement, reduce } from "./shape.js"
import { solve } from "./solve.js"
import { sort } from "./sort.js"
import { window } from "./window.js"

export const references: References = {
  ...arithmetic,
  ...cast,
  ...compare,
  ...constants,
  ...control,
  ...conv,
  ...einsum,
  ...elementary,
  ...functions,
  ...gather,
  ...linalg,
  ...movement,
  ...random,
  ...reduce,
  ...solve,
  ...sort,
  ...window,
}

const applyReference = (name: string, params: unknown, inputs: readonly Nd[]): readonly (Nd | undefined)[] => {
  const reference = references[name]
  if (reference === undefined) throw new Error(`the op "${name}" has no reference in test/ops/reference: write one, by plain loops`)
  return reference(params, inputs, (body, args) => runReference(body as Graph, args))
}

/** A graph, equation by equation, each by its reference. */
export const runReference = (graph: Graph, inputs: readonly Nd[]): readonly Nd[] => {
  const env: Nd[] = inputs.slice()
  for (const e of graph.equations) {
    const outputs = applyReference(
      e.op.name,
      e.params,
      e.inputs.map((v) => env[v] as Nd),
    )
    e.outputs.forEach((v, i) => {
      env[v] = outputs[i] as Nd
    })
  }
  return graph.outputs.map((v) => env[v] as Nd)
}

/** One application of an op on data. */
export const referenceOf = (op: AnyOp, params: unknown, types: readonly TensorType[], x: readonly Float64Array[]) =>
  applyReference(
    op.name,
    params,
    types.map((t, i) => nd(t, x[i] as Float64Array)),
  )
