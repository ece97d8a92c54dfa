/** Derivatives of scan: tangents carried along, the split into a known and a linear scan, and the transpose, which runs backwards. */
import {
  addTangents,
  apply,
  applyClosed,
  applyOf,
  bodyOf,
  closeBody,
  closeLinear,
  inline,
  inputTypes,
  isZero,
  jvpGraph,
  linearizeGraph,
  outputTypes,
  placeholder,
  TraceError,
  transposeDag,
  zerosOf,
  type AnyTensor,
  type Closed,
  type Op,
  type Tangent,
  type TensorType,
} from "../../core/index.js"
import { leastFixedPoint, pick, place } from "./fixpoint.js"
import { dependsOn, planResiduals, type Residuals } from "./residuals.js"
import { sections, type ScanParams } from "./scan-params.js"

const some = (t: Tangent, like: AnyTensor): AnyTensor => t ?? zerosOf(like.type)

/** Which inputs and outputs of the body have tangents, given those of the scan's inputs. */
const activity = (params: ScanParams, active: readonly boolean[], mode: "jvp" | "linear") => {
  const { body, carry } = params
  const parts = sections(params, active)
  let outputs: readonly boolean[] = []
  const run = (flags: readonly boolean[]) => {
    closeBody("scan", inputTypes(body), (args) => {
      const mask = [...parts.constants, ...flags, ...parts.xs]
      const duals = jvpGraph(
        body,
        args.map((primal, i) => ({ primal, tangent: mask[i] ? placeholder(primal.type, "scan") : null })),
        mode,
      )
      outputs = duals.map((d) => d.tangent !== null)
      return []
    })
    return outputs.slice(0, carry)
  }
  const flags = leastFixedPoint(parts.carry, run)
  return { inputs: [...parts.constants, ...flags, ...parts.xs], carry: flags, results: outputs.slice(carry) }
}

/** Body: (constants, constants', carry, carry', x, x') -> (carry, carry', y, y'). */
export const dualScan = (op: Op<ScanParams>, params: ScanParams, inputs: readonly AnyTensor[], tangents: readonly Tangent[]) => {
  const { body, carry } = params
  const act = activity(
    params,
    tangents.map((t) => t !== null),
    "jvp",
  )
  const types = sections(params, inputTypes(body))
  const flags = sections(params, act.inputs)
  const both = <T>(list: readonly T[], mask: readonly boolean[], extra: readonly T[] = pick(list, mask)) => [...list, ...extra]
  const dual = bodyOf("scan", [...both(types.constants, flags.constants), ...both(types.carry, flags.carry), ...both(types.xs, flags.xs)], (args) => {
    let next = 0
    const takeN = (n: number) => args.slice(next, (next += n))
    const group = (mask: readonly boolean[]) => {
      const primals = takeN(mask.length)
      const ts = place(takeN(pick(mask, mask).length), mask, null)
      return primals.map((primal, i) => ({ primal, tangent: ts[i] ?? null }))
    }
    const duals = jvpGraph(body, [...group(flags.constants), ...group(flags.carry), ...group(flags.xs)], "jvp")
    const values = duals.map((d) => d.primal)
    const moved = duals.map((d) => some(d.tangent, d.primal))
    return [
      ...values.slice(0, carry),
      ...pick(moved.slice(0, carry), act.carry),
      ...values.slice(carry),
      ...pick(moved.slice(carry), act.results),
    ]
  })
  const ins = sections(params, inputs)
  const ts = sections(
    params,
    tangents.map((t, i) => some(t, inputs[i] as AnyTensor)),
  )
  const constants = both(ins.constants, flags.constants, pick(ts.constants, flags.constants))
  const carries = both(ins.carry, flags.carry, pick(ts.carry, flags.carry))
  const outs = apply(op, { ...params, constants: constants.length, carry: carries.length, body: dual }, [
    ...constants,
    ...carries,
    ...both(ins.xs, flags.xs, pick(ts.xs, flags.xs)),
  ])
  const n = act.results.length
  const results = outs.slice(carries.length)
  return {
    outputs: [...outs.slice(0, carry), ...results.slice(0, n)],
    tangents: [...place(outs.slice(carry, carries.length), act.carry, null), ...place(results.slice(n), act.results, null)],
  }
}

/** Residuals of a turn by how the linear scan gets them. */
interface Saved {
  /** Constants as they are. */
  readonly constants: readonly AnyTensor[]
  /** Made from constants alone: once, outside. */
  readonly once: readonly AnyTensor[]
  /** Rows as they are. */
  readonly rows: readonly AnyTensor[]
  readonly stacked: readonly AnyTensor[]
  readonly rebuild: Residuals["rebuild"]
}

