/** Derivatives of cond: a cond of the branches' derivatives, with the same predicate. */
import {
  type AnyTensor,
  apply,
  applyClosed,
  bodyOf,
  type Closed,
  closeBody,
  closeLinear,
  type Graph,
  inline,
  inputTypes,
  jvpGraph,
  linearizeGraph,
  type Op,
  outputTypes,
  placeholder,
  type Tangent,
  type TensorType,
  transposeDag,
  zerosOf,
} from "../../core/index.js"
import type { CondParams } from "./cond-params.js"
import { pick, place } from "./lists.js"
import { planResiduals, type Residuals } from "./residuals.js"

const masked = (rows: number) => ({ rows, mask: true })
const negate = (flags: readonly boolean[]) => flags.map((f) => !f)

/** Which outputs of either branch have tangents, given those of the operands. */
const activity = ({ whenTrue, whenFalse }: CondParams, active: readonly boolean[], mode: "jvp" | "linear"): readonly boolean[] => {
  const flags = (branch: Graph) => {
    let out: readonly boolean[] = []
    closeBody("cond", inputTypes(branch), (args) => {
      const duals = jvpGraph(
        branch,
        args.map((primal, i) => ({ primal, tangent: active[i] ? placeholder(primal.type, "cond") : null })),
        mode,
      )
      out = duals.map((d) => d.tangent !== null)
      return []
    })
    return out
  }
  const [yes, no] = [flags(whenTrue), flags(whenFalse)]
  return yes.map((f, i) => f || (no[i] as boolean))
}

/** Branches: (operands, operands') -> (outputs, outputs'). */
export const dualCond = (op: Op<CondParams>, params: CondParams, inputs: readonly AnyTensor[], tangents: readonly Tangent[]) => {
  const [predicate, ...operands] = inputs
  const ts = tangents.slice(1)
  const active = ts.map((t) => t !== null)
  const out = activity(params, active, "jvp")
  const moved = ts.filter((t) => t !== null)
  const dual = (branch: Graph) =>
    bodyOf("cond", [...inputTypes(branch), ...moved.map((t) => t.type)], (args) => {
      const given = place(args.slice(operands.length), active, null)
      const duals = jvpGraph(
        branch,
        operands.map((_, i) => ({ primal: args[i] as AnyTensor, tangent: given[i] ?? null })),
        "jvp",
      )
      return [...duals.map((d) => d.primal), ...pick(duals, out).map((d) => d.tangent ?? zerosOf(d.primal.type))]
    })
  const outs = apply(
    op,
    {
      rows: params.rows,
      operands: [...params.operands, ...pick(params.operands, active).map((o) => masked(o.rows))],
      outputs: [...params.outputs, ...pick(params.outputs, out)],
      whenTrue: dual(params.whenTrue),
      whenFalse: dual(params.whenFalse),
    },
    [predicate as AnyTensor, ...operands, ...moved],
  )
  const n = params.outputs.length
  return { outputs: outs.slice(0, n), tangents: place(outs.slice(n), out, null) }
}

interface Half {
  readonly known: (extra: Extra) => Graph
  readonly residuals: Residuals
  readonly args: readonly AnyTensor[]
  readonly linear: Closed
  readonly live: readonly boolean[]
}
interface Extra {
  readonly before: readonly TensorType[]
  readonly after: readonly TensorType[]
}

/** The known half of a branch, its residuals, and its linear half. */
const halve = (branch: Graph, active: readonly boolean[]): Half => {
  let half = undefined as unknown as Omit<Half, "known"> // closeBody runs its callback before it returns
  const close = (extra: Extra) =>
    closeBody("cond", inputTypes(branch), (args) => {
      const lin = linearizeGraph("cond", branch, args, active)
      const linear = closeLinear(lin)
      const residuals = planResiduals(linear.captured, args)
      half = { residuals, args, linear, live: lin.tangents.map((t) => t !== null) }
      return [...lin.outputs, ...extra.before.map(zerosOf), ...residuals.made, ...extra.after.map(zerosOf)]
    }).graph
  close({ before: [], after: [] })
  return { ...half, known: close }
}

/**
 * The known cond also returns the residuals of the branch taken, zeros for those of the other. A residual goes back as it came,
 * whatever rows are in it: only its own branch reads it.
 */
