/** Dropout (Srivastava et al. 2014), inverted: what is kept is scaled up in training, so that nothing is left to do afterwards. */
import type { Tensor } from "../../core/index.js"
import { type Key, less, mul, uniform, where, zerosLike } from "../../ops/index.js"
import { fraction } from "../schema/index.js"
import { keyFor, type Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

/** Each element 0 with probability `rate`, else x / (1 - rate). */
export const dropped = (key: Key, x: Tensor, rate: number): Tensor =>
  where(less(uniform(key, x.shape) as Tensor, rate), zerosLike(x), mul(x, 1 / (1 - rate))) as Tensor

/** Dropout as data. */
export interface DropoutSpec {
  readonly _tag: "dropout"
  readonly rate: number
}

/**
 * In mode "train" each element is 0 with probability `rate`, else x / (1 - rate): the mean stays. In mode "eval" it is the identity.
 *
 * @throws TraceError in mode "train" without a key.
 *
 * @example
 * seq(dense(784, 64), dropout(0.1), dense(64, 10))
 */
export const dropout = (rate: number): Layer<null, Tensor, Tensor, DropoutSpec> => ({
  spec: { _tag: "dropout", rate },
  init: () => null,
  apply: (_params, x, context) => (rate === 0 || context.mode === "eval" ? x : dropped(keyFor("dropout", context), x, rate)),
})

defineLayer({
  tag: "dropout",
  fields: { rate: fraction },
  build: ({ rate }) => dropout(rate),
  example: (choose) => ({ layer: dropout(choose.int(0, 3) / 4), input: float(...choose.shape(3)) }),
})
