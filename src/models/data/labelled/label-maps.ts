/** Arrays as label maps. */
import * as E from "fp-ts/lib/Either.js"
import type { DecodeError } from "../../failure.js"
import { type NpyArray, refuse } from "../readers/index.js"
import type { Pixels } from "./pixels.js"

const largest = 255

const asLabels = ({ data }: NpyArray, pixels: number, source: string): E.Either<DecodeError, Uint8Array> => {
  const labels = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i])
    if (!Number.isInteger(value) || value < 0 || value > largest)
      return refuse(
        source,
        `a label of image ${Math.floor(i / pixels)} is ${value}, expected whole numbers from 0 (background) to ${largest}`,
      )
    labels[i] = value
  }
  return E.right(labels)
}

/** The mask that has most of each pixel; where none has any of it, the background. */
const fromMasks = ({ data }: NpyArray, masks: number, pixels: number, source: string): E.Either<DecodeError, Uint8Array> => {
  const labels = new Uint8Array(data.length / masks)
  for (let i = 0; i < labels.length; i++) {
    const image = Math.floor(i / pixels)
    const first = image * masks * pixels + (i % pixels)
    let most = 0
    for (let k = 0; k < masks; k++) {
      const value = Number(data[first + k * pixels])
      if (!(value >= 0)) return refuse(source, `a value of mask ${k} of image ${image} is ${value}, expected numbers of at least 0`)
      if (value > most) [most, labels[i]] = [value, k]
    }
  }
  return E.right(labels)
}

/**
 * Label maps `[count, height, width]` for images: from labels of that shape (or with a last axis of 1), or from one mask an object,
 * `[count, objects, height, width]` (or with a last axis of 1), of which the first is the background's. `Left` says what does not fit.
 */
export const labelMapsOf = (
  array: NpyArray,
  { count, height, width }: Omit<Pixels, "images">,
  source: string,
): E.Either<DecodeError, Uint8Array> => {
  const shape = array.shape.length > 3 && array.shape.at(-1) === 1 ? array.shape.slice(0, -1) : array.shape
  const pixels = height * width
  const fits = shape[0] === count && shape.at(-2) === height && shape.at(-1) === width
  if (fits && shape.length === 3) return asLabels(array, pixels, source)
  const masks = shape[1] ?? 0
  if (fits && shape.length === 4 && masks > 0 && masks <= largest + 1) return fromMasks(array, masks, pixels, source)
  return refuse(
    source,
    `expected labels [${count}, ${height}, ${width}], or masks [${count}, 1 to ${largest + 1}, ${height}, ${width}] with the background's first, found [${array.shape.join(", ")}]`,
  )
}
