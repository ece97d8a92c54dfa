/** From slots to predicted objects. */
import { type DenseParams, dense, type Features, type Layer, type SeqSpec, seq } from "../layers/index.js"
import { type SetLayout, setRanges } from "./layout.js"

/**
 * Slots [B, K, width] -> objects [B, K, features], each slot on its own: y = sigmoid(relu(x W + b) V + c). Features are those of the
 * layout, all in [0, 1]. It is a `seq` of two dense layers, so its description is read like that of any layer.
 *
 * @example
 * setHead(64, 64, clevrLayout) // [B, K, 64] -> [B, K, 19]
 */
export const setHead = <const W extends number>(
  width: W,
  hidden: number,
  layout: SetLayout,
): Layer<readonly [DenseParams, DenseParams], Features<W>, Features<number>, SeqSpec> =>
  seq(dense(width, hidden, { activation: "relu" }), dense(hidden, setRanges(layout).features, { activation: "sigmoid" }))
