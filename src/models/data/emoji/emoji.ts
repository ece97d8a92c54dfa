/**
 * Scenes of emoji on textured grounds: objects of many colours each, where neither colour nor brightness says what belongs together, and parts
 * of objects are hidden.
 */
import { TraceError } from "../../failure.js"
import { between, oneOf, optional, type RecordOf, record, whole } from "../../schema/index.js"
import { type Draws, drawsOf } from "../counter-rng.js"
import { crowdSettings, drawnInSight } from "../crowd.js"
import { liesInside, paintPictures } from "../picture-canvas.js"
import { emojiAtlas } from "./atlas.js"
import { drawGround, type GroundFactors, type GroundKind, groundKinds, paintGround } from "./ground.js"
import { emojiPicture } from "./sheet.js"

/** What may be said of scenes of emoji beside their size, for codecs. */
export const emojiChoices = {
  fewest: optional(whole(1, 20), 2),
  most: optional(whole(1, 20), 4),
  smallest: optional(between(0.1, 1), 0.25),
  largest: optional(between(0.1, 1), 0.45),
  minVisible: optional(between(0, 1), 0.5),
  ground: optional(oneOf("textured", ...groundKinds), "textured"),
}

const fields = { size: whole(16, 1024), ...emojiChoices, split: optional(oneOf("train", "heldOut"), "train") }

/** Codec of {@link EmojiConfig}, for configuration that comes from outside; what is missing has its default. */
export const EmojiConfig = record(fields)

/** What scenes to draw. */
export interface EmojiConfig {
  /** Side of the square image in pixels, from 16 to 1024. */
  readonly size: number
  /** Fewest and most emoji of a scene, from 1 to 20. Default 2 to 4, each number as likely. */
  readonly fewest?: number | undefined
  readonly most?: number | undefined
  /** Smallest and largest size of an emoji over the side of the image, from 0.1 to 1. Default 0.25 to 0.45. */
  readonly smallest?: number | undefined
  readonly largest?: number | undefined
  /** The share of its pixels that every emoji leaves in sight at least, from 0 to 1. Default 0.5. */
  readonly minVisible?: number | undefined
  /** A kind of ground, or any texture (default). */
  readonly ground?: GroundKind | "textured" | undefined
  /** Which stream of the seed to draw from. Scenes of the two splits share no random draws. Default `"train"`. */
  readonly split?: "train" | "heldOut" | undefined
}

/** One emoji of a scene, a square picture. */
export interface EmojiFactors {
  /** Index into {@link emojiNames}. */
  readonly emoji: number
  /** The centre in pixels from the left and the top edge: the middle of the top left pixel is (0.5, 0.5). */
  readonly x: number
  readonly y: number
  /** Side in pixels. */
  readonly size: number
  /** Whether left and right are swapped. */
  readonly flipped: boolean
}

/** One scene. Pixels are in row-major order from the top left corner. */
export interface EmojiScene {
  readonly size: number
  /** `[size, size, 3]`, in [0, 1]; pixels at edges are mixtures. */
  readonly image: Float32Array
  /** `[size, size]` label map: 0 the ground, i + 1 the emoji `factors[i]`; a pixel belongs to what has most of it. */
  readonly masks: Uint8Array
  /** From the lowest emoji to the topmost. */
  readonly factors: readonly EmojiFactors[]
  readonly ground: GroundFactors
  /** The share of its pixels that each emoji has in `masks`; 1 where nothing lies over it. */
  readonly visible: readonly number[]
}

/**
 * Names of the emoji in the order that `emoji` indexes.
 *
 * @example
 * emojiNames.length // 32
 */
export const emojiNames: readonly string[] = emojiAtlas.names

/** Two streams of draws that no other data takes. */
const streams = { train: 6, heldOut: 7 } as const

const settingsOf = (config: EmojiConfig): RecordOf<typeof fields> => crowdSettings("emoji", EmojiConfig, config)

const sceneOf = (size: number, ground: GroundFactors, painted: Float32Array, factors: readonly EmojiFactors[]): EmojiScene => {
  const pictures = factors.map((placed) => [emojiPicture(placed.emoji, placed.size), placed] as const)
  return { size, factors, ground, ...paintPictures(size, painted, pictures) }
}

