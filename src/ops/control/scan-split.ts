/** The split of scan into a known part, which stacks residuals, and a linear part. */
import {
  type AnyTensor,
  apply,
  applyClosed,
  type applyOf,
  bodyOf,
  type Closed,
  closeBody,
  closeLinear,
  inputTypes,
  linearizeGraph,
  type Op,
  outputTypes,
  type Tangent,
  type TensorType,
  zerosOf,
} from "../../core/index.js"
import { parts, pick, place } from "./lists.js"
import { dependsOn, planResiduals, type Residuals, remake } from "./residuals.js"
import { activity, some } from "./scan-activity.js"
import { type ScanParams, sections } from "./scan-params.js"

type Part = readonly AnyTensor[]

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
  // closeBody runs its callback before it returns, which the compiler can't know
  let half = undefined as unknown as {
    readonly linear: Closed
    readonly args: readonly AnyTensor[]
    readonly live: readonly boolean[]
    readonly saved: Saved
  }
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
  const once = remake(s.once, new Map(args.slice(0, constants).map((t) => [t, outer(t)])))
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
      const bound = [s.constants, s.once, pick(types.constants, flags.constants), pick(types.carry, act.carry), s.rows, s.stacked]
      const cut = parts(given, ...bound.map((list) => list.length))
      const [fixed, shared, dConstants, dCarry, rows, stacks, dRows] = cut as readonly [Part, Part, Part, Part, Part, Part, Part]
      const standIn = new Map<AnyTensor, AnyTensor>()
      for (const [list, stand] of [
        [s.constants, fixed],
        [s.once, shared],
        [s.rows, rows],
        [s.stacked, stacks],
      ] as const)
        for (const [i, t] of list.entries()) standIn.set(t, stand[i] as AnyTensor)
      const found = applyClosed({ graph: linear.graph, captured: s.rebuild(standIn) }, [...dConstants, ...dCarry, ...dRows])
      const all = place(found, live, null)
      const outTypes = outputTypes(body)
      const full = all.map((t, i) => t ?? zerosOf(outTypes[i] as TensorType))
      return [...pick(full.slice(0, carry), act.carry), ...pick(full.slice(carry), act.results)]
    },
  )
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
