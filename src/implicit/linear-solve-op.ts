/**
 * linearSolve as an op: x with M x = b for a linear map M given as a graph.
 *
 * Derivative. From M x = b: M x' = b' - M' x, a solve with the same operator.
 * Transpose. x = M^-1 b is linear in b, so its transpose solves with the transposed operator: b-bar = M^-T x-bar.
 * Everything else (reverse mode, second order, vmap) follows from these.
 */
import {
  type AnyTensor,
  apply,
  asBatched,
  batchBody,
  bodyOf,
  type Choices,
  defineOp,
  type Graph,
  harvestGraph,
  inputTypes,
  jvpGraph,
  type Op,
  outputTypes,
  sameType,
  showType,
  sizeOf,
  type Tangent,
  type Tensor,
  type TensorType,
  TraceError,
  zerosOf,
} from "../core/index.js"
import { add, full, mul, neg, sub, sum, tuples } from "../ops/index.js"
import { lowerLinearSolve } from "./linear-solve-lower.js"
import { type LinearSolveParams, onColumns, operatorOnColumns, transposedGraph, transposedOperator } from "./linear-solve-params.js"
import { transposedStructure } from "./spec/index.js"
import { bothNames, derivativeSite, linearEmission, worstRow } from "./status.js"

const leavesOf = (p: LinearSolveParams): number => p.operator.outputs.length - p.emitted

/** Outputs beside the solution: status, residual, evaluations, condition. */
const TOLD = 4

/** Numbers in one row of the state. */
const unknownsOf = (p: LinearSolveParams): number =>
  outputTypes(p.operator)
    .slice(0, leavesOf(p))
    .reduce((total, { shape }) => total + sizeOf(shape.slice(p.rows)), 0)

const solve = (p: LinearSolveParams, constants: readonly AnyTensor[], b: readonly AnyTensor[]): readonly AnyTensor[] =>
  apply(linearSolveOp, p, [...constants, ...b]).slice(0, leavesOf(p))

