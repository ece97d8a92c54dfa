/** Forward mode of scan: tangents carried along. */
import { type AnyTensor, apply, bodyOf, inputTypes, jvpGraph, type Op, type Tangent } from "../../core/index.js"
import { count, parts, pick, place } from "./lists.js"
import { activity, some } from "./scan-activity.js"
import { type ScanParams, sections } from "./scan-params.js"

type Six = readonly [
  readonly AnyTensor[],
  readonly AnyTensor[],
  readonly AnyTensor[],
  readonly AnyTensor[],
  readonly AnyTensor[],
  readonly AnyTensor[],
]

/** Body: (constants, constants', carry, carry', x, x') -> (carry, carry', y, y'). */
export const dualScan = (op: Op<ScanParams>, params: ScanParams, inputs: readonly AnyTensor[], tangents: readonly Tangent[]) => {
  const { body, carry, constants } = params
  const act = activity(
    params,
    tangents.map((t) => t !== null),
    "jvp",
  )
  const types = sections(params, inputTypes(body))
  const flags = sections(params, act.inputs)
  const both = <T>(list: readonly T[], mask: readonly boolean[], extra: readonly T[] = pick(list, mask)) => [...list, ...extra]
  const dual = bodyOf(
    "scan",
    [...both(types.constants, flags.constants), ...both(types.carry, flags.carry), ...both(types.xs, flags.xs)],
    (args) => {
      const [k, dk, c, dc, x, dx] = parts(args, constants, count(flags.constants), carry, count(flags.carry), flags.xs.length) as Six
      const group = (primals: readonly AnyTensor[], tangents: readonly AnyTensor[], mask: readonly boolean[]) => {
        const ts = place(tangents, mask, null)
        return primals.map((primal, i) => ({ primal, tangent: ts[i] ?? null }))
      }
      const duals = jvpGraph(body, [...group(k, dk, flags.constants), ...group(c, dc, flags.carry), ...group(x, dx, flags.xs)], "jvp")
      const values = duals.map((d) => d.primal)
      const moved = duals.map((d) => some(d.tangent, d.primal))
      return [
        ...values.slice(0, carry),
        ...pick(moved.slice(0, carry), act.carry),
        ...values.slice(carry),
        ...pick(moved.slice(carry), act.results),
      ]
    },
  )
  const ins = sections(params, inputs)
  const ts = sections(
    params,
    tangents.map((t, i) => some(t, inputs[i] as AnyTensor)),
  )
  const fixed = both(ins.constants, flags.constants, pick(ts.constants, flags.constants))
  const carries = both(ins.carry, flags.carry, pick(ts.carry, flags.carry))
  const outs = apply(op, { ...params, constants: fixed.length, carry: carries.length, body: dual }, [
    ...fixed,
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
