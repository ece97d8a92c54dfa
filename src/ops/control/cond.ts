/** cond: one of two branches. Only the branch taken runs, also in every derivative. */
import {
  type AnyTensor,
  apply,
  bodyOf,
  type Choices,
  type Closed,
  closeBody,
  defineOp,
  flatten,
  inline,
  inputTypes,
  isTensor,
  type Op,
  outputTypes,
  type Structure,
  sameStructure,
  sameType,
  showStructure,
  showType,
  type Tensor,
  type TensorType,
  TraceError,
  unflatten,
} from "../../core/index.js"
import { batchCond } from "./cond-batch.js"
import { dualCond, splitCond, transposeCond } from "./cond-derivative.js"
import { harvestCond } from "./cond-harvest.js"
import type { CondParams } from "./cond-params.js"
import { lowerRowCond } from "./cond-rows.js"
import { exampleBody } from "./example-body.js"

export const condOp: Op<CondParams> = defineOp<CondParams>({
  name: "cond",
  type: ({ rows, whenTrue, whenFalse }, [p, ...operands]) => {
    const predicate = p as TensorType
    if (predicate.elem !== "bool" || predicate.shape.length !== rows)
      throw new TraceError(
        `cond: expected a bool ${rows === 0 ? "scalar" : `predicate with ${rows} row axes`}, found ${showType(predicate)}`,
      )
    const expected = inputTypes(whenTrue)
    operands.forEach((t, i) => {
      if (!sameType(t, expected[i] as TensorType))
        throw new TraceError(`cond: operand ${i} is ${showType(t)}, its branches take ${showType(expected[i] as TensorType)}`)
    })
    const [yes, no] = [outputTypes(whenTrue), outputTypes(whenFalse)]
    yes.forEach((t, i) => {
      if (!sameType(t, no[i] as TensorType))
        throw new TraceError(`cond: branches differ: ${showType(t)} and ${showType(no[i] as TensorType)}`)
    })
    return yes
  },
  jvp: (params, inputs, _outputs, tangents) => dualCond(condOp, params, inputs, tangents).tangents,
  dual: (params, inputs, tangents) => dualCond(condOp, params, inputs, tangents),
  split: (params, inputs, active) => splitCond(condOp, params, inputs, active),
  transpose: (params, inputs, linear, cotangents) => transposeCond(condOp, params, inputs, linear, cotangents),
  batch: (params, inputs, batched, size) => batchCond(condOp, params, inputs, batched, size),
  harvest: (params) => harvestCond(condOp, params),
  lower: (params, inputs) =>
    params.rows === 0
      ? { t: "cond", whenTrue: params.whenTrue, whenFalse: params.whenFalse }
      : { t: "graph", graph: lowerRowCond(params, inputs, cond) },
  cheap: false,
  example: (choose: Choices) => {
    const t: TensorType = { elem: "float", shape: choose.shape(1) }
    const branch = () => {
      const f = exampleBody(choose)
      return bodyOf("cond", [t, t, t], (args) => [f(args as readonly [AnyTensor, AnyTensor, AnyTensor])])
    }
    const operand = { rows: 0, mask: false }
    return {
      params: { rows: 0, operands: [operand, operand, operand], outputs: [0], whenTrue: branch(), whenFalse: branch() },
      inputs: [{ elem: "bool", shape: [] }, t, t, t],
      domains: [{ t: "bool" }, { t: "real" }, { t: "real" }, { t: "real" }],
    }
  },
})

/**
 * `whenTrue()` where the predicate holds, else `whenFalse()`. Both are traced, one runs: what stands inside a branch is
 * computed (and differentiated) only when it is taken. Under `vmap` with a predicate of its own for each row, a branch that no
 * row takes does not run, and rows that don't take it add nothing to it.
 *
 * @example
 * cond(greater(x, 0), () => log(x), () => zerosLike(x))
 */
export const cond = <O>(predicate: Tensor<[], "bool">, whenTrue: () => O, whenFalse: () => NoInfer<O>): O => {
  if (!isTensor(predicate) || predicate.type.elem !== "bool" || predicate.shape.length !== 0)
    throw new TraceError(
      `cond: the predicate must be a bool scalar, found ${isTensor(predicate) ? showType(predicate.type) : typeof predicate}; reduce it with any or all, or choose element by element with where`,
    )
  const results: Structure[] = []
  const close = (f: () => unknown): Closed =>
    closeBody("cond", [], () => {
      const out = flatten("cond: a branch's result", f())
      results.push(out.structure)
      return out.leaves
    })
  const [yes, no] = [close(whenTrue), close(whenFalse)]
  const [a, b] = results as [Structure, Structure]
  if (!sameStructure(a, b)) throw new TraceError(`cond: branches return different structures: ${showStructure(a)} and ${showStructure(b)}`)
  const operands = [...new Set([...yes.captured, ...no.captured])]
  const over = ({ graph, captured }: Closed) => {
    const places = captured.map((t) => operands.indexOf(t))
    return bodyOf(
      "cond",
      operands.map((t) => t.type),
      (args) =>
        inline(
          graph,
          places.map((i) => args[i] as AnyTensor),
        ),
    )
  }
  const params: CondParams = {
    rows: 0,
    operands: operands.map(() => ({ rows: 0, mask: false })),
    outputs: yes.graph.outputs.map(() => 0),
    whenTrue: over(yes),
    whenFalse: over(no),
  }
  return unflatten(a, apply(condOp, params, [predicate, ...operands])) as O
}
