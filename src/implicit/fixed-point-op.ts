/**
 * fixedPoint as an op: z* with z* = f(z*, theta).
 *
 * Derivative (implicit function theorem). With A = df/dz and B = df/dtheta at z*, differentiating z* = f(z*, theta) gives
 * (I - A) z' = B theta': one linear solve, whose operator is the linear half of f at z* with its residuals captured, so that no
 * product computes f again. It is written with the differentiable op linearSolve at the differentiable output z*; transposition
 * and every higher order follow. The initial state has no influence: its tangent is zero.
 */
import {
  type AnyTensor,
  apply,
  asBatched,
  batchBody,
  bodyOf,
  type Choices,
  closeLinear,
  defineOp,
  harvestGraph,
  inline,
  jvpGraph,
  linearizeGraph,
  type Op,
  outputTypes,
  sameType,
  showType,
  type Tensor,
  type TensorType,
  TraceError,
  zerosOf,
} from "../core/index.js"
import { mul, pick, place, sub, tanh, tuples } from "../ops/index.js"
import { picard } from "./constructors.js"
import { lowerFixedPoint } from "./fixed-point-lower.js"
import type { FixedPointParams } from "./fixed-point-params.js"
import { linearSolveOp } from "./linear-solve-op.js"
import { solveEmission, worstRow } from "./status.js"

const leavesOf = (p: FixedPointParams): number => p.f.outputs.length - p.emitted

export const fixedPointOp: Op<FixedPointParams> = defineOp<FixedPointParams>({
  name: "fixedPoint",
  type: (p, inputs) => {
    const init = inputs.slice(p.constants)
    const made = outputTypes(p.f)
    init.forEach((t, i) => {
      if (!sameType(t, made[i] as TensorType))
        throw new TraceError(`fixedPoint: the state goes in as ${showType(t)} and comes out as ${showType(made[i] as TensorType)}`)
    })
    const rows = (init[0] as TensorType).shape.slice(0, p.rows)
    return [...init, ...[0, 1, 2].map(() => ({ elem: "float" as const, shape: rows })), ...made.slice(leavesOf(p))]
  },
  jvp: (p, inputs, outputs, tangents) => {
    const n = leavesOf(p)
    const none = outputs.map(() => null)
    const moved = tangents.slice(0, p.constants)
    if (moved.every((t) => t === null)) return none
    const { adjoint } = p.solver
    if (adjoint._tag !== "exact")
      throw new TraceError(
        `fixedPoint: the adjoint ${adjoint._tag} does not go through the implicit function theorem; this is a fault of the library`,
      )
    const constants = inputs.slice(0, p.constants)
    const z = outputs.slice(0, n)
    const right = jvpGraph(
      p.f,
      [...constants.map((primal, i) => ({ primal, tangent: moved[i] ?? null })), ...z.map((primal) => ({ primal, tangent: null }))],
      "linear",
    ).slice(0, n)
    if (right.every((d) => d.tangent === null)) return none
    const b = right.map((d) => d.tangent ?? zerosOf(d.primal.type))
    const found = solveImplicit(p, constants, z, b)
    return [...found, ...none.slice(n)]
  },
  batch: (p, inputs, batched, size) => {
    const init = inputs.slice(p.constants)
    const made = batchBody("fixedPoint", p.f, [...batched.slice(0, p.constants), ...init.map(() => true)], size, "all")
    const outputs = apply(fixedPointOp, { ...p, f: made.graph, rows: p.rows + 1 }, [
      ...inputs.slice(0, p.constants),
      ...init.map((value, i) => asBatched({ value, batched: batched[p.constants + i] as boolean }, size)),
    ])
    return { outputs, batched: outputs.map(() => true) }
  },
  harvest: (p) => {
    const { graph, emissions } = harvestGraph(p.f)
    const n = leavesOf(p)
    const made: FixedPointParams = { ...p, f: graph, emitted: graph.outputs.length - n }
    return {
      emissions: [solveEmission(p.site, p.solver.onFailure), ...emissions],
      apply: (inputs) => {
        const outs = apply(fixedPointOp, made, inputs)
        return { outputs: outs.slice(0, n + 3), emitted: [worstRow(outs.slice(n, n + 3)), ...tuples(emissions, outs.slice(n + 3))] }
      },
    }
  },
  lower: (p, inputs) => ({ t: "graph", graph: lowerFixedPoint(p, inputs) }),
  cheap: false,
  identity: ({ site: _site, ...rest }) => rest,
  example: (choose: Choices) => {
    const v: TensorType = { elem: "float", shape: [choose.int(1, 3)] }
    const f = bodyOf("fixedPoint", [v, v], ([c, z]) => [tanh(sub(c as Tensor, mul(z as Tensor, 0.4)))])
    return {
      params: { f, constants: 1, rows: 0, solver: picard(), site: "example", emitted: 0 },
      inputs: [v, v],
      domains: [{ t: "real" }, { t: "real" }],
    }
  },
})

/** x with (I - A) x = b, A = df/dz at z. */
const solveImplicit = (
  p: FixedPointParams,
  constants: readonly AnyTensor[],
  z: readonly AnyTensor[],
  b: readonly AnyTensor[],
): readonly AnyTensor[] => {
  const n = z.length
  const active = z.map((t) => t.type.elem === "float")
  const lin = linearizeGraph("fixedPoint", p.f, [...constants, ...z], [...constants.map(() => false), ...active])
  const tangents = lin.tangents.slice(0, n)
  const half = closeLinear({ leaves: lin.leaves, tangents })
  const live = tangents.map((t) => t !== null)
  const types = pick(z, active).map((t) => t.type)
  const operator = bodyOf("fixedPoint", [...half.captured.map((t) => t.type), ...types], (args) => {
    const v = args.slice(half.captured.length)
    const moved = place(inline(half.graph, args), live, null)
    return pick(moved, active).map((t, i) => (t === null ? (v[i] as AnyTensor) : sub(v[i] as Tensor, t as Tensor)))
  })
  const linear = p.solver.adjoint._tag === "exact" ? p.solver.adjoint.linear : ({ _tag: "auto" } as const)
  const x = apply(
    linearSolveOp,
    {
      operator,
      constants: half.captured.length,
      columns: [],
      rows: p.rows,
      solver: linear,
      policy: p.solver.onFailure === "reject" ? "reject" : "useBest",
      site: `${p.site}'`,
      emitted: 0,
    },
    [...half.captured, ...pick(b, active)],
  ).slice(0, types.length)
  return place(x, active, null) as readonly AnyTensor[]
}
