/**
 * Painting sprites with smooth edges: every pixel is 4 x 4 samples, a sample belongs to the last sprite over it, and a pixel's colour is the mean
 * of its samples'.
 */
import { spriteShapes } from "./sprite-shapes.js"

const fine = 4
const samples = fine * fine

/** Where a sprite is and what it looks like. */
export interface SpriteOutline {
  readonly shape: number
  readonly x: number
  readonly y: number
  readonly size: number
  readonly rotation: number
}

/** Paints `label` over the samples of a canvas `[4 side, 4 side]` that are in the sprite, and answers how many pixels it has more than half of. */
const cover = (canvas: Uint8Array, side: number, label: number, { shape, x, y, size, rotation }: SpriteOutline): number => {
  const { holds } = spriteShapes[shape]!
  const [cos, sin, radius] = [Math.cos(rotation), Math.sin(rotation), size / 2]
  const width = side * fine
  const first = (centre: number) => Math.max(0, Math.floor(centre - radius))
  const past = (centre: number) => Math.min(side, Math.ceil(centre + radius))
  let pixels = 0
  for (let row = first(y); row < past(y); row++) {
    for (let column = first(x); column < past(x); column++) {
      let within = 0
      for (let s = 0; s < samples; s++) {
        const [fineRow, fineColumn] = [row * fine + Math.floor(s / fine), column * fine + (s % fine)]
        const dx = ((fineColumn + 0.5) / fine - x) / radius
        const dy = ((fineRow + 0.5) / fine - y) / radius
        if (holds(cos * dx + sin * dy, cos * dy - sin * dx)) {
          canvas[fineRow * width + fineColumn] = label
          within++
        }
      }
      if (2 * within > samples) pixels++
    }
  }
  return pixels
}

/** Sprites on a canvas. */
export interface Painted {
  /** `[side, side, 3]` */
  readonly image: Float32Array
  /** `[side, side]`: the label with most samples of each pixel, the lowest of equals; 0 the background. */
  readonly masks: Uint8Array
  /** Pixels that each sprite has when nothing is over it. */
  readonly whole: readonly number[]
  /** Pixels that each sprite has in `masks`. */
  readonly seen: readonly number[]
}

/**
 * Paints sprites, later ones over earlier ones, sprite i with label i + 1.
 *
 * @param colours red, green and blue of the background, then of each sprite
 */
export const paintSprites = (
  side: number,
  outlines: readonly SpriteOutline[],
  colours: readonly (readonly [red: number, green: number, blue: number])[],
): Painted => {
  const canvas = new Uint8Array(side * side * samples)
  const whole = outlines.map((outline, i) => cover(canvas, side, i + 1, outline))
  const image = new Float32Array(side * side * 3)
  const masks = new Uint8Array(side * side)
  const seen = outlines.map(() => 0)
  const tally = new Uint8Array(outlines.length + 1)
  for (let pixel = 0; pixel < masks.length; pixel++) {
    const corner = Math.floor(pixel / side) * fine * side * fine + (pixel % side) * fine
    tally.fill(0)
    for (let s = 0; s < samples; s++) tally[canvas[corner + Math.floor(s / fine) * side * fine + (s % fine)]!]!++
    let most = 0
    for (let label = 0; label < tally.length; label++) {
      const share = tally[label]! / samples
      if (share === 0) continue
      if (tally[label]! > tally[most]!) most = label
      for (let c = 0; c < 3; c++) image[3 * pixel + c]! += share * colours[label]![c]!
    }
    masks[pixel] = most
    if (most > 0) seen[most - 1]!++
  }
  return { image, masks, whole, seen }
}
