/** whileLoop on rows: with a condition of its own for each row it gets a row axis and all carries with it. */
import { type AnyTensor, apply, asBatched, batchBody, type Op } from "../../core/index.js"
import { leastFixedPoint } from "./fixpoint.js"
import { cut, type WhileParams } from "./while-params.js"

export const batchWhile = (
  op: Op<WhileParams>,
  params: WhileParams,
  inputs: readonly AnyTensor[],
  batched: readonly boolean[],
  size: number,
) => {
  const ins = cut(params, inputs)
  const given = cut(params, batched)
  const constants = given.constants.map((b, i) => b || (params.rows > 0 && (params.constants[i] as number) > 0))
  const flags = leastFixedPoint(given.carry, (carry) => batchBody("whileLoop", params.body, [...constants, ...carry], size).batched)
  const byRow = params.rows > 0 || batchBody("whileLoop", params.condition, [...constants, ...flags], size).batched[0] === true
  const carry = byRow ? flags.map(() => true) : flags
  const mask = [...constants, ...carry]
  const whole = (value: AnyTensor, want: boolean, has: boolean) => (want ? asBatched({ value, batched: has }, size) : value)
  const outs = apply(
    op,
    {
      rows: params.rows + (byRow ? 1 : 0),
      constants: params.constants.map((rows, i) => (byRow && constants[i] ? rows + 1 : rows)),
      condition: batchBody("whileLoop", params.condition, mask, size, byRow ? "all" : "none").graph,
      body: batchBody("whileLoop", params.body, mask, size, carry).graph,
    },
    [
      ...ins.constants.map((t, i) => whole(t, constants[i] as boolean, given.constants[i] as boolean)),
      ...ins.carry.map((t, i) => whole(t, carry[i] as boolean, given.carry[i] as boolean)),
    ],
  )
  return { outputs: outs, batched: carry }
}