const sortResiduals = ({ constants, carry }: ScanParams, { inputs, made, rebuild }: Residuals, args: readonly AnyTensor[]): Saved => {
  const memo = new Map<ReturnType<typeof applyOf>, boolean>()
  const turns = new Set(args.slice(constants))
  const carries = new Set(args.slice(constants, constants + carry))
  return {
    constants: inputs.filter((t) => !turns.has(t)),
    once: made.filter((t) => !dependsOn(t, turns, memo)),
    rows: inputs.filter((t) => turns.has(t) && !carries.has(t)),
    stacked: [...inputs.filter((t) => carries.has(t)), ...made.filter((t) => dependsOn(t, turns, memo))],
    rebuild,
  }
}

/**
 * The known scan stacks what the linear half needs; the linear scan carries tangents only. Residuals that depend on constants
 * alone are made once, outside.
 */
export const splitScan = (op: Op<ScanParams>, params: ScanParams, inputs: readonly AnyTensor[], active: readonly boolean[]) => {
  const { body, carry, constants } = params
  const act = activity(params, active, "linear")
  let half = undefined as unknown as { readonly linear: Closed; readonly args: readonly AnyTensor[]; readonly live: readonly boolean[]; readonly saved: Saved }
  const known = closeBody("scan", inputTypes(body), (args) => {
    const lin = linearizeGraph("scan", body, args, act.inputs)
    const linear = closeLinear(lin)
    const saved = sortResiduals(params, planResiduals(linear.captured, args), args)
    half = { linear, args, saved, live: lin.tangents.map((t) => t !== null) }
    return [...lin.outputs, ...saved.stacked]
  })
  const { linear, args, live, saved: s } = half
  const position = new Map(args.map((t, i) => [t, i]))
  const outer = (t: AnyTensor) => inputs[position.get(t) as number] as AnyTensor
  const onceGraph = closeBody("scan", [], () => {
    const plan = planOnce(s.once)
    return plan(new Map(args.slice(0, constants).map((t) => [t, outer(t)])))
  })
  const outs = apply(op, { ...params, body: known.graph }, inputs)
  const own = carry + act.results.length
  const outputs = outs.slice(0, own)
  const flags = sections(params, act.inputs)
  const types = sections(params, inputTypes(body))
  const apart = (t: AnyTensor) => t.type
  const linearBody = bodyOf(
    "scan",
    [
      ...s.constants.map(apart),
      ...s.once.map(apart),
      ...pick(types.constants, flags.constants),
      ...pick(types.carry, act.carry),
      ...s.rows.map(apart),
      ...s.stacked.map(apart),
      ...pick(types.xs, flags.xs),
    ],
    (given) => {
      let next = 0
      const takeN = (n: number) => given.slice(next, (next += n))
      const standIn = new Map<AnyTensor, AnyTensor>()
      const bind = (list: readonly AnyTensor[]) => takeN(list.length).forEach((t, i) => standIn.set(list[i] as AnyTensor, t))
      bind(s.constants)
      bind(s.once)
      const dConstants = takeN(pick(types.constants, flags.constants).length)
      const dCarry = takeN(pick(types.carry, act.carry).length)
      bind(s.rows)
      bind(s.stacked)
      const dRows = takeN(pick(types.xs, flags.xs).length)
      const found = applyClosed({ graph: linear.graph, captured: s.rebuild(standIn) }, [...dConstants, ...dCarry, ...dRows])
      const all = place(found, live, null)
      const outTypes = outputTypes(body)
      const full = all.map((t, i) => t ?? zerosOf(outTypes[i] as TensorType))
      return [...pick(full.slice(0, carry), act.carry), ...pick(full.slice(carry), act.results)]
    },
  )
  const once = inline(onceGraph.graph, onceGraph.captured)
  return {
    outputs,
    linear: (tangents: readonly Tangent[]): readonly Tangent[] => {
      const ts = sections(
        params,
        tangents.map((t, i) => some(t, inputs[i] as AnyTensor)),
      )
      const fixed = [...s.constants.map(outer), ...once, ...pick(ts.constants, flags.constants)]
      const moving = pick(ts.carry, act.carry)
      const found = apply(
        op,
        { constants: fixed.length, carry: moving.length, length: params.length, reverse: params.reverse, body: linearBody },
        [...fixed, ...moving, ...s.rows.map(outer), ...outs.slice(own), ...pick(ts.xs, flags.xs)],
      )
      return [...place(found.slice(0, moving.length), act.carry, null), ...place(found.slice(moving.length), act.results, null)]
    },
  }
}

