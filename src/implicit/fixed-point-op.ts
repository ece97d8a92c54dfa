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
  inputTypes,
  jvpGraph,
  linearizeGraph,
  type Op,
  outputTypes,
  sameType,
  showType,
  type Tangent,
  type Tensor,
  type TensorType,
  TraceError,
  zerosOf,
} from "../core/index.js"
import { add, cast, condOnRows, finite, iota, mean, mul, pick, place, sub, tanh, tuples } from "../ops/index.js"
import { pairsOf, shineTangent } from "./adjoints/index.js"
import { auto, picard } from "./constructors/index.js"
import { lowerFixedPoint } from "./fixed-point-lower.js"
import { type FixedPointParams, leavesOf, memoryOf, memoryTypes, partsOfInputs, toldTypes } from "./fixed-point-params.js"
import { linearSolveOp } from "./linear-solve-op.js"
import type { LinearStart } from "./linear-solve-params.js"
import { bothNames, derivativeSite, solveEmission, worstRow } from "./status.js"

export const fixedPointOp: Op<FixedPointParams> = defineOp<FixedPointParams>({
  name: "fixedPoint",
  type: (p, inputs) => {
    const { constants, init, earlier } = partsOfInputs(p, inputs)
    const taken = inputTypes(p.f)
    const odd = [...constants, ...init].findIndex((t, i) => !sameType(t, taken[i] as TensorType))
    if (odd >= 0)
      throw new TraceError(
        `fixedPoint: input ${odd} is ${showType(inputs[odd] as TensorType)}, the function takes ${showType(taken[odd] as TensorType)}`,
      )
    const made = outputTypes(p.f)
    init.forEach((t, i) => {
      if (!sameType(t, made[i] as TensorType))
        throw new TraceError(`fixedPoint: the state goes in as ${showType(t)} and comes out as ${showType(made[i] as TensorType)}`)
    })
    const resumed = p.resumes ? [...init, ...memoryTypes(p, init)] : []
    if (earlier.length !== resumed.length || !resumed.every((t, i) => sameType(t, earlier[i] as TensorType)))
      throw new TraceError("fixedPoint: what it begins from is not the end of a solve of this state by this solver")
    return [...init, ...toldTypes(p, init), ...made.slice(leavesOf(p))]
  },
  jvp: (p, inputs, outputs, tangents) => {
    const n = leavesOf(p)
    const none = outputs.map(() => null)
    const moved = tangents.slice(0, p.constants.length)
    if (moved.every((t) => t === null)) return none
    const { adjoint } = p.solver
    if (adjoint._tag !== "exact" && adjoint._tag !== "shine")
      throw new TraceError(
        `fixedPoint: the adjoint ${adjoint._tag} does not go through the implicit function theorem; this is a fault of the library`,
      )
    const constants = inputs.slice(0, p.constants.length)
    const z = outputs.slice(0, n)
    const at: Solution = { z, pairs: adjoint._tag === "shine" ? pairsOf(p.solver.method, memoryOf(p, outputs)) : [] }
    const found =
      p.solver.onFailure === "useBest" ? whereFinite(p, constants, at, outputs[n + 1] as Tensor, moved) : implicit(p, constants, at, moved)
    return [...(found ?? none.slice(0, n)), ...none.slice(n)]
  },
  batch: (p, inputs, batched, size) => {
    const count = p.constants.length
    const { constants, init, earlier } = partsOfInputs(p, inputs)
    // Where rows are copied for one another, a constant that carries rows must carry the new axis too: rows are axes in front.
    const flags = p.constants.map((rows, i) => (batched[i] as boolean) || (rows > 0 && p.solver.onFailure === "useBest"))
    const made = batchBody("fixedPoint", p.f, [...flags, ...init.map(() => true)], size, "all")
    const outputs = apply(
      fixedPointOp,
      { ...p, f: made.graph, constants: p.constants.map((rows, i) => (flags[i] ? rows + 1 : rows)), rows: p.rows + 1 },
      [
        ...constants.map((value, i) => (flags[i] ? asBatched({ value, batched: batched[i] as boolean }, size) : value)),
        ...[...init, ...earlier].map((value, i) => asBatched({ value, batched: batched[count + i] as boolean }, size)),
      ],
    )
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
        const told = outs.length - made.emitted
        return { outputs: outs.slice(0, told), emitted: [worstRow(outs.slice(n, n + 3)), ...tuples(emissions, outs.slice(told))] }
      },
    }
  },
  lower: (p, inputs) => ({ t: "graph", graph: lowerFixedPoint(p, inputs) }),
  cheap: false,
  // status, residual, evaluations, trace, memory, and what f emits
  constant: (p, output) => output >= leavesOf(p),
  identity: ({ site: _site, solver: { name: _name, ...solver }, ...rest }) => ({ ...rest, solver }),
  unite: (a, b) => ({ ...a, site: bothNames(a.site, b.site) }),
  example: (choose: Choices) => {
    const n = choose.int(1, 3)
    const v: TensorType = { elem: "float", shape: [n] }
    // tanh(c - (z + ramp mean(z)) / 5), ramp below 1: contracts by 0.4, and its Jacobian is not symmetric, so that a transposition counts
    const f = bodyOf("fixedPoint", [v, v], ([c, z]) => {
      const ramp = mul(cast(iota(n), "float"), 1 / n)
      return [tanh(sub(c as Tensor, mul(add(z as Tensor, mul(ramp, mean(z as Tensor))), 0.2)))]
    })
    return {
      params: { f, constants: [0], rows: 0, solver: picard(), site: "example", emitted: 0 },
      inputs: [v, v],
      domains: [{ t: "real" }, { t: "real" }],
      // |f| < 1, and a residual of eps^(2/3), at which it stops, is an error of that over 1 - 0.4
      accuracy: Number.EPSILON ** (2 / 3) / (1 - 0.4),
    }
  },
})

