/** Dense layers one after another. */
import type { Activation } from "./activation.js"
import { type DenseParams, dense } from "./dense.js"
import type { AnyLayer, Features, Layer } from "./layer.js"
import { type SeqSpec, seq } from "./seq.js"

/** Options of `mlp`. */
export interface MlpOptions {
  /** After every layer but the last. Default relu. */
  readonly activation?: Activation
}

/**
 * A multilayer perceptron: dense layers with an activation between them, y = relu(x W + b) V + c for one hidden layer. `hidden` is the
 * number of units of the one hidden layer, or a list of those of several. It is a `seq`.
 *
 * @example
 * mlp(64, 128, 10)
 * mlp(64, [128, 128], 10, { activation: "gelu" })
 */
export function mlp<const I extends number, const O extends number>(
  inputs: I,
  hidden: number,
  outputs: O,
  options?: MlpOptions,
): Layer<readonly [DenseParams, DenseParams], Features<I>, Features<O>, SeqSpec>
export function mlp<const I extends number, const O extends number>(
  inputs: I,
  hidden: readonly number[],
  outputs: O,
  options?: MlpOptions,
): Layer<readonly DenseParams[], Features<I>, Features<O>, SeqSpec>
export function mlp(
  inputs: number,
  hidden: number | readonly number[],
  outputs: number,
  { activation = "relu" }: MlpOptions = {},
): unknown {
  const widths = [inputs, ...(typeof hidden === "number" ? [hidden] : hidden)]
  const inner = widths.slice(1).map((n, i) => dense(widths[i] as number, n, { activation }))
  const last = dense(widths[widths.length - 1] as number, outputs)
  // the types of `seq` ask for a tuple of known length
  return seq(...([...inner, last] as unknown as readonly AnyLayer[]))
}
