/** Painting pictures of any size with smooth edges over a ground. */

/** A square picture: `[side, side, 4]`, red, green and blue times alpha, then alpha, in [0, 1]. */
export interface AlphaPicture {
  readonly side: number
  readonly data: Float32Array
}

/** Where a picture lies. */
export interface Placed {
  /** The centre in pixels from the left and the top edge. */
  readonly x: number
  readonly y: number
  /** Side of the square that the picture fills, in pixels. */
  readonly size: number
  /** Whether left and right are swapped. */
  readonly flipped: boolean
}

/** Pictures on a ground. */
export interface PaintedPictures {
  /** `[size, size, 3]` */
  readonly image: Float32Array
  /** `[size, size]`: the label of what has most of each pixel, the lowest of equals; 0 the ground. */
  readonly masks: Uint8Array
  /** The share of its pixels that each picture has in `masks`; 1 where nothing lies over it, 0 for one that has no pixel. */
  readonly visible: readonly number[]
}

interface Canvas extends Omit<PaintedPictures, "visible"> {
  /** The share of each pixel that what has most of it has. */
  readonly lead: Float32Array
}

/** Samples along a side of a pixel. */
const fine = 2

/** Adds the picture at a point (in its pixels, half a pixel in is the middle of the first one) to `out`; outside it is transparent. */
const addSample = (out: Float64Array, { side, data }: AlphaPicture, u: number, v: number): void => {
  const [x, y] = [u - 0.5, v - 0.5]
  const [left, top] = [Math.floor(x), Math.floor(y)]
  const [right, bottom] = [x - left, y - top]
  for (let corner = 0; corner < 4; corner++) {
    const column = left + (corner & 1)
    const row = top + (corner >> 1)
    if (column < 0 || row < 0 || column >= side || row >= side) continue
    const weight = (corner & 1 ? right : 1 - right) * (corner >> 1 ? bottom : 1 - bottom)
    const at = 4 * (row * side + column)
    for (let c = 0; c < 4; c++) out[c]! += weight * data[at + c]!
  }
}

/**
 * Paints a picture over what is there, as `label`, and answers how many pixels it has more than half of. Four samples a pixel are enough for
 * pictures that are at most some three times as large as they are painted.
 */
const paintOver = ({ image, masks, lead }: Canvas, size: number, label: number, picture: AlphaPicture, placed: Placed): number => {
  const { side } = picture
  const scale = side / placed.size
  const [left, top] = [placed.x - placed.size / 2, placed.y - placed.size / 2]
  const sum = new Float64Array(4)
  let pixels = 0
  // linear interpolation reaches half a pixel of the picture beyond its edge
  const reach = 0.5 / scale
  for (let row = Math.max(0, Math.floor(top - reach)); row < Math.min(size, Math.ceil(top + placed.size + reach)); row++) {
    for (let column = Math.max(0, Math.floor(left - reach)); column < Math.min(size, Math.ceil(left + placed.size + reach)); column++) {
      sum.fill(0)
      for (let s = 0; s < fine * fine; s++) {
        const u = (column + ((s % fine) + 0.5) / fine - left) * scale
        const v = (row + (Math.floor(s / fine) + 0.5) / fine - top) * scale
        addSample(sum, picture, placed.flipped ? side - u : u, v)
      }
      const alpha = Math.min(1, sum[3]! / fine ** 2) // weights add up to 1 but for rounding
      if (alpha === 0) continue
      const pixel = row * size + column
      for (let c = 0; c < 3; c++) image[3 * pixel + c] = Math.min(1, (1 - alpha) * image[3 * pixel + c]! + sum[c]! / fine ** 2)
      if (alpha > 0.5) pixels++
      lead[pixel] = (1 - alpha) * lead[pixel]! // what is below keeps its order
      if (alpha > lead[pixel]!) {
        lead[pixel] = alpha
        masks[pixel] = label
      }
    }
  }
  return pixels
}

/** Paints pictures over a ground `[size, size, 3]`, later ones over earlier ones, picture i with label i + 1. */
export const paintPictures = (
  size: number,
  ground: Float32Array,
  pictures: readonly (readonly [picture: AlphaPicture, placed: Placed])[],
): PaintedPictures => {
  const pixels = size * size
  const canvas = { image: ground.slice(), masks: new Uint8Array(pixels), lead: new Float32Array(pixels).fill(1) }
  const whole = pictures.map(([picture, placed], i) => paintOver(canvas, size, i + 1, picture, placed))
  const seen = new Uint32Array(pictures.length + 1)
  for (const label of canvas.masks) seen[label]!++
  const visible = whole.map((all, i) => (all === 0 ? 0 : Math.min(1, seen[i + 1]! / all)))
  return { image: canvas.image, masks: canvas.masks, visible }
}

/** Whether a picture lies inside an image of `size` pixels. */
export const liesInside = (size: number, { x, y, size: own }: Placed): boolean => {
  const fits = (at: number): boolean => at >= own / 2 && at <= size - own / 2
  return own > 0 && fits(x) && fits(y)
}
