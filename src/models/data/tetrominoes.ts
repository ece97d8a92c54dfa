/**
 * Procedural Tetrominoes: the published data set's rule, so that with 5-pixel blocks a scene with given factors is the
 * published image bit for bit, and with smaller blocks the same task fits a small budget.
 */
import * as t from "io-ts"
import { TraceError } from "../failure.js"
import { blockTemplate } from "./block-template.js"
import { drawsOf } from "./counter-rng.js"
import { colours, pieces } from "./pieces.js"

const integer = (name: string, low: number, high: number) =>
  new t.Type<number>(
    name,
    (u): u is number => typeof u === "number" && Number.isInteger(u) && u >= low && u <= high,
    (u, c) => (typeof u === "number" && Number.isInteger(u) && u >= low && u <= high ? t.success(u) : t.failure(u, c)),
    t.identity,
  )

/** Blocks along the side of an image of the published set. */
export const blocksAcross = 7

/** Pieces in every scene. */
export const piecesInAScene = 3

/** Codec of {@link TetrominoesConfig}, for configuration that comes from outside. Whether the pieces fit is checked at the first scene. */
export const TetrominoesConfig = t.readonly(
  t.intersection([
    t.type({ blockSize: integer("an integer from 1 to 64 (pixels)", 1, 64) }),
    t.partial({
      size: integer("an integer from 5 to 1024 (pixels)", 5, 1024),
      split: t.keyof({ train: null, heldOut: null }),
    }),
  ]),
  "TetrominoesConfig",
)

/** What scenes to draw. */
export interface TetrominoesConfig {
  /** Side of a block in pixels; 5 is the published data set. */
  readonly blockSize: number
  /** Side of the square image in pixels; at least `5 * blockSize`. Default `7 * blockSize` (35 for the published set). */
  readonly size?: number | undefined
  /** Which stream of the seed to draw from. Scenes of the two splits share no random draws. Default `"train"`. */
  readonly split?: "train" | "heldOut" | undefined
}

/** One piece of a scene. */
export interface PieceFactors {
  /** Index into {@link pieces}. */
  readonly shape: number
  /** Index into {@link colours}. */
  readonly colour: number
  /** Left column and top row of the piece's bounding box, in pixels. */
  readonly x: number
  readonly y: number
}

/** One scene. Pixels are in row-major order from the top left corner. */
export interface TetrominoesScene {
  readonly size: number
  /** `[size, size, 3]`, values `byte / 255` in [0, 1], background 0. */
  readonly image: Float32Array
  /** `[size, size]` label map: 0 background, 1 to 3 the pieces in the order of `factors`. */
  readonly masks: Uint8Array
  readonly factors: readonly PieceFactors[]
  /** Whether two pieces have the same colour: the scenes that colour alone cannot segment. */
  readonly sharesColour: boolean
}

const unit = Float32Array.from({ length: 256 }, (_, byte) => byte / 255)

const sideOf = (config: TetrominoesConfig): number => {
  blockTemplate(config.blockSize) // refuses a block size outside its range
  const size = config.size ?? blocksAcross * config.blockSize
  if (!Number.isInteger(size) || size < 5 * config.blockSize || size > 1024) {
    throw new TraceError(
      `tetrominoes: size must be an integer from 5 * blockSize = ${5 * config.blockSize} to 1024 pixels, so that three pieces fit, found ${size}`,
    )
  }
  return size
}

/** Whether any block of one piece shares a pixel with a block of another. */
const overlap = (factors: readonly PieceFactors[], block: number): boolean => {
  const corners = factors.map(({ shape, x, y }) =>
    pieces[shape]!.blocks.map(([column, row]) => [x + column * block, y + row * block] as const),
  )
  return corners.some((mine, i) =>
    corners
      .slice(0, i)
      .some((theirs) => mine.some(([x, y]) => theirs.some(([u, v]) => Math.abs(x - u) < block && Math.abs(y - v) < block))),
  )
}

/** Paints pieces that lie inside the image and do not overlap; piece i has label i + 1. */
const paint = (factors: readonly PieceFactors[], blockSize: number, size: number): TetrominoesScene => {
  const template = blockTemplate(blockSize)
  const image = new Float32Array(size * size * 3)
  const masks = new Uint8Array(size * size)
  factors.forEach(({ shape, colour, x, y }, p) => {
    const [red, green, blue] = colours[colour]!.channels
    for (const [column, row] of pieces[shape]!.blocks) {
      for (let i = 0; i < template.length; i++) {
        const pixel = (y + row * blockSize + Math.floor(i / blockSize)) * size + x + column * blockSize + (i % blockSize)
        const value = unit[template[i]!]!
        masks[pixel] = p + 1
        image[3 * pixel] = red * value
        image[3 * pixel + 1] = green * value
        image[3 * pixel + 2] = blue * value
      }
    }
  })
  return { size, image, masks, factors, sharesColour: new Set(factors.map((f) => f.colour)).size < factors.length }
}

