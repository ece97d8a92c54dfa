/**
 * Scenes of sprites that lie over one another, as in Multi-dSprites: squares, ellipses and hearts of any size, rotation and colour. Here
 * colour alone does not say what belongs together, and parts of objects are hidden.
 */
import { TraceError } from "../failure.js"
import { between, oneOf, optional, type RecordOf, record, whole } from "../schema/index.js"
import { type Draws, drawsOf } from "./counter-rng.js"
import { crowdSettings, drawnInSight } from "./crowd.js"
import { type Hsv, rgbOfHsv } from "./hsv.js"
import { type Painted, paintSprites } from "./sprite-canvas.js"
import { spriteShapes } from "./sprite-shapes.js"

/** What may be said of scenes of sprites beside their size, for codecs. */
export const spriteChoices = {
  fewest: optional(whole(1, 20), 2),
  most: optional(whole(1, 20), 5),
  smallest: optional(between(0.1, 1), 0.2),
  largest: optional(between(0.1, 1), 0.45),
  minVisible: optional(between(0, 1), 0.25),
  background: optional(oneOf("black", "grey"), "grey"),
}

const fields = {
  size: whole(16, 1024),
  ...spriteChoices,
  split: optional(oneOf("train", "heldOut"), "train"),
}

/** Codec of {@link SpritesConfig}, for configuration that comes from outside; what is missing has its default. */
export const SpritesConfig = record(fields)

/** What scenes to draw. */
export interface SpritesConfig {
  /** Side of the square image in pixels, from 16 to 1024; 64 in Multi-dSprites. */
  readonly size: number
  /** Fewest and most sprites of a scene, from 1 to 20. Default 2 to 5, each number as likely. */
  readonly fewest?: number | undefined
  readonly most?: number | undefined
  /** Smallest and largest size of a sprite over the side of the image, from 0.1 to 1. Default 0.2 to 0.45. */
  readonly smallest?: number | undefined
  readonly largest?: number | undefined
  /** The share of its pixels that every sprite leaves in sight at least, from 0 to 1 (none lies over another). Default 0.25. */
  readonly minVisible?: number | undefined
  /** Black, or one grey a scene (default). */
  readonly background?: "black" | "grey" | undefined
  /** Which stream of the seed to draw from. Scenes of the two splits share no random draws. Default `"train"`. */
  readonly split?: "train" | "heldOut" | undefined
}

/** One sprite of a scene. */
export interface SpriteFactors {
  /** Index into {@link spriteShapes}. */
  readonly shape: number
  /** The centroid in pixels from the left and the top edge: the middle of the top left pixel is (0.5, 0.5). */
  readonly x: number
  readonly y: number
  /** Diameter in pixels of the smallest circle around the centroid that holds the sprite. */
  readonly size: number
  /** In radians, clockwise as it is seen. */
  readonly rotation: number
  readonly colour: Hsv
}

/** One scene. Pixels are in row-major order from the top left corner. */
export interface SpritesScene {
  readonly size: number
  /** `[size, size, 3]`, in [0, 1]; pixels at edges are mixtures. */
  readonly image: Float32Array
  /** `[size, size]` label map: 0 background, i + 1 the sprite `factors[i]`; a pixel belongs to what has most of it. */
  readonly masks: Uint8Array
  /** From the lowest sprite to the topmost. */
  readonly factors: readonly SpriteFactors[]
  /** The grey of the background, from 0 (black) to 1. */
  readonly background: number
  /** The share of its pixels that each sprite has in `masks`; 1 where nothing lies over it. */
  readonly visible: readonly number[]
}

/** Two streams of draws that no other data takes. */
const streams = { train: 4, heldOut: 5 } as const

const settingsOf = (config: SpritesConfig): RecordOf<typeof fields> => crowdSettings("sprites", SpritesConfig, config)

const paint = (size: number, background: number, factors: readonly SpriteFactors[]): Painted =>
  paintSprites(size, factors, [[background, background, background], ...factors.map(({ colour }) => rgbOfHsv(colour))])

const sceneOf = (size: number, background: number, factors: readonly SpriteFactors[], painted: Painted): SpritesScene => ({
  size,
  image: painted.image,
  masks: painted.masks,
  factors,
  background,
  visible: painted.seen.map((seen, i) => (painted.whole[i] === 0 ? 0 : Math.min(1, seen / painted.whole[i]!))),
})

