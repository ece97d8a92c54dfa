/** A model with all that training has to know of it, whatever family it is of. */
import type { Tensor } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import type { AnyTransformation } from "../optim/index.js"
import type { Sight } from "./sight.js"
import type { Loss } from "./step.js"

/** What is trained, and how. */
export interface Trainable<P, B> {
  readonly init: (key: Key) => P
  readonly optimiser: AnyTransformation
  readonly loss: Loss<P, B, Readonly<Record<string, Tensor<[]>>>>
  /** What the loss takes, from images [B, S, S, 3] in [0, 1], for the update that is made when `step` were made. */
  readonly batchOf: (images: Tensor, step: number) => B
  readonly sight: Sight<P>
}