/**
 * Draws the scene that `factors` describe, piece i with label i + 1.
 *
 * @throws TraceError when a piece is unknown, leaves the image, or overlaps another
 *
 * @example
 * renderTetrominoes({ blockSize: 2 }, [{ shape: 0, colour: 0, x: 2, y: 4 }]).size // 14
 */
export const renderTetrominoes = (config: TetrominoesConfig, factors: readonly PieceFactors[]): TetrominoesScene => {
  const size = sideOf(config)
  if (factors.length > 255) throw new TraceError(`tetrominoes: at most 255 pieces have labels in a byte, found ${factors.length}`)
  factors.forEach((f, i) => {
    const shape = pieces[f.shape]
    if (shape === undefined || colours[f.colour] === undefined) {
      throw new TraceError(
        `tetrominoes: piece ${i} needs a shape from 0 to 16 and a colour from 0 to 5, found shape ${f.shape}, colour ${f.colour}`,
      )
    }
    const [right, bottom] = [size - shape.columns * config.blockSize, size - shape.rows * config.blockSize]
    if (!(Number.isInteger(f.x) && Number.isInteger(f.y) && f.x >= 0 && f.y >= 0 && f.x <= right && f.y <= bottom)) {
      throw new TraceError(
        `tetrominoes: piece ${i} (${shape.name}) must have integer x from 0 to ${right} and y from 0 to ${bottom}, found (${f.x}, ${f.y})`,
      )
    }
  })
  if (overlap(factors, config.blockSize)) throw new TraceError("tetrominoes: two of the pieces overlap; move one of them")
  return paint(factors, config.blockSize, size)
}

/** The published set needs 7 draws a scene on average, the tightest size that is accepted some 500: this many mean that something is wrong. */
const redraws = 100_000

/**
 * Scene `index` of `seed`: three pieces, each of uniform shape, colour and integer position inside the image; all three are drawn
 * anew until none overlaps, so scenes follow the product distribution given "no overlap". The same arguments give the same scene,
 * whatever else was drawn before.
 *
 * @param seed an integer from 0 to 2^53 - 1
 * @param index an integer from 0 to 2^32 - 1
 * @throws TraceError when an argument is outside its range
 *
 * @example
 * const { image, masks, factors } = tetrominoesScene({ blockSize: 2 }, 0, 7)
 * factors.length // 3
 */
export const tetrominoesScene = (config: TetrominoesConfig, seed: number, index: number): TetrominoesScene => {
  const size = sideOf(config)
  const draws = drawsOf(seed, config.split === "heldOut" ? 1 : 0, index)
  for (let attempt = 0; attempt < redraws; attempt++) {
    const factors = Array.from({ length: piecesInAScene }, (): PieceFactors => {
      const shape = draws.below(pieces.length)
      const { columns, rows } = pieces[shape]!
      return {
        shape,
        colour: draws.below(colours.length),
        x: draws.below(size - columns * config.blockSize + 1),
        y: draws.below(size - rows * config.blockSize + 1),
      }
    })
    if (!overlap(factors, config.blockSize)) return paint(factors, config.blockSize, size)
  }
  throw new TraceError(`tetrominoes: no scene without overlap in ${redraws} draws; use a larger size than ${size}`)
}

/** Scenes side by side in two arrays, as a model takes them. */
export interface TetrominoesBatch {
  readonly count: number
  readonly size: number
  /** `[count, size, size, 3]`, in [0, 1]. */
  readonly images: Float32Array
  /** `[count, size, size]` label maps: 0 background, 1 to 3 the pieces. */
  readonly masks: Uint8Array
  readonly factors: readonly (readonly PieceFactors[])[]
  readonly sharesColour: readonly boolean[]
}

/**
 * Scenes `start` to `start + count - 1` of `seed`.
 *
 * A training set of n scenes is indices 0 to n - 1 of the `"train"` split; test scenes come from the `"heldOut"` split.
 *
 * @throws TraceError when an argument is outside its range
 *
 * @example
 * const { images, masks } = batch({ blockSize: 2, split: "heldOut" }, 0, 0, 8)
 * images.length // 4704
 */
export const batch = (config: TetrominoesConfig, seed: number, start: number, count: number): TetrominoesBatch => {
  if (!Number.isInteger(count) || count < 0) throw new TraceError(`tetrominoes: count must be a natural number, found ${count}`)
  const size = sideOf(config)
  const images = new Float32Array(count * size * size * 3)
  const masks = new Uint8Array(count * size * size)
  const scenes = Array.from({ length: count }, (_, i) => {
    const scene = tetrominoesScene(config, seed, start + i)
    images.set(scene.image, i * scene.image.length)
    masks.set(scene.masks, i * scene.masks.length)
    return scene
  })
  return { count, size, images, masks, factors: scenes.map((s) => s.factors), sharesColour: scenes.map((s) => s.sharesColour) }
}
