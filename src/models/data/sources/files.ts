/** Users' images to train on. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import type { StillpointError } from "../../../core/index.js"
import { type Dataset, dataset } from "../dataset.js"
import { type FittedImages, type LabelledImages, readFittedImages } from "../labelled/index.js"
import { epochOrder, splitDataset } from "../order.js"
import { attempt } from "./attempt.js"
import { closedSource, type SceneBatch, wrongStep } from "./batch.js"
import type { OpenedSource } from "./opened.js"
import type { CheckedFiles } from "./source.js"

/** Images as a set of rows. */
const rowsOf = ({ count, images, masks, height: size }: LabelledImages): Dataset<SceneBatch> =>
  dataset(count, (indices) => {
    const pixels = size * size
    const made = new Float32Array(3 * pixels * indices.length)
    const labels = masks === null ? null : new Uint8Array(pixels * indices.length)
    indices.forEach((index, i) => {
      made.set(images.subarray(3 * pixels * index, 3 * pixels * (index + 1)), 3 * pixels * i)
      if (masks !== null) labels?.set(masks.subarray(pixels * index, pixels * (index + 1)), pixels * i)
    })
    return { count: indices.length, size, images: made, masks: labels, sharesColour: [] }
  })

/** Most labels above 0 that an image has; null without label maps. */
const mostObjects = ({ count, masks }: LabelledImages): number | null => {
  if (masks === null) return null
  const pixels = masks.length / count
  let most = 0
  for (let i = 0; i < count; i++) {
    const labels = new Set(masks.subarray(i * pixels, (i + 1) * pixels))
    labels.delete(0)
    most = Math.max(most, labels.size)
  }
  return most
}

/** The share of images that is held out: the same ones for every seed, so that models of all seeds are compared on them. */
const heldOutShare = 0.1

/** A row of a set for every row of training: epoch after epoch, each in an order of its own. Keeps the order of one epoch. */
const rowsInTurn = (length: number): ((seed: number, first: number, count: number) => Uint32Array) => {
  let kept: { readonly seed: number; readonly epoch: number; readonly order: Uint32Array } | undefined
  const orderOf = (seed: number, epoch: number): Uint32Array => {
    if (kept?.seed !== seed || kept.epoch !== epoch) kept = { seed, epoch, order: epochOrder(length, seed, epoch % 2 ** 32) }
    return kept.order
  }
  return (seed, first, count) =>
    Uint32Array.from({ length: count }, (_, i) => orderOf(seed, Math.floor((first + i) / length))[(first + i) % length]!)
}

const opened = ({ data, how }: FittedImages, source: CheckedFiles): OpenedSource => {
  const all = rowsOf(data)
  const single = data.count === 1
  const { train, heldOut } = single
    ? { train: all, heldOut: all }
    : splitDataset({ key: 0, heldOut: Math.max(1, Math.round(heldOutShare * data.count)) })(all)
  const inTurn = rowsInTurn(train.length)
  let closed = false
  return {
    side: source.side,
    length: train.length,
    kept: single ? 0 : heldOut.length,
    objects: mostObjects(data),
    notes: single
      ? [...how, `${source.path}: there is one image, so none is held out: scores are those of the image that is trained on`]
      : how,
    batch: (seed, step, count) => async () =>
      closed ? closedSource : (wrongStep(step, count) ?? attempt(() => train.get(inTurn(seed, step * count, count)))),
    heldOut: (count) => E.right(heldOut.get(Uint32Array.from({ length: Math.min(count, heldOut.length) }, (_, i) => i))),
    close: async () => {
      closed = true
    },
  }
}

/** A user's images, read and brought to one size. */
export const openFiles = (source: CheckedFiles): TaskEither<StillpointError, OpenedSource> => {
  const { path, side, resize, transparency, most } = source
  const fitting = { side, resize: resize === "refuse" ? null : resize, transparency, most }
  return TE.map((images: FittedImages) => opened(images, source))(readFittedImages(path, fitting))
}
