/** scan: a loop of fixed length that carries values, reads rows and stacks results. */
import {
  type AnyTensor,
  apply,
  bodyOf,
  type Choices,
  closeBody,
  defineOp,
  flatten,
  inputTypes,
  type Op,
  outputTypes,
  type Structure,
  sameStructure,
  sameType,
  showStructure,
  showType,
  type TensorType,
  TraceError,
  type TreeLike,
  unflatten,
} from "../../core/index.js"
import type { RowCount, RowOf, RowsOf } from "../row-types.js"
import { exampleBody } from "./example-body.js"
import { batchScan } from "./scan-batch.js"
import { dualScan } from "./scan-dual.js"
import { harvestScan } from "./scan-harvest.js"
import { rowOf, rowsOf, type ScanParams, sections } from "./scan-params.js"
import { splitScan } from "./scan-split.js"
import { transposeScan } from "./scan-transpose.js"

export const scanOp: Op<ScanParams> = defineOp<ScanParams>({
  name: "scan",
  type: (params, inputs) => {
    const { carry, xs } = sections(params, inputs)
    const { body, length } = params
    xs.forEach((t) => {
      if (t.shape[0] !== length) throw new TraceError(`scan: expected ${length} rows, found ${showType(t)}`)
    })
    const taken = inputTypes(body)
    const given = [...inputs.slice(0, params.constants), ...carry, ...xs.map(rowOf)]
    given.forEach((t, i) => {
      if (!sameType(t, taken[i] as TensorType))
        throw new TraceError(`scan: input ${i} of its body is ${showType(t)}, the body takes ${showType(taken[i] as TensorType)}`)
    })
    const outputs = outputTypes(body)
    carry.forEach((t, i) => {
      if (!sameType(t, outputs[i] as TensorType))
        throw new TraceError(`scan: carry ${i} goes in as ${showType(t)} and comes out as ${showType(outputs[i] as TensorType)}`)
    })
    return [...carry, ...outputs.slice(carry.length).map((t) => rowsOf(t, length))]
  },
  jvp: (params, inputs, _outputs, tangents) => dualScan(scanOp, params, inputs, tangents).tangents,
  dual: (params, inputs, tangents) => dualScan(scanOp, params, inputs, tangents),
  split: (params, inputs, active) => splitScan(scanOp, params, inputs, active),
  transpose: (params, inputs, linear, cotangents) => transposeScan(scanOp, params, inputs, linear, cotangents),
  batch: (params, inputs, batched, size) => batchScan(scanOp, params, inputs, batched, size),
  harvest: (params) => harvestScan(scanOp, params),
  lower: ({ constants, carry, length, reverse, body }) => ({ t: "scan", constants, carry, length, reverse, body }),
  cheap: false,
  example: (choose: Choices) => {
    const carry: TensorType = { elem: "float", shape: choose.shape(1) }
    const length = choose.int(1, 3)
    const types = [carry, carry, carry]
    const step = exampleBody(choose)
    const body = bodyOf("scan", types, ([c, s, x]) => {
      const next = step([c as AnyTensor, s as AnyTensor, x as AnyTensor])
      return [next, step([next, x as AnyTensor, c as AnyTensor])]
    })
    return {
      params: { constants: 1, carry: 1, length, reverse: choose.bool(), body },
      inputs: [carry, carry, rowsOf(carry, length)],
      domains: [{ t: "real" }, { t: "real" }, { t: "real" }],
    }
  },
})

/** How many turns `scan` makes, and in which direction. */
export interface ScanOptions<L extends number = number> {
  /** Number of turns; needed only without rows to read. */
  readonly length?: L
  /** Walk the rows from last to first. Results are stacked in their rows' places. */
  readonly reverse?: boolean
}

/**
 * Carries a tree through `length` turns: `f(carry, x)` gives the next carry and a result, `x` is one row of `xs`, results are
 * stacked. Differentiable in both modes to every order; reverse mode stacks carries and costly results only.
 *
 * @example
 * scan((total, x) => [add(total, x), total], 0, tensor([1, 2, 3])) // [6, [0, 1, 3]]
 */
export const scan = <C, X, Y, const L extends number = number>(
  f: (carry: C, x: RowOf<X>) => readonly [NoInfer<C>, Y],
  init: C & TreeLike<C>,
  xs: X & TreeLike<X>,
  { length, reverse = false }: ScanOptions<L> = {},
): readonly [C, RowsOf<Y, RowCount<X, L>, 0>] => {
  const carry = flatten("scan: the initial carry", init)
  const rows = flatten("scan: the rows", xs)
  const lengths = rows.leaves.map((t) => t.shape[0])
  const n = length ?? lengths[0]
  if (n === undefined || lengths.some((l) => l !== n))
    throw new TraceError(
      `scan: rows have lengths ${lengths.join(", ") || "(none)"}${length === undefined ? "" : `, length says ${length}`}; all must agree, and without rows \`length\` must be given`,
    )
  let result: Structure = { t: "null" }
  const rowTypes = rows.leaves.map((t): TensorType => ({ elem: t.type.elem, shape: t.shape.slice(1) }))
  const { graph, captured } = closeBody("scan", [...carry.leaves.map((t) => t.type), ...rowTypes], (args) => {
    const out = f(
      unflatten(carry.structure, args.slice(0, carry.leaves.length)) as C,
      unflatten(rows.structure, args.slice(carry.leaves.length)) as RowOf<X>,
    )
    if (!Array.isArray(out) || out.length !== 2)
      throw new TraceError("scan: the function must return a pair [carry, result]; the result may be null")
    const next = flatten("scan: the carry that the function returns", out[0])
    if (!sameStructure(next.structure, carry.structure))
      throw new TraceError(
        `scan: the carry has the structure ${showStructure(carry.structure)}, the function returned ${showStructure(next.structure)}`,
      )
    next.leaves.forEach((t, i) => {
      const before = (carry.leaves[i] as AnyTensor).type
      if (!sameType(t.type, before))
        throw new TraceError(`scan: carry${carry.paths[i]} goes in as ${showType(before)} and comes out as ${showType(t.type)}`)
    })
    const ys = flatten("scan: the result that the function returns", out[1])
    result = ys.structure
    return [...next.leaves, ...ys.leaves]
  })
  const outputs = apply(scanOp, { constants: captured.length, carry: carry.leaves.length, length: n, reverse, body: graph }, [
    ...captured,
    ...carry.leaves,
    ...rows.leaves,
  ])
  return [
    unflatten(carry.structure, outputs.slice(0, carry.leaves.length)) as C,
    unflatten(result, outputs.slice(carry.leaves.length)) as RowsOf<Y, RowCount<X, L>, 0>,
  ]
}