/** Makes expressions over constants again outside the loop. */
const planOnce =
  (once: readonly AnyTensor[]) =>
  (standIn: ReadonlyMap<AnyTensor, AnyTensor>): readonly AnyTensor[] => {
    const env = new Map(standIn)
    const needed = new Set<ReturnType<typeof applyOf>>()
    const work = [...once]
    while (work.length > 0) {
      const t = work.pop() as AnyTensor
      const a = applyOf(t)
      if (env.has(t) || needed.has(a)) continue
      needed.add(a)
      work.push(...a.inputs)
    }
    for (const a of [...needed].sort((x, y) => x.serial - y.serial)) {
      const outputs = apply(
        a.op,
        a.params,
        a.inputs.map((t) => env.get(t) as AnyTensor),
      )
      a.outputs.forEach((t, i) => env.set(t, outputs[i] as AnyTensor))
    }
    return once.map((t) => env.get(t) as AnyTensor)
  }

/**
 * With c' = C c + K k + X x and y = ... linear in carry c, linear constants k and linear rows x, cotangents run the other way:
 * carried are those of c and the sums of those of k; those of x are stacked.
 */
export const transposeScan = (
  op: Op<ScanParams>,
  params: ScanParams,
  inputs: readonly AnyTensor[],
  linear: readonly boolean[],
  cotangents: readonly Tangent[],
): readonly Tangent[] => {
  const { body, carry } = params
  const lin = sections(params, linear)
  const ins = sections(params, inputs)
  const types = sections(params, inputTypes(body))
  // Every carry of a linear scan is linear; one that starts without a tangent starts at zero.
  if (lin.carry.some((l, i) => !l && !isZero(ins.carry[i] as AnyTensor))) throw new TraceError("scan: its transpose met a carry that is not linear; this is a fault of a derivative rule")
  const given = cotangents.slice(carry).map((t) => t !== null)
  const not = (mask: readonly boolean[]) => mask.map((l) => !l)
  const fixed = pick(ins.constants, not(lin.constants))
  const resultTypes = outputTypes(body).slice(carry)
  const kTypes = pick(types.constants, lin.constants)
  const back = bodyOf(
    "scan",
    [...fixed.map((t) => t.type), ...types.carry, ...kTypes, ...pick(types.xs, not(lin.xs)), ...pick(resultTypes, given)],
    (args) => {
      let next = 0
      const takeN = (n: number) => args.slice(next, (next += n))
      const constants = takeN(fixed.length)
      const ctCarry = takeN(carry)
      const sums = takeN(kTypes.length)
      const rows = takeN(pick(types.xs, not(lin.xs)).length)
      const ctResults = place(takeN(pick(resultTypes, given).length), given, null)
      const stand = (list: readonly TensorType[], mask: readonly boolean[], known: readonly AnyTensor[]) => {
        const leaves = list.map((t, i) => (mask[i] ? placeholder(t, "scan") : null))
        const others = place(known, not(mask), null)
        return { leaves, values: leaves.map((l, i) => l ?? (others[i] as AnyTensor)) }
      }
      const k = stand(types.constants, lin.constants, constants)
      const c = stand(
        types.carry,
        types.carry.map(() => true),
        [],
      )
      const x = stand(types.xs, lin.xs, rows)
      const outs = inline(body, [...k.values, ...c.values, ...x.values])
      const leaves = [...k.leaves, ...c.leaves, ...x.leaves].filter((l) => l !== null)
      const cts = transposeDag(leaves, outs, [...ctCarry, ...ctResults])
      const kCts = cts.slice(0, kTypes.length)
      const cCts = cts.slice(kTypes.length, kTypes.length + carry)
      const xCts = cts.slice(kTypes.length + carry)
      const full = (list: readonly Tangent[], like: readonly TensorType[]) => list.map((t, i) => t ?? zerosOf(like[i] as TensorType))
      return [
        ...full(cCts, types.carry),
        ...sums.map((sum, i) => addTangents(sum, kCts[i] ?? null) as AnyTensor),
        ...full(xCts, pick(types.xs, lin.xs)),
      ]
    },
  )
  const init = types.carry.map((t, i) => cotangents[i] ?? zerosOf(t))
  const outs = apply(
    op,
    { constants: fixed.length, carry: carry + kTypes.length, length: params.length, reverse: !params.reverse, body: back },
    [...fixed, ...init, ...kTypes.map(zerosOf), ...pick(ins.xs, not(lin.xs)), ...pick(cotangents.slice(carry), given).map((t) => t as AnyTensor)],
  )
  return [
    ...place(outs.slice(carry, carry + kTypes.length), lin.constants, null),
    ...outs.slice(0, carry),
    ...place(outs.slice(carry + kTypes.length), lin.xs, null),
  ]
}

