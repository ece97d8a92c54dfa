/** Gated recurrent unit (Cho et al. 2014), in the form of cuDNN, PyTorch and Keras with `reset_after`. */
import type { Tensor } from "../../core/index.js"
import { add, concat, matmul, mul, sigmoid, sliceAxis, splitKeys, sub, tanh } from "../../ops/index.js"
import { whole } from "../schema/index.js"
import { checkFeatures } from "./dense.js"
import { glorot, none, orthogonal } from "./initial.js"
import type { Features, Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

/** A gated recurrent unit as data. */
export interface GruSpec {
  readonly _tag: "gru"
  readonly inputs: number
  readonly state: number
}

/** Columns of all weights: reset gate, update gate, candidate. */
export interface GruParams {
  /** [inputs, 3 state] */
  readonly w: Tensor
  /** [state, 3 state] */
  readonly u: Tensor
  /** Shift of `x W` and `h U`: b and b'. */
  readonly b: Tensor
  readonly c: Tensor
}

/** What the cell takes: the input of this turn and the state before it. */
export interface GruInput<I extends number, S extends number> {
  readonly x: Features<I>
  readonly h: Features<S>
}

/**
 * r = sigmoid(x W_r + b_r + h U_r + c_r), s = sigmoid(x W_s + b_s + h U_s + c_s), n = tanh(x W_n + b_n + r (h U_n + c_n)),
 * h' = (1 - s) n + s h. Recurrent weights start orthogonal, one matrix a gate.
 *
 * @example
 * gru(8, 64)
 */
export const gru = <const I extends number, const S extends number>(
  inputs: I,
  state: S,
): Layer<GruParams, GruInput<I, S>, Features<S>, GruSpec> => ({
  spec: { _tag: "gru", inputs, state },
  init: (key) => {
    const [k, r, s, n] = splitKeys(key, 4) as [typeof key, typeof key, typeof key, typeof key]
    return {
      w: glorot(k, [inputs, 3 * state], inputs, state),
      u: concat(
        [r, s, n].map((gate) => orthogonal(gate, state)),
        1,
      ),
      b: none(3 * state),
      c: none(3 * state),
    }
  },
  apply: ({ w, u, b, c }, { x, h }) => {
    checkFeatures("gru: the input", x as Tensor, inputs)
    checkFeatures("gru: the state", h as Tensor, state)
    const given = add(matmul(x as Tensor, w) as Tensor, b) as Tensor
    const kept = add(matmul(h as Tensor, u) as Tensor, c) as Tensor
    const part = (t: Tensor, i: number): Tensor => sliceAxis(t, -1, i * state, (i + 1) * state)
    const reset = sigmoid(add(part(given, 0), part(kept, 0)) as Tensor)
    const update = sigmoid(add(part(given, 1), part(kept, 1)) as Tensor)
    const candidate = tanh(add(part(given, 2), mul(reset, part(kept, 2))) as Tensor)
    // (1 - s) n + s h = n + s (h - n)
    return add(candidate, mul(update, sub(h as Tensor, candidate))) as Features<S>
  },
})

defineLayer({
  tag: "gru",
  fields: { inputs: whole(1, 65536), state: whole(1, 65536) },
  build: ({ inputs, state }) => gru(inputs, state),
  example: (choose) => {
    const [inputs, state, rows] = [choose.int(1, 4), choose.int(1, 4), choose.int(1, 3)]
    return { layer: gru(inputs, state), input: { x: float(rows, inputs), h: float(rows, state) } }
  },
})