const checkEmoji = (size: number, f: EmojiFactors, i: number): void => {
  if (emojiNames[f.emoji] === undefined)
    throw new TraceError(`emoji: emoji ${i} needs an index from 0 to ${emojiNames.length - 1}, found ${f.emoji}`)
  if (!liesInside(size, f))
    throw new TraceError(
      `emoji: emoji ${i} of size ${f.size} at (${f.x}, ${f.y}) leaves the image of ${size} pixels; move it or make it smaller`,
    )
}

const checkGround = ({ kind, period, angle, phase, first, second }: GroundFactors): void => {
  if (!groundKinds.includes(kind)) throw new TraceError(`emoji: the ground must be one of ${groundKinds.join(", ")}, found ${kind}`)
  const colours = [first, second].flatMap(({ hue, saturation, value }) => [hue, saturation, value])
  if (!colours.every((part) => part >= 0 && part <= 1))
    throw new TraceError(`emoji: the colours of the ground must have their parts in [0, 1], found ${colours.join(", ")}`)
  if (!(period >= 2 && Number.isFinite(angle) && Number.isFinite(phase)))
    throw new TraceError(
      `emoji: the ground needs a period of at least 2 pixels, an angle and a phase, found ${period}, ${angle} and ${phase}`,
    )
}

/**
 * Draws the scene that a ground and `factors` describe, from the lowest emoji to the topmost, emoji i with label i + 1.
 *
 * @throws TraceError when `size` is outside its range, the ground or an emoji is none, one leaves the image, or there are more than 255
 *
 * @example
 * const { ground } = emojiScene({ size: 64 }, 0, 0)
 * renderEmoji({ size: 64, ground }, [{ emoji: 3, x: 32, y: 32, size: 24, flipped: false }]).visible // [1]
 */
export const renderEmoji = (
  { size, ground }: { readonly size: number; readonly ground: GroundFactors },
  factors: readonly EmojiFactors[],
): EmojiScene => {
  settingsOf({ size })
  checkGround(ground)
  if (factors.length > 255) throw new TraceError(`emoji: at most 255 emoji have labels in a byte, found ${factors.length}`)
  factors.forEach((f, i) => {
    checkEmoji(size, f, i)
  })
  return sceneOf(size, ground, paintGround(size, ground), factors)
}

const drawEmoji = ({ below, uniform }: Draws, side: number, smallest: number, largest: number): EmojiFactors => {
  const emoji = below(emojiNames.length)
  const size = side * (smallest + (largest - smallest) * uniform())
  const place = (): number => size / 2 + (side - size) * uniform()
  return { emoji, x: place(), y: place(), size, flipped: below(2) === 1 }
}

/**
 * Scene `index` of `seed`: a uniform number of emoji, each of uniform kind, size, place inside the image and side that it faces, on a ground of a
 * uniform texture. All emoji are drawn anew until each leaves `minVisible` of its pixels in sight, so that scenes of each number of emoji follow
 * the product distribution given that. The same arguments give the same scene, whatever else was drawn before.
 *
 * @param seed an integer from 0 to 2^53 - 1
 * @param index an integer from 0 to 2^32 - 1
 * @throws TraceError when an argument is outside its range, or no draw of 2,000 leaves enough in sight
 *
 * @example
 * const { image, masks, factors } = emojiScene({ size: 64 }, 0, 7)
 * image.length // 12288
 */
export const emojiScene = (config: EmojiConfig, seed: number, index: number): EmojiScene => {
  const { size, fewest, most, smallest, largest, minVisible, ground: kind, split } = settingsOf(config)
  const draws = drawsOf(seed, streams[split], index)
  const ground = drawGround(draws, size, kind)
  const painted = paintGround(size, ground)
  const count = fewest + draws.below(most - fewest + 1)
  return drawnInSight("emoji", { objects: `${count} emoji`, minVisible }, () => {
    const factors = Array.from({ length: count }, () => drawEmoji(draws, size, smallest, largest))
    return sceneOf(size, ground, painted, factors)
  })
}
