/** Lowering of whileLoop with a row predicate. */
import {
  type AnyTensor,
  bodyOf,
  broadcastAlong,
  type Graph,
  inline,
  type Tensor,
  type TensorType,
  type Unchecked,
} from "../../core/index.js"
import { where } from "../compare.js"
import { any } from "../reduce.js"
import { planRows } from "./rows.js"
import { cut, type WhileParams } from "./while-params.js"

type Bool = Tensor<Unchecked, "bool">
type WhileTensors = (
  condition: (carry: readonly AnyTensor[]) => Tensor<[], "bool">,
  body: (carry: readonly AnyTensor[]) => readonly AnyTensor[],
  init: readonly AnyTensor[],
) => readonly AnyTensor[]

/** One loop while any row goes on. Finished rows keep their values; the body sees copies of a running row in their place. */
export const lowerRowWhile = (params: WhileParams, inputs: readonly TensorType[], whileTensors: WhileTensors): Graph =>
  bodyOf("whileLoop", inputs, (args) => {
    const ins = cut(params, args)
    const condition = (carry: readonly AnyTensor[]) => inline(params.condition, [...ins.constants, ...carry])[0] as Bool
    const init: readonly AnyTensor[] = [condition(ins.carry), ...ins.carry]
    return whileTensors(
      ([going]) => any(going as Bool) as Tensor<[], "bool">,
      ([p, ...carry]) => {
        const going = p as Bool
        const rows = planRows(going)
        const next = inline(params.body, [
          ...ins.constants.map((x, i) => rows.copied(x, params.constants[i] as number)),
          ...carry.map((x) => rows.copied(x, params.rows)),
        ])
        const kept = next.map((x, i) => where(alongRows(going, x), x as Tensor, carry[i] as Tensor) as AnyTensor)
        return [condition(kept), ...kept]
      },
      init,
    ).slice(1)
  })

const alongRows = (p: Bool, x: AnyTensor): Bool =>
  broadcastAlong(
    p,
    x.shape,
    p.shape.map((_, i) => i),
  ) as Bool
