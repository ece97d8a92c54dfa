/** Long short-term memory (Hochreiter and Schmidhuber 1997; with forget gates, Gers et al. 2000), in the form of cuDNN and PyTorch. */
import type { Tensor } from "../../core/index.js"
import { add, concat, full, type Key, matmul, mul, sigmoid, sliceAxis, splitKeys, tanh } from "../../ops/index.js"
import { whole } from "../schema/index.js"
import { checkFeatures } from "./dense.js"
import { glorot, none, orthogonal } from "./initial.js"
import type { Features, Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

/** A long short-term memory as data. */
export interface LstmSpec {
  readonly _tag: "lstm"
  readonly inputs: number
  readonly state: number
}

/** Columns of all weights: input gate, forget gate, candidate, output gate. */
export interface LstmParams {
  /** [inputs, 4 state] */
  readonly w: Tensor
  /** [state, 4 state] */
  readonly u: Tensor
  readonly b: Tensor
}

/** What an LSTM carries from turn to turn. */
export interface LstmState<S extends number> {
  /** The output. */
  readonly h: Features<S>
  /** The memory. */
  readonly c: Features<S>
}

/** What the cell takes: the input of this turn and the state before it. */
export interface LstmInput<I extends number, S extends number> extends LstmState<S> {
  readonly x: Features<I>
}

/**
 * (i, f, g, o) = x W + h U + b, c' = sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c'). Recurrent weights start orthogonal, one
 * matrix a gate; the forget gate's shift starts at 1, so that the memory lasts (Jozefowicz et al. 2015), the others at 0.
 *
 * @example
 * lstm(8, 64)
 */
export const lstm = <const I extends number, const S extends number>(
  inputs: I,
  state: S,
): Layer<LstmParams, LstmInput<I, S>, LstmState<S>, LstmSpec> => ({
  spec: { _tag: "lstm", inputs, state },
  init: (key) => {
    const [k, ...gates] = splitKeys(key, 5) as readonly [Key, ...Key[]]
    return {
      w: glorot(k, [inputs, 4 * state], inputs, state),
      u: concat(
        gates.map((gate) => orthogonal(gate, state)),
        1,
      ),
      b: concat([none(state), full([state], 1) as Tensor, none(2 * state)], 0),
    }
  },
  apply: ({ w, u, b }, { x, h, c }) => {
    checkFeatures("lstm: the input", x as Tensor, inputs)
    checkFeatures("lstm: the state", h as Tensor, state)
    checkFeatures("lstm: the memory", c as Tensor, state)
    const all = add(add(matmul(x as Tensor, w) as Tensor, matmul(h as Tensor, u) as Tensor), b) as Tensor
    const part = (i: number): Tensor => sliceAxis(all, -1, i * state, (i + 1) * state)
    const memory = add(mul(sigmoid(part(1)), c as Tensor), mul(sigmoid(part(0)), tanh(part(2)))) as Tensor
    return { h: mul(sigmoid(part(3)), tanh(memory)) as Features<S>, c: memory as Features<S> }
  },
})

defineLayer({
  tag: "lstm",
  fields: { inputs: whole(1, 65536), state: whole(1, 65536) },
  build: ({ inputs, state }) => lstm(inputs, state),
  example: (choose) => {
    const [inputs, state, rows] = [choose.int(1, 4), choose.int(1, 4), choose.int(1, 3)]
    return { layer: lstm(inputs, state), input: { x: float(rows, inputs), h: float(rows, state), c: float(rows, state) } }
  },
})
