/** whileLoop: turns until a condition fails. Forward mode only: reverse mode would need every turn's carry, whose number is unknown. */
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
  sameStructure,
  sameType,
  showStructure,
  showType,
  type Tensor,
  type TensorType,
  TraceError,
  type TreeLike,
  unflatten,
} from "../../core/index.js"
import { add } from "../arithmetic.js"
import { less } from "../compare.js"
import { exampleBody } from "./example-body.js"
import { batchWhile } from "./while-batch.js"
import { dualWhile } from "./while-dual.js"
import { harvestWhile } from "./while-harvest.js"
import { cut, type WhileParams } from "./while-params.js"
import { lowerRowWhile } from "./while-rows.js"

export const whileOp: Op<WhileParams> = defineOp<WhileParams>({
  name: "while",
  type: (params, inputs) => {
    const { carry } = cut(params, inputs)
    const p = outputTypes(params.condition)[0] as TensorType
    if (p.elem !== "bool" || p.shape.length !== params.rows)
      throw new TraceError(
        `whileLoop: the condition must give a bool ${params.rows === 0 ? "scalar" : `with ${params.rows} row axes`}, found ${showType(p)}`,
      )
    const outputs = outputTypes(params.body)
    const taken = inputTypes(params.body)
    inputs.forEach((t, i) => {
      if (!sameType(t, taken[i] as TensorType))
        throw new TraceError(`whileLoop: input ${i} is ${showType(t)}, its body takes ${showType(taken[i] as TensorType)}`)
    })
    carry.forEach((t, i) => {
      if (!sameType(t, outputs[i] as TensorType))
        throw new TraceError(`whileLoop: carry ${i} goes in as ${showType(t)} and comes out as ${showType(outputs[i] as TensorType)}`)
    })
    return carry
  },
  jvp: (params, inputs, _outputs, tangents) => dualWhile(whileOp, params, inputs, tangents).tangents,
  dual: (params, inputs, tangents) => dualWhile(whileOp, params, inputs, tangents),
  // The loop itself is the known part; its tangents run the loop once more. There is no transpose.
  split: (params, inputs) => ({
    outputs: apply(whileOp, params, inputs),
    linear: (tangents) => dualWhile(whileOp, params, inputs, tangents).tangents,
  }),
  batch: (params, inputs, batched, size) => batchWhile(whileOp, params, inputs, batched, size),
  harvest: (params) => harvestWhile(whileOp, params),
  lower: (params, inputs) =>
    params.rows === 0
      ? { t: "while", constants: params.constants.length, condition: params.condition, body: params.body }
      : { t: "graph", graph: lowerRowWhile(params, inputs, whileTensors) },
  cheap: false,
  modes: "forward",
  example: (choose: Choices) => {
    const t: TensorType = { elem: "float", shape: choose.shape(1) }
    const counter: TensorType = { elem: "float", shape: [] }
    const step = exampleBody(choose)
    // the counter is a multiple of 1/16, its limit is none: a small step of the counter changes no number of turns
    const turns = choose.int(0, 3) + 1 / 32
    const types = [t, counter, t]
    return {
      params: {
        rows: 0,
        constants: [0],
        condition: bodyOf("whileLoop", types, ([, n]) => [less(n as Tensor, turns)]),
        body: bodyOf("whileLoop", types, ([c, n, x]) => [add(n as Tensor, 1), step([c as AnyTensor, x as AnyTensor, c as AnyTensor])]),
      },
      inputs: types,
      domains: [{ t: "real" }, { t: "positive" }, { t: "real" }],
    }
  },
})

const whileTensors = (
  condition: (carry: readonly AnyTensor[]) => Tensor<[], "bool">,
  body: (carry: readonly AnyTensor[]) => readonly AnyTensor[],
  init: readonly AnyTensor[],
): readonly AnyTensor[] => {
  const types = init.map((t) => t.type)
  const [test, turn] = [closeBody("whileLoop", types, (c) => [condition(c)]), closeBody("whileLoop", types, body)]
  const constants = [...new Set([...test.captured, ...turn.captured])]
  const over = ({ graph, captured }: Closed) => {
    const places = captured.map((t) => constants.indexOf(t))
    return bodyOf("whileLoop", [...constants.map((t) => t.type), ...types], (args) =>
      inline(graph, [...places.map((i) => args[i] as AnyTensor), ...args.slice(constants.length)]),
    )
  }
  return apply(whileOp, { rows: 0, constants: constants.map(() => 0), condition: over(test), body: over(turn) }, [...constants, ...init])
}

/**
 * Carries a tree through `body` as long as `condition` holds. The number of turns may depend on data. Forward mode works;
 * reverse mode is refused: use `scan` for a fixed length, `fixedPoint` for convergence. Under `vmap` finished rows are frozen.
 *
 * @example
 * whileLoop((x) => less(x, 100), (x) => mul(x, 2), 1) // 128
 */
export const whileLoop = <C>(condition: (carry: C) => Tensor<[], "bool">, body: (carry: C) => NoInfer<C>, init: C & TreeLike<C>): C => {
  const start = flatten("whileLoop: the initial carry", init)
  const tree = (leaves: readonly AnyTensor[]) => unflatten(start.structure, leaves) as C
  const outs = whileTensors(
    (leaves) => {
      const p = condition(tree(leaves))
      if (!isTensor(p) || p.type.elem !== "bool" || p.shape.length !== 0)
        throw new TraceError(
          `whileLoop: the condition must give a bool scalar, found ${isTensor(p) ? showType(p.type) : typeof p}; reduce it with any or all`,
        )
      return p
    },
    (leaves) => {
      const out = flatten("whileLoop: the carry that the body returns", body(tree(leaves)))
      if (!sameStructure(out.structure, start.structure))
        throw new TraceError(
          `whileLoop: the carry has the structure ${showStructure(start.structure)}, the body returned ${showStructure(out.structure)}`,
        )
      out.leaves.forEach((t, i) => {
        const before = (start.leaves[i] as AnyTensor).type
        if (!sameType(t.type, before))
          throw new TraceError(`whileLoop: carry${start.paths[i]} goes in as ${showType(before)} and comes out as ${showType(t.type)}`)
      })
      return out.leaves
    },
    start.leaves,
  )
  return tree(outs)
}
