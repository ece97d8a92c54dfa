/** Scenes of tinted garments on dark ground: objects of soft textures and of shapes that differ within a kind. */
import { between, oneOf, optional, type RecordOf, record, whole } from "../../schema/index.js"
import { type Draws, drawsOf } from "../counter-rng.js"
import { crowdSettings, drawnInSight } from "../crowd.js"
import { type Hsv, rgbOfHsv } from "../hsv.js"
import { type AlphaPicture, paintPictures } from "../picture-canvas.js"
import type { FashionMnist, Garments } from "./garments.js"

/** What may be said of scenes of garments beside their size, for codecs. */
export const fashionChoices = {
  fewest: optional(whole(1, 20), 2),
  most: optional(whole(1, 20), 4),
  smallest: optional(between(0.1, 1), 0.3),
  largest: optional(between(0.1, 1), 0.5),
  minVisible: optional(between(0, 1), 0.5),
}

const fields = { size: whole(16, 1024), ...fashionChoices, split: optional(oneOf("train", "heldOut"), "train") }

/** Codec of {@link FashionConfig}, for configuration that comes from outside; what is missing has its default. */
export const FashionConfig = record(fields)

/** What scenes to draw. */
export interface FashionConfig {
  /** Side of the square image in pixels, from 16 to 1024. */
  readonly size: number
  /** Fewest and most garments of a scene, from 1 to 20. Default 2 to 4, each number as likely. */
  readonly fewest?: number | undefined
  readonly most?: number | undefined
  /** Smallest and largest size of a garment's picture over the side of the image, from 0.1 to 1. Default 0.3 to 0.5. */
  readonly smallest?: number | undefined
  readonly largest?: number | undefined
  /** The share of its pixels that every garment leaves in sight at least, from 0 to 1. Default 0.5. */
  readonly minVisible?: number | undefined
  /** Which garments, and which stream of the seed to draw from: scenes of the two splits share neither. Default `"train"`. */
  readonly split?: "train" | "heldOut" | undefined
}

/** One garment of a scene, a square picture. */
export interface GarmentFactors {
  /** Index of the garment in its part of the data. */
  readonly garment: number
  /** Index into {@link garmentKinds}. */
  readonly kind: number
  /** The centre in pixels from the left and the top edge: the middle of the top left pixel is (0.5, 0.5). */
  readonly x: number
  readonly y: number
  /** Side in pixels. */
  readonly size: number
  /** Whether left and right are swapped. */
  readonly flipped: boolean
  readonly tint: Hsv
}

/** One scene. Pixels are in row-major order from the top left corner. */
export interface FashionScene {
  readonly size: number
  /** `[size, size, 3]`, in [0, 1]; pixels at edges are mixtures. */
  readonly image: Float32Array
  /** `[size, size]` label map: 0 the ground, i + 1 the garment `factors[i]`; a pixel belongs to what has most of it. */
  readonly masks: Uint8Array
  /** From the lowest garment to the topmost. */
  readonly factors: readonly GarmentFactors[]
  /** The grey of the ground, from 0 (black) to 0.15. */
  readonly ground: number
  /** The share of its pixels that each garment has in `masks`; 1 where nothing lies over it. */
  readonly visible: readonly number[]
}

/** Two streams of draws that no other data takes. */
const streams = { train: 9, heldOut: 10 } as const

const settingsOf = (config: FashionConfig): RecordOf<typeof fields> => crowdSettings("fashion", FashionConfig, config)

/** A garment's darkest pixels are hardly told from the black around it: from this brightness on a pixel is all garment. */
const opaqueFrom = 0.2
/** What black of a garment looks like, as a share of its tint, so that dark garments are seen on dark ground. */
const darkest = 0.2

/** A garment in its tint, with the black around it transparent. */
const tinted = ({ side, pictures }: Garments, garment: number, tint: Hsv): AlphaPicture => {
  const rgb = rgbOfHsv(tint)
  const data = new Float32Array(side * side * 4)
  for (let p = 0; p < side * side; p++) {
    const grey = pictures[garment * side * side + p]! / 255
    const alpha = Math.min(1, grey / opaqueFrom)
    for (let c = 0; c < 3; c++) data[4 * p + c] = alpha * rgb[c]! * (darkest + (1 - darkest) * grey)
    data[4 * p + 3] = alpha
  }
  return { side, data }
}

const sceneOf = (garments: Garments, size: number, ground: number, factors: readonly GarmentFactors[]): FashionScene => {
  const pictures = factors.map((f) => [tinted(garments, f.garment, f.tint), f] as const)
  return { size, factors, ground, ...paintPictures(size, new Float32Array(3 * size * size).fill(ground), pictures) }
}

/** Tints are bright and of clear colour: saturation from 0.4, value from 0.7. */
const drawGarment = (
  { below, uniform }: Draws,
  { count, kinds }: Garments,
  side: number,
  smallest: number,
  largest: number,
): GarmentFactors => {
  const garment = below(count)
  const size = side * (smallest + (largest - smallest) * uniform())
  const place = (): number => size / 2 + (side - size) * uniform()
  const [x, y] = [place(), place()]
  const flipped = below(2) === 1
  const tint = { hue: uniform(), saturation: 0.4 + 0.6 * uniform(), value: 0.7 + 0.3 * uniform() }
  return { garment, kind: kinds[garment]!, x, y, size, flipped, tint }
}

/**
 * Scene `index` of `seed`: a uniform number of garments, each a uniform one of its part of the data, of uniform size, place inside the image, side
 * that it faces and tint, on ground of a dark grey. All are drawn anew until each leaves `minVisible` of its pixels in sight. The same arguments
 * give the same scene, whatever else was drawn before.
 *
 * @param seed an integer from 0 to 2^53 - 1
 * @param index an integer from 0 to 2^32 - 1
 * @throws TraceError when an argument is outside its range, or no draw of 2,000 leaves enough in sight
 *
 * @example
 * const read = await readFashionMnist()()
 * if (E.isRight(read)) console.log(fashionScene(read.right, { size: 64 }, 0, 7).factors.length)
 */
export const fashionScene = (data: FashionMnist, config: FashionConfig, seed: number, index: number): FashionScene => {
  const { size, fewest, most, smallest, largest, minVisible, split } = settingsOf(config)
  const garments = data[split]
  const draws = drawsOf(seed, streams[split], index)
  const ground = 0.15 * draws.uniform()
  const count = fewest + draws.below(most - fewest + 1)
  return drawnInSight("fashion", { objects: `${count} garments`, minVisible }, () => {
    const factors = Array.from({ length: count }, () => drawGarment(draws, garments, size, smallest, largest))
    return sceneOf(garments, size, ground, factors)
  })
}
