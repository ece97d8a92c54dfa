/** Programs as they are written, for somebody else to run: their transforms and named functions stay equations, with bodies. */

import { type AnyOp, apply1, closeBody } from "../../src/core/index.js"
import { type AnyTensor, type Tensor, type TensorType, TraceError } from "../../src/index.js"
import type { Language, Params } from "../../src/laws/arbitraries/index.js"

interface Mark {
  readonly out: TensorType
  readonly params: Params
}

/** An op that has a name, parameters and a type, and no rule: nobody here may look into it. */
const markOf = (name: string): AnyOp => {
  const never = () => {
    throw new TraceError(`${name}: a program that is only written down has no rules`)
  }
  return { name, type: ({ out }: Mark) => [out], jvp: never, batch: never, lower: never, example: never, cheap: false }
}

const marks = new Map<string, AnyOp>()
const mark = (name: string, params: Params, out: TensorType, inputs: readonly AnyTensor[]): Tensor => {
  const op = marks.get(name) ?? markOf(name)
  marks.set(name, op)
  return apply1(op, { out, params }, inputs) as Tensor
}

/** "call NAME" with the function's parameters; "transform NAME" with a body, whose captured values come first. */
export const marked: Language = {
  call: (name, params, xs, build) => {
    const types = xs.map((x) => x.type)
    const { graph } = closeBody(name, types, (args) => [build(...(args as readonly Tensor[]))])
    return mark(`call ${name}`, params, graph.types[graph.outputs[0] as number] as TensorType, xs)
  },
  transform: (t, params, f, xs) => {
    const { graph, captured } = closeBody(t.name, [t.argument(xs, params)], ([x]) => [f(x as Tensor)])
    const body = graph.types[graph.outputs[0] as number] as TensorType
    const shape = t.shape(body.shape, xs, params)
    return mark(`transform ${t.name}`, { ...params, body: graph, captured: captured.length }, { elem: "float", shape }, [
      ...captured,
      ...xs,
    ])
  },
}
