/** True objects as the numbers that are to be predicted. */
import { type Tensor, tensor } from "../../core/index.js"
import { blocksAcross, colours, type PieceFactors, pieces, type TetrominoesConfig } from "../data/index.js"
import { TraceError } from "../failure.js"
import { type SetLayout, type SetRanges, setRanges } from "./layout.js"

/** One true object. */
export interface SetObject {
  /** Coordinates in [0, 1]. */
  readonly position: readonly number[]
  /** The class of each attribute, in the layout's order. */
  readonly attributes: readonly number[]
}

const write = (row: Float64Array, { position, attributes }: SetObject, layout: SetLayout, ranges: SetRanges, place: string): void => {
  if (position.length !== layout.position.dimensions || !position.every((x) => x >= 0 && x <= 1))
    throw new TraceError(
      `setTargets: ${place} must have ${layout.position.dimensions} coordinates in [0, 1], found [${position.join(", ")}]; rescale them`,
    )
  if (attributes.length !== layout.attributes.length)
    throw new TraceError(`setTargets: ${place} has ${attributes.length} attributes, the layout ${layout.attributes.length}`)
  row.set(position, ranges.position.from)
  for (const [i, { name, classes }] of layout.attributes.entries()) {
    const value = attributes[i] as number
    if (!Number.isInteger(value) || value < 0 || value >= classes)
      throw new TraceError(`setTargets: ${name} of ${place} must be a class from 0 to ${classes - 1}, found ${value}`)
    row[(ranges.attributes[i]?.from as number) + value] = 1
  }
  row[ranges.presence] = 1
}

/**
 * The objects of some images as targets [images, slots, features]: objects first, then rows of zeros, whose presence is 0.
 *
 * @throws TraceError when an image has more objects than slots, or an object does not fit the layout
 *
 * @example
 * const layout = { position: { dimensions: 1, scale: 1 }, attributes: [{ name: "colour", classes: 2 }] }
 * evaluate(setTargets(layout, [[{ position: [0.5], attributes: [1] }]], 2)) // right([[[0.5, 0, 1, 1], [0, 0, 0, 0]]])
 */
export const setTargets = (layout: SetLayout, images: readonly (readonly SetObject[])[], slots: number): Tensor => {
  const ranges = setRanges(layout)
  const { features } = ranges
  const data = new Float64Array(images.length * slots * features)
  for (const [b, objects] of images.entries()) {
    if (objects.length > slots)
      throw new TraceError(`setTargets: image ${b} has ${objects.length} objects, more than the ${slots} slots; use more slots`)
    for (const [k, object] of objects.entries()) {
      const start = (b * slots + k) * features
      write(data.subarray(start, start + features), object, layout, ranges, `object ${k} of image ${b}`)
    }
  }
  return tensor(data, [images.length, slots, features])
}

const sideOf = ({ blockSize, size = blocksAcross * blockSize }: TetrominoesConfig): number => size

/**
 * Pieces of Tetrominoes: x and y in [0, 1], one of 17 shapes, one of 6 colours. Distances are told in blocks.
 *
 * @example
 * setRanges(tetrominoesLayout({ blockSize: 5 })).features // 26
 */
export const tetrominoesLayout = (config: TetrominoesConfig): SetLayout => ({
  position: { dimensions: 2, scale: sideOf(config) / config.blockSize },
  attributes: [
    { name: "shape", classes: pieces.length },
    { name: "colour", classes: colours.length },
  ],
})

/**
 * A piece as an object: the left column and top row of its bounding box over the side of the image.
 *
 * @example
 * tetrominoesObject({ blockSize: 5 }, { shape: 3, colour: 1, x: 7, y: 14 }) // { position: [0.2, 0.4], attributes: [3, 1] }
 */
export const tetrominoesObject = (config: TetrominoesConfig, { shape, colour, x, y }: PieceFactors): SetObject => {
  const side = sideOf(config)
  return { position: [x / side, y / side], attributes: [shape, colour] }
}

/**
 * The pieces of scenes as targets [scenes, slots, 26].
 *
 * @throws TraceError when a scene has more pieces than slots
 *
 * @example
 * const config = { blockSize: 2 }
 * tetrominoesTargets(config, batch(config, 0, 0, 8).factors, 4).shape // [8, 4, 26]
 */
export const tetrominoesTargets = (config: TetrominoesConfig, scenes: readonly (readonly PieceFactors[])[], slots: number): Tensor =>
  setTargets(
    tetrominoesLayout(config),
    scenes.map((factors) => factors.map((f) => tetrominoesObject(config, f))),
    slots,
  )
