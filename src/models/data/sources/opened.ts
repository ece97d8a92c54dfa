/** Images that are ready to be trained on. */
import type * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { StillpointError } from "../../../core/index.js"
import type { SceneBatch } from "./batch.js"

/** Images that are ready to be trained on. */
export interface OpenedSource {
  /** Side of an image in pixels. */
  readonly side: number
  /** Images to train on; null: as many as are asked for, drawn. */
  readonly length: number | null
  /** Images that are held out; 0: there is but one, which is trained on and scored; null: as many as are asked for, drawn. */
  readonly kept: number | null
  /** Most objects of a scene; null: nobody says. */
  readonly objects: number | null
  /** What was done to images, a sentence each. */
  readonly notes: readonly string[]
  /**
   * The images of step `step`, from 0: a pure function of its arguments, whatever was asked for before. Scenes that are drawn are `step * count`
   * and the `count - 1` after it of the seed, so they never come twice; images of files come in an order of its own an epoch, and a batch may
   * reach into the next epoch.
   */
  readonly batch: (seed: number, step: number, count: number) => TaskEither<StillpointError, SceneBatch>
  /**
   * Scenes that are never trained on, the same whatever the seed. Of files it is a tenth of the images, at least one (of a single image, that one),
   * so there may be fewer than `count`.
   */
  readonly heldOut: (count: number) => E.Either<StillpointError, SceneBatch>
  /** Ends what works ahead. No batch can be asked for any more. */
  readonly close: () => Promise<void>
}
