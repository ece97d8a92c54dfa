/** Forward mode of whileLoop. */
import {
  type AnyTensor,
  apply,
  bodyOf,
  closeBody,
  inline,
  inputTypes,
  jvpGraph,
  type Op,
  placeholder,
  type Tangent,
  zerosOf,
} from "../../core/index.js"
import { leastFixedPoint } from "./fixpoint.js"
import { pick, place } from "./lists.js"
import { cut, type WhileParams } from "./while-params.js"

/** Tangents of the carry are carried with it; the condition sees values only. */
export const dualWhile = (op: Op<WhileParams>, params: WhileParams, inputs: readonly AnyTensor[], tangents: readonly Tangent[]) => {
  const ts = cut(params, tangents)
  const ins = cut(params, inputs)
  const constants = ts.constants.map((t) => t !== null)
  const n = ins.constants.length
  const step = (args: readonly AnyTensor[], given: readonly Tangent[]) =>
    jvpGraph(
      params.body,
      args.map((primal, i) => ({ primal, tangent: given[i] ?? null })),
      "jvp",
    )
  const flags = leastFixedPoint(
    ts.carry.map((t) => t !== null),
    (carry) => {
      let out: readonly boolean[] = []
      closeBody("whileLoop", inputTypes(params.body), (args) => {
        const mask = [...constants, ...carry]
        out = step(
          args,
          args.map((t, i) => (mask[i] ? placeholder(t.type, "whileLoop") : null)),
        ).map((d) => d.tangent !== null)
        return []
      })
      return out
    },
  )
  const moved = ts.constants.filter((t) => t !== null)
  const carried = pick(
    ins.carry.map((x, i) => ts.carry[i] ?? zerosOf(x.type)),
    flags,
  )
  const types = [...ins.constants, ...moved, ...ins.carry, ...carried].map((t) => t.type)
  const m = n + moved.length
  const primalsOf = (args: readonly AnyTensor[]) => [...args.slice(0, n), ...args.slice(m, m + ins.carry.length)]
  const body = bodyOf("whileLoop", types, (args) => {
    const given = [...place(args.slice(n, m), constants, null), ...place(args.slice(m + ins.carry.length), flags, null)]
    const duals = step(primalsOf(args), given)
    return [...duals.map((d) => d.primal), ...pick(duals, flags).map((d) => d.tangent ?? zerosOf(d.primal.type))]
  })
  const condition = bodyOf("whileLoop", types, (args) => inline(params.condition, primalsOf(args)))
  const rows = pick(params.constants, constants)
  const outs = apply(op, { rows: params.rows, constants: [...params.constants, ...rows], condition, body }, [
    ...ins.constants,
    ...moved,
    ...ins.carry,
    ...carried,
  ])
  return { outputs: outs.slice(0, ins.carry.length), tangents: place(outs.slice(ins.carry.length), flags, null) }
}
