/** Reverse mode of scan: the transpose of a linear scan runs backwards. */
import {
  type AnyTensor,
  addTangents,
  apply,
  bodyOf,
  inline,
  inputTypes,
  isZero,
  type Op,
  outputTypes,
  placeholder,
  type Tangent,
  type TensorType,
  TraceError,
  transposeDag,
  zerosOf,
} from "../../core/index.js"
import { parts, pick, place } from "./lists.js"
import { type ScanParams, sections } from "./scan-params.js"

type Part = readonly AnyTensor[]

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
  if (lin.carry.some((l, i) => !l && !isZero(ins.carry[i] as AnyTensor)))
    throw new TraceError("scan: its transpose met a carry that is not linear; this is a fault of a derivative rule")
  const given = cotangents.slice(carry).map((t) => t !== null)
  const not = (mask: readonly boolean[]) => mask.map((l) => !l)
  const fixed = pick(ins.constants, not(lin.constants))
  const resultTypes = outputTypes(body).slice(carry)
  const kTypes = pick(types.constants, lin.constants)
  const back = bodyOf(
    "scan",
    [...fixed.map((t) => t.type), ...types.carry, ...kTypes, ...pick(types.xs, not(lin.xs)), ...pick(resultTypes, given)],
    (args) => {
      const known = pick(types.xs, not(lin.xs)).length
      const [constants, ctCarry, sums, rows, moved] = parts(args, fixed.length, carry, kTypes.length, known) as readonly [
        Part,
        Part,
        Part,
        Part,
        Part,
      ]
      const ctResults = place(moved, given, null)
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
    [
      ...fixed,
      ...init,
      ...kTypes.map(zerosOf),
      ...pick(ins.xs, not(lin.xs)),
      ...pick(cotangents.slice(carry), given).map((t) => t as AnyTensor),
    ],
  )
  return [
    ...place(outs.slice(carry, carry + kTypes.length), lin.constants, null),
    ...outs.slice(0, carry),
    ...place(outs.slice(carry + kTypes.length), lin.xs, null),
  ]
}