const inUnit = (n: number): boolean => n >= 0 && n <= 1

const checkSprite = (size: number, f: SpriteFactors, i: number): void => {
  if (spriteShapes[f.shape] === undefined)
    throw new TraceError(`sprites: sprite ${i} needs a shape from 0 to ${spriteShapes.length - 1}, found ${f.shape}`)
  const radius = f.size / 2
  const fits = (at: number): boolean => at >= radius && at <= size - radius
  if (!(f.size > 0 && fits(f.x) && fits(f.y)))
    throw new TraceError(
      `sprites: sprite ${i} of size ${f.size} at (${f.x}, ${f.y}) leaves the image of ${size} pixels; move it or make it smaller`,
    )
  if (!Number.isFinite(f.rotation)) throw new TraceError(`sprites: sprite ${i} needs a rotation in radians, found ${f.rotation}`)
  const { hue, saturation, value } = f.colour
  if (!(inUnit(hue) && inUnit(saturation) && inUnit(value)))
    throw new TraceError(
      `sprites: the colour of sprite ${i} must have its parts in [0, 1], found hue ${hue}, saturation ${saturation}, value ${value}`,
    )
}

/**
 * Draws the scene that `factors` describe, from the lowest sprite to the topmost, sprite i with label i + 1.
 *
 * @throws TraceError when `size` is outside its range, a sprite is none or leaves the image, or there are more than 255
 *
 * @example
 * const colour = { hue: 0, saturation: 1, value: 1 }
 * renderSprites({ size: 64, background: 0.5 }, [{ shape: 2, x: 32, y: 32, size: 20, rotation: 0, colour }]).visible // [1]
 */
export const renderSprites = (
  { size, background }: { readonly size: number; readonly background: number },
  factors: readonly SpriteFactors[],
): SpritesScene => {
  settingsOf({ size })
  if (!inUnit(background)) throw new TraceError(`sprites: background must be a grey in [0, 1], found ${background}`)
  if (factors.length > 255) throw new TraceError(`sprites: at most 255 sprites have labels in a byte, found ${factors.length}`)
  factors.forEach((f, i) => {
    checkSprite(size, f, i)
  })
  return sceneOf(size, background, factors, paint(size, background, factors))
}

/** Saturation and value are in [0.5, 1], so that no sprite has the colour of a grey background. */
const drawSprite = ({ below, uniform }: Draws, side: number, smallest: number, largest: number): SpriteFactors => {
  const shape = below(spriteShapes.length)
  const size = side * (smallest + (largest - smallest) * uniform())
  const place = (): number => size / 2 + (side - size) * uniform()
  const [x, y] = [place(), place()]
  const rotation = 2 * Math.PI * uniform()
  return { shape, x, y, size, rotation, colour: { hue: uniform(), saturation: (1 + uniform()) / 2, value: (1 + uniform()) / 2 } }
}

/**
 * Scene `index` of `seed`: a uniform number of sprites, each of uniform shape, size, rotation, place inside the image and colour (saturation
 * and value from 0.5 to 1), on a background of uniform grey. All sprites are drawn anew until each leaves `minVisible` of its pixels in
 * sight, so that scenes of each number of sprites follow the product distribution given that. The same arguments give the same scene,
 * whatever else was drawn before.
 *
 * @param seed an integer from 0 to 2^53 - 1
 * @param index an integer from 0 to 2^32 - 1
 * @throws TraceError when an argument is outside its range, or no draw of 2,000 leaves enough in sight
 *
 * @example
 * const { image, masks, factors } = spritesScene({ size: 64 }, 0, 7)
 * image.length // 12288
 */
export const spritesScene = (config: SpritesConfig, seed: number, index: number): SpritesScene => {
  const { size, fewest, most, smallest, largest, minVisible, background, split } = settingsOf(config)
  const draws = drawsOf(seed, streams[split], index)
  const count = fewest + draws.below(most - fewest + 1)
  const grey = background === "grey" ? draws.uniform() : 0
  return drawnInSight("sprites", { objects: `${count} sprites`, minVisible }, () => {
    const factors = Array.from({ length: count }, () => drawSprite(draws, size, smallest, largest))
    return sceneOf(size, grey, factors, paint(size, grey, factors))
  })
}