/** Where the derivative is taken: the state, and what the solve kept for its adjoint. */
interface Solution {
  readonly z: readonly AnyTensor[]
  readonly pairs: readonly AnyTensor[]
}

/** z' with (I - A) z' = B theta', or null where f does not depend on what moves. */
const implicit = (
  p: FixedPointParams,
  constants: readonly AnyTensor[],
  at: Solution,
  moved: readonly Tangent[],
): readonly Tangent[] | null => {
  const { z, pairs } = at
  const right = jvpGraph(
    p.f,
    [...constants.map((primal, i) => ({ primal, tangent: moved[i] ?? null })), ...z.map((primal) => ({ primal, tangent: null }))],
    "linear",
  ).slice(0, z.length)
  if (right.every((d) => d.tangent === null)) return null
  const b = right.map((d) => d.tangent ?? zerosOf(d.primal.type))
  const { adjoint, method } = p.solver
  return adjoint._tag === "shine" && adjoint.guard === undefined
    ? shineTangent(method, pairs, b, p.rows)
    : solveImplicit(p, constants, at, b)
}

/**
 * `implicit` for a solve whose failures are used: a row without any finite iterate is constant, and computes on a copy of a finite
 * row's constants and state. Else its NaN, times a cotangent of zero, would reach the gradient of what the rows share.
 */
const whereFinite = (
  p: FixedPointParams,
  constants: readonly AnyTensor[],
  { z, pairs }: Solution,
  residual: Tensor,
  moved: readonly Tangent[],
): readonly Tangent[] | null => {
  const active = moved.map((t) => t !== null)
  let still = false
  const found = condOnRows(
    finite(residual),
    [
      ...constants.map((value, i) => ({ value, rows: p.constants[i] as number, mask: false })),
      ...[...z, ...pairs].map((value) => ({ value, rows: p.rows, mask: false })),
      ...moved.flatMap((t, i) => (t === null ? [] : [{ value: t, rows: p.constants[i] as number, mask: true }])),
    ],
    z.map(() => p.rows),
    (args) => {
      const [count, held] = [constants.length, constants.length + z.length]
      const state = args.slice(count, held)
      const kept = args.slice(held, held + pairs.length)
      const x = implicit(p, args.slice(0, count), { z: state, pairs: kept }, place(args.slice(held + pairs.length), active, null))
      still = x === null
      return state.map((t, i) => x?.[i] ?? zerosOf(t.type))
    },
    () => z.map((t) => zerosOf(t.type)),
  )
  return still ? null : found.map((t, i) => (z[i]?.type.elem === "float" ? t : null))
}

/** x with (I - A) x = b, A = df/dz at z. With pairs, what they give for x is where the solve starts, and the end where it is good enough. */
const solveImplicit = (
  p: FixedPointParams,
  constants: readonly AnyTensor[],
  { z, pairs }: Solution,
  b: readonly AnyTensor[],
): readonly AnyTensor[] => {
  const n = z.length
  const active = z.map((t) => t.type.elem === "float")
  const lin = linearizeGraph("fixedPoint", p.f, [...constants, ...z], [...constants.map(() => false), ...active])
  const tangents = lin.tangents.slice(0, n)
  const half = closeLinear({ leaves: lin.leaves, tangents })
  const live = tangents.map((t) => t !== null)
  const types = pick(z, active).map((t) => t.type)
  const known = [...pairs, ...half.captured]
  const inputs = [...known.map((t) => t.type), ...types]
  const operator = bodyOf("fixedPoint", inputs, (args) => {
    const v = args.slice(known.length)
    const moved = place(inline(half.graph, args.slice(pairs.length)), live, null)
    return pick(moved, active).map((t, i) => (t === null ? (v[i] as AnyTensor) : sub(v[i] as Tensor, t as Tensor)))
  })
  const { adjoint, method } = p.solver
  const [linear, structure = "general"] = adjoint._tag === "exact" ? [adjoint.linear, adjoint.structure] : [auto()]
  const start: LinearStart | null =
    adjoint._tag === "shine" && adjoint.guard !== undefined
      ? {
          graph: bodyOf("fixedPoint", inputs, (args) => shineTangent(method, args, args.slice(known.length), p.rows)),
          share: adjoint.guard,
        }
      : null
  const x = apply(
    linearSolveOp,
    {
      operator,
      start,
      constants: known.length,
      columns: [],
      rows: p.rows,
      solver: linear,
      structure,
      policy: p.solver.onFailure,
      site: derivativeSite(p.site),
      emitted: 0,
    },
    [...known, ...pick(b, active)],
  ).slice(0, types.length)
  return place(x, active, null) as readonly AnyTensor[]
}
