/** Sprites as objects to predict. */
import type { Tensor } from "../../core/index.js"
import { type SpriteFactors, spriteShapes } from "../data/index.js"
import type { SetLayout } from "./layout.js"
import { type SetObject, setTargets } from "./targets.js"

/** Hues that sprites are told apart by: red, yellow, green, cyan, blue and magenta in the middle of theirs. */
const hues = 6

/**
 * Sprites: x, y and diameter over the side of the image, one of 3 shapes, one of 6 hues. Distances are those of (x, y, diameter) in sides of
 * the image. The rotation is left out: a square looks the same after a quarter of a turn and an ellipse after half of one, so an image does
 * not tell it. So are saturation and value.
 *
 * @example
 * setRanges(spritesLayout).features // 13
 */
export const spritesLayout: SetLayout = {
  position: { dimensions: 3, scale: 1 },
  attributes: [
    { name: "shape", classes: spriteShapes.length },
    { name: "hue", classes: hues },
  ],
}

/**
 * A sprite as an object of a square image with this side in pixels: its centroid and its diameter.
 *
 * @example
 * const colour = { hue: 0.98, saturation: 1, value: 1 }
 * spritesObject(64, { shape: 2, x: 32, y: 16, size: 24, rotation: 0, colour }) // { position: [0.5, 0.25, 0.375], attributes: [2, 0] }
 */
export const spritesObject = (side: number, { shape, x, y, size, colour }: SpriteFactors): SetObject => ({
  position: [x / side, y / side, size / side],
  attributes: [shape, Math.round(colour.hue * hues) % hues],
})

/**
 * The sprites of scenes of one side as targets [scenes, slots, 13].
 *
 * @throws TraceError when a scene has more sprites than slots
 *
 * @example
 * spritesTargets(32, [spritesScene({ size: 32 }, 0, 7).factors], 5).shape // [1, 5, 13]
 */
export const spritesTargets = (side: number, scenes: readonly (readonly SpriteFactors[])[], slots: number): Tensor =>
  setTargets(
    spritesLayout,
    scenes.map((factors) => factors.map((f) => spritesObject(side, f))),
    slots,
  )
