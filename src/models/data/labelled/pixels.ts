/** Arrays as colour images. */
import * as E from "fp-ts/lib/Either.js"
import type { DecodeError } from "../../failure.js"
import { type NpyArray, refuse } from "../readers/index.js"

/** Colour images without names or masks. */
export interface Pixels {
  readonly count: number
  readonly height: number
  readonly width: number
  /** `[count, height, width, 3]`, in [0, 1]. */
  readonly images: Float32Array
}

const expected = "expected [images, height, width, 3 channels]"

const shapeOf = ({ shape }: NpyArray, source: string): E.Either<DecodeError, readonly [number, number, number, number]> => {
  const found = `found [${shape.join(", ")}]`
  const [count = 0, height = 0, width = 0, channels = 1] = shape
  if (shape.length === 3 && width <= 4) return refuse(source, `${expected}, ${found}: one image needs an axis in front ([None] in NumPy)`)
  if (shape.length !== 3 && shape.length !== 4) return refuse(source, `${expected}, or [images, height, width] of greys, ${found}`)
  if (shape.includes(0)) return refuse(source, `${expected}, ${found}: there is no image in it`)
  if (channels > 4 && height <= 4) return refuse(source, `${expected}, ${found}: move the channels to the end`)
  return channels > 4 ? refuse(source, `${expected}, or 1, 2 or 4 of them, ${found}`) : E.right([count, height, width, channels])
}

/** The value of a dtype that is white; floats are in [0, 1] already. */
const whites: Partial<Record<NpyArray["dtype"], number>> = { bool: 1, uint8: 255, uint16: 65535, float32: 1, float64: 1 }

/** What is done with transparent pixels: refused, or put on black or white. */
export type Transparency = "refuse" | "black" | "white"

/**
 * Colour images in [0, 1] from an array: bytes and 16-bit numbers over the largest there is, floats as they are. Greys become colours;
 * an alpha channel must be opaque, unless `transparency` says what to put the images on. `Left` says what is wrong with the array.
 */
export const pixelsOf = (array: NpyArray, source: string, transparency: Transparency = "refuse"): E.Either<DecodeError, Pixels> => {
  const shape = shapeOf(array, source)
  if (E.isLeft(shape)) return shape
  const [count, height, width, channels] = shape.right
  const white = whites[array.dtype]
  if (white === undefined)
    return refuse(source, `expected bool, uint8, uint16, float16, float32 or float64 values, found ${array.dtype}; convert them`)
  const images = new Float32Array(3 * count * height * width)
  const colours = channels < 3 ? 1 : 3
  const pixels = count * height * width
  const behind = transparency === "white" ? 1 : 0
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < channels; c++) {
      const value = Number(array.data[channels * p + c]) / white
      const where = () => `of image ${Math.floor(p / (height * width))}`
      if (!(value >= 0 && value <= 1))
        return refuse(source, `a value ${where()} is ${value}, expected 0 to 1; store bytes as uint8, or scale the values`)
      if (c < colours) images[3 * p + c] = value
      else if (transparency !== "refuse")
        for (let d = 0; d < colours; d++) images[3 * p + d] = behind + value * (images[3 * p + d]! - behind)
      else if (value < 1)
        return refuse(
          source,
          `a pixel ${where()} is transparent; put the images on a background, without alpha, or train with data.transparency=white (or black)`,
        )
    }
    if (colours === 1) images.fill(images[3 * p]!, 3 * p, 3 * p + 3)
  }
  return E.right({ count, height, width, images })
}
