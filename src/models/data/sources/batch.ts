/** Scenes as a training step takes them. */
import * as E from "fp-ts/lib/Either.js"
import { type DecodeError, decodeError } from "../../failure.js"

/** Images side by side, with the truth about them where it is known. Pixels are in row-major order from the top left corner. */
export interface SceneBatch {
  readonly count: number
  /** Side in pixels. */
  readonly size: number
  /** `[count, size, size, 3]`, in [0, 1]. */
  readonly images: Float32Array
  /** Label maps `[count, size, size]`, 0 the background; null: nobody says what is what. */
  readonly masks: Uint8Array | null
  /** Whether two objects of a scene share a colour; empty where that is not known. */
  readonly sharesColour: readonly boolean[]
}

/** One drawn scene. */
export interface DrawnScene {
  /** `[size, size, 3]` */
  readonly image: Float32Array
  /** `[size, size]` */
  readonly masks: Uint8Array
  readonly sharesColour?: boolean
}

/** Drawn scenes as a batch. */
export const sideBySide = (size: number, scenes: readonly DrawnScene[]): SceneBatch => {
  const images = new Float32Array(scenes.length * size * size * 3)
  const masks = new Uint8Array(scenes.length * size * size)
  scenes.forEach((scene, i) => {
    images.set(scene.image, i * scene.image.length)
    masks.set(scene.masks, i * scene.masks.length)
  })
  const shares = scenes.flatMap(({ sharesColour }) => (sharesColour === undefined ? [] : [sharesColour]))
  return { count: scenes.length, size, images, masks, sharesColour: shares }
}

/** What is wrong with a step or a number of scenes, or undefined. */
export const wrongStep = (step: number, count: number): E.Either<DecodeError, never> | undefined =>
  Number.isSafeInteger(step) && step >= 0 && Number.isSafeInteger(count) && count >= 1 && Number.isSafeInteger(step * count + count)
    ? undefined
    : E.left(decodeError(`data: expected a step from 0 and a batch of at least 1 scene, found step ${step} and batch ${count}`))

/** What a closed source answers. */
export const closedSource = E.left({ _tag: "Cancelled", message: "data: the source is closed; open it again" } as const)