export const linearSolveOp: Op<LinearSolveParams> = defineOp<LinearSolveParams>({
  name: "linearSolve",
  type: (p, inputs) => {
    const b = inputs.slice(p.constants)
    const taken = inputTypes(p.operator)
    const odd = inputs.slice(0, p.constants).findIndex((t, i) => !sameType(t, taken[i] as TensorType))
    if (odd >= 0)
      throw new TraceError(
        `linearSolve: constant ${odd} is ${showType(inputs[odd] as TensorType)}, the operator takes ${showType(taken[odd] as TensorType)}`,
      )
    const made = outputTypes(p.operator).slice(0, leavesOf(p))
    const onColumns = (t: TensorType): TensorType => ({ elem: t.elem, shape: [...p.columns, ...t.shape] })
    b.forEach((t, i) => {
      const expected = onColumns(made[i] as TensorType)
      if (!sameType(t, expected))
        throw new TraceError(`linearSolve: the right side is ${showType(t)}, the operator gives ${showType(expected)}; it has to be square`)
    })
    const rows = (b[0] as TensorType).shape.slice(0, p.columns.length + p.rows)
    return [...b, ...[0, 1, 2, 3].map(() => ({ elem: "float" as const, shape: rows })), ...outputTypes(p.operator).slice(leavesOf(p))]
  },
  jvp: (p, inputs, outputs, tangents) => {
    const n = leavesOf(p)
    const [constants, b] = [inputs.slice(0, p.constants), inputs.slice(p.constants)]
    const x = outputs.slice(0, n)
    const moved = tangents.slice(0, p.constants)
    // M' x
    const through: readonly Tangent[] = moved.every((t) => t === null)
      ? x.map(() => null)
      : jvpGraph(
          operatorOnColumns(p),
          [...constants.map((primal, i) => ({ primal, tangent: moved[i] ?? null })), ...x.map((primal) => ({ primal, tangent: null }))],
          "linear",
        ).map((d) => d.tangent)
    const right = b.map((t, i) => {
      const [db, mx] = [tangents[p.constants + i] ?? null, through[i] ?? null]
      return mx === null ? (db ?? zerosOf(t.type)) : db === null ? neg(mx as Tensor) : sub(db as Tensor, mx as Tensor)
    })
    return [...solve({ ...p, site: derivativeSite(p.site) }, constants, right), ...outputs.slice(n).map(() => null)]
  },
  transpose: (p, inputs, linear, cotangents) => {
    if (linear.slice(0, p.constants).some(Boolean))
      throw new TraceError(
        "linearSolve: its transpose met an operator that depends on the linear inputs; this is a fault of a derivative rule",
      )
    const constants = inputs.slice(0, p.constants)
    const b = inputs.slice(p.constants)
    const cts = b.map((t, i) => cotangents[i] ?? zerosOf(t.type))
    return [
      ...constants.map(() => null),
      ...solve(
        {
          ...p,
          operator: transposedOperator(p),
          start: p.start === null ? null : { ...p.start, graph: transposedGraph(p.start.graph, p.constants, leavesOf(p)) },
          structure: transposedStructure(p.structure),
          emitted: 0,
          site: derivativeSite(p.site),
        },
        constants,
        cts,
      ),
    ]
  },
  batch: (p, inputs, batched, size) => {
    const shared = !batched.slice(0, p.constants).some(Boolean)
    const constants = inputs.slice(0, p.constants)
    const b = inputs.slice(p.constants).map((value, i) => asBatched({ value, batched: batched[p.constants + i] as boolean }, size))
    const onRows = (graph: Graph): Graph =>
      batchBody("linearSolve", onColumns(graph, p), [...batched.slice(0, p.constants), ...b.map(() => true)], size, "all").graph
    // Only right sides: one more axis of columns, and one factorisation serves them all.
    const made: LinearSolveParams = shared
      ? { ...p, columns: [size, ...p.columns] }
      : {
          ...p,
          columns: [],
          rows: p.rows + p.columns.length + 1,
          operator: onRows(p.operator),
          start: p.start === null ? null : { ...p.start, graph: onRows(p.start.graph) },
        }
    const outputs = apply(linearSolveOp, made, [...constants, ...b])
    return { outputs, batched: outputs.map((_, i) => i < leavesOf(p) + TOLD || !shared) }
  },
  harvest: (p) => {
    const { graph, emissions } = harvestGraph(p.operator)
    const n = leavesOf(p)
    const made: LinearSolveParams = { ...p, operator: graph, emitted: graph.outputs.length - n }
    return {
      emissions: [linearEmission(p.site, p.policy), ...emissions],
      apply: (inputs) => {
        const outs = apply(linearSolveOp, made, inputs)
        const told = [...worstRow(outs.slice(n, n + TOLD)), full([], unknownsOf(p))]
        return { outputs: outs.slice(0, n + TOLD), emitted: [told, ...tuples(emissions, outs.slice(n + TOLD))] }
      },
    }
  },
  lower: (p, inputs) => ({ t: "graph", graph: lowerLinearSolve(p, inputs) }),
  cheap: false,
  // status, residual, evaluations, condition, and what the operator emits
  constant: (p, output) => output >= leavesOf(p),
  identity: ({ site: _site, ...rest }) => rest,
  unite: (a, b) => ({ ...a, site: bothNames(a.site, b.site) }),
  example: (choose: Choices) => {
    const v: TensorType = { elem: "float", shape: [choose.int(1, 3)] }
    // x + c (c x) / 20 + c sum(x) / 50: well-conditioned whatever c is, and not symmetric, so that a transposition counts
    const operator = bodyOf("linearSolve", [v, v], ([c, x]) => [
      add(add(x as Tensor, mul(mul(c as Tensor, 0.05), mul(c as Tensor, x as Tensor))), mul(mul(c as Tensor, 0.02), sum(x as Tensor))),
    ])
    return {
      params: {
        operator,
        start: null,
        constants: 1,
        columns: [],
        rows: 0,
        solver: { _tag: "dense" },
        structure: "general",
        policy: "reject",
        site: "example",
        emitted: 0,
      },
      inputs: [v, v],
      domains: [{ t: "real" }, { t: "real" }],
    }
  },
})