export const splitCond = (op: Op<CondParams>, params: CondParams, inputs: readonly AnyTensor[], active: readonly boolean[]) => {
  const [predicate, ...operands] = inputs as readonly [AnyTensor, ...AnyTensor[]]
  const mask = active.slice(1)
  const out = activity(params, mask, "linear")
  const [yes, no] = [halve(params.whenTrue, mask), halve(params.whenFalse, mask)]
  const made = (h: Half) => h.residuals.made.map((t) => t.type)
  const n = params.outputs.length
  const outs = apply(
    op,
    {
      rows: params.rows,
      operands: params.operands,
      outputs: [...params.outputs, ...made(yes).map(() => 0), ...made(no).map(() => 0)],
      whenTrue: yes.known({ before: [], after: made(no) }),
      whenFalse: no.known({ before: made(yes), after: [] }),
    },
    inputs,
  )
  const needed = operands.map((_, i) => [yes, no].some((h) => h.residuals.inputs.includes(h.args[i] as AnyTensor)))
  const shared = { rows: 0, mask: false }
  const linearBranch = (h: Half, first: boolean): Graph => {
    const moved = pick(operands, mask)
    return bodyOf(
      "cond",
      [...pick(operands, needed).map((t) => t.type), ...made(yes), ...made(no), ...moved.map((t) => t.type)],
      (args) => {
        const k = pick(operands, needed).length
        const standIn = new Map<AnyTensor, AnyTensor>()
        for (const [i, t] of pick(h.args, needed).entries()) standIn.set(t, args[i] as AnyTensor)
        const from = k + (first ? 0 : made(yes).length)
        for (const [i, t] of h.residuals.made.entries()) standIn.set(t, args[from + i] as AnyTensor)
        const given = args.slice(k + made(yes).length + made(no).length)
        const found = place(applyClosed({ graph: h.linear.graph, captured: h.residuals.rebuild(standIn) }, given), h.live, null)
        const types = outputTypes(params.whenTrue)
        return pick(
          found.map((t, i) => t ?? zerosOf(types[i] as TensorType)),
          out,
        )
      },
    )
  }
  const linearParams: CondParams = {
    rows: params.rows,
    operands: [
      ...pick(params.operands, needed),
      ...made(yes).map(() => shared),
      ...made(no).map(() => shared),
      ...pick(params.operands, mask).map((o) => masked(o.rows)),
    ],
    outputs: pick(params.outputs, out),
    whenTrue: linearBranch(yes, true),
    whenFalse: linearBranch(no, false),
  }
  return {
    outputs: outs.slice(0, n),
    linear: (tangents: readonly Tangent[]): readonly Tangent[] => {
      const ts = pick(tangents.slice(1), mask).map((t, i) => t ?? zerosOf((pick(operands, mask)[i] as AnyTensor).type))
      return place(apply(op, linearParams, [predicate, ...pick(operands, needed), ...outs.slice(n), ...ts]), out, null)
    },
  }
}

/** Branches: (known operands, output cotangents) -> cotangents of the linear operands. Rows carried change sides with them. */
export const transposeCond = (
  op: Op<CondParams>,
  params: CondParams,
  inputs: readonly AnyTensor[],
  linear: readonly boolean[],
  cotangents: readonly Tangent[],
): readonly Tangent[] => {
  const [predicate, ...operands] = inputs as readonly [AnyTensor, ...AnyTensor[]]
  const lin = linear.slice(1)
  const given = cotangents.map((t) => t !== null)
  const known = pick(operands, negate(lin))
  const cts = cotangents.filter((t) => t !== null)
  const back = (branch: Graph) =>
    bodyOf("cond", [...known.map((t) => t.type), ...cts.map((t) => t.type)], (args) => {
      const leaves = operands.map((t, i) => (lin[i] ? placeholder(t.type, "cond") : null))
      const others = place(args.slice(0, known.length), negate(lin), null)
      const outs = inline(
        branch,
        leaves.map((l, i) => l ?? (others[i] as AnyTensor)),
      )
      const own = leaves.filter((l) => l !== null)
      return transposeDag(own, outs, place(args.slice(known.length), given, null)).map((t, i) => t ?? zerosOf((own[i] as AnyTensor).type))
    })
  const outs = apply(
    op,
    {
      rows: params.rows,
      operands: [...pick(params.operands, negate(lin)), ...pick(params.outputs, given).map(masked)],
      outputs: pick(params.operands, lin).map((o) => o.rows),
      whenTrue: back(params.whenTrue),
      whenFalse: back(params.whenFalse),
    },
    [predicate, ...known, ...cts],
  )
  return [null, ...place(outs, lin, null)]
}
