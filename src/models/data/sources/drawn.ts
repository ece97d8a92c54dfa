/** Sources whose scenes are drawn, by kind. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import type { StillpointError } from "../../../core/index.js"
import { type DecodeError, decodeError } from "../../failure.js"
import { emojiScene } from "../emoji/index.js"
import { type FashionMnist, fashionScene, readFashionMnist } from "../fashion/index.js"
import { spritesScene } from "../sprites.js"
import { blocksAcross, piecesInAScene, tetrominoesScene } from "../tetrominoes.js"
import { attempt } from "./attempt.js"
import { type DrawnScene, type SceneBatch, sideBySide, wrongStep } from "./batch.js"
import type { CheckedDrawn } from "./source.js"

/** How scenes of a kind are drawn. */
export interface DrawnKind {
  readonly side: number
  readonly objects: number
  /** Whether a scene costs so much that a worker should draw it. */
  readonly costly: boolean
  readonly scene: (split: "train" | "heldOut", seed: number, index: number) => DrawnScene
}

/** The kind that a source names, with what it needs read. */
export const drawnKind = (source: CheckedDrawn): TaskEither<StillpointError, DrawnKind> => {
  switch (source._tag) {
    case "tetrominoes": {
      const { blockSize } = source
      return TE.right({
        side: blocksAcross * blockSize,
        objects: piecesInAScene,
        costly: false,
        scene: (split, seed, index) => tetrominoesScene({ blockSize, split }, seed, index),
      })
    }
    case "sprites": {
      const { _tag, side, ...choices } = source
      return TE.right({
        side,
        objects: choices.most,
        costly: true,
        scene: (split, seed, index) => spritesScene({ ...choices, size: side, split }, seed, index),
      })
    }
    case "emoji": {
      const { _tag, side, ...choices } = source
      return TE.right({
        side,
        objects: choices.most,
        costly: true,
        scene: (split, seed, index) => emojiScene({ ...choices, size: side, split }, seed, index),
      })
    }
    case "fashion": {
      const { _tag, side, path, ...choices } = source
      return TE.map(
        (data: FashionMnist): DrawnKind => ({
          side,
          objects: choices.most,
          costly: true,
          scene: (split, seed, index) => fashionScene(data, { ...choices, size: side, split }, seed, index),
        }),
      )(readFashionMnist(path))
    }
  }
}

const lastIndex = 2 ** 32 - 1

/** The batch of a step: scenes `step * count` and following. */
export const drawnBatch = ({ side, scene }: DrawnKind, seed: number, step: number, count: number): E.Either<DecodeError, SceneBatch> => {
  const first = step * count
  const wrong = wrongStep(step, count)
  if (wrong !== undefined) return wrong
  if (first + count - 1 > lastIndex)
    return E.left(
      decodeError(
        `data: step ${step} of ${count} scenes goes past scene ${lastIndex}, the last of a seed; use another seed or smaller batches`,
      ),
    )
  return attempt(() =>
    sideBySide(
      side,
      Array.from({ length: count }, (_, i) => scene("train", seed, first + i)),
    ),
  )
}

/** The first held-out scenes, of seed 0 for all. */
export const drawnHeldOut = ({ side, scene }: DrawnKind, count: number): E.Either<DecodeError, SceneBatch> =>
  attempt(() =>
    sideBySide(
      side,
      Array.from({ length: count }, (_, i) => scene("heldOut", 0, i)),
    ),
  )
