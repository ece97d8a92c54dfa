/** One update of a model as a function: what a target runs as one program. */
import { type Tensor, valueAndGrad } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import { type AnyTransformation, applyUpdates, globalNorm, type Optimiser } from "../optim/index.js"

/** All that training changes. */
export type State<P> = readonly [params: P, optimiser: unknown]

/** What a step tells, beside what the loss tells. */
export interface StepMetrics {
  readonly loss: Tensor<[]>
  /** Euclidean norm of the gradient, before anything is done with it. */
  readonly gradientNorm: Tensor<[]>
}

/** A loss with further scalars that are worth telling. */
export type Loss<P, B, M> = (params: P, batch: B, key: Key) => readonly [Tensor<[]>, M]

/**
 * (state, batch, key) -> [state, metrics]. Pure; compile it with `resident: [true, false]` and `donate: [0]`.
 *
 * @example
 * const step = compile(trainStep(loss, adam({ rate: 1e-3 })), { target: "wasm", resident: [true, false], donate: [0] })
 * const made = await step(state, batch, keyOf(0, "steps", 0))() // Right([[params, optimiser], { loss, gradientNorm, ... }])
 */
export const trainStep =
  <P, B, M extends Readonly<Record<string, Tensor<[]>>>>(loss: Loss<P, B, M>, optimiser: AnyTransformation) =>
  ([params, state]: State<P>, batch: B, key: Key): readonly [State<P>, StepMetrics & M] => {
    // a generic tree of parameters: the types of valueAndGrad ask for a known one
    const [[value, told], gradient] = valueAndGrad((p: P) => loss(p, batch, key), { aux: true })(params as never)
    // its state is what its own init or update made
    const [updates, next] = (optimiser as Optimiser).update(gradient as P, state, params, { value })
    return [[applyUpdates(params, updates), next], { loss: value, gradientNorm: globalNorm(gradient), ...told }]
  }
