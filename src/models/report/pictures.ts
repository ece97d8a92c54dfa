/** Pictures as PNG data URIs: nothing to load, and exact to the pixel. */
import { encode } from "fast-png"

/** Colours of labels, told apart by hue and lightness; also of the marks beside the slots' names. */
export const labelColours: readonly (readonly [number, number, number])[] = [
  [74, 88, 112],
  [255, 176, 0],
  [30, 136, 229],
  [216, 27, 96],
  [0, 150, 110],
  [148, 103, 189],
  [255, 127, 80],
  [120, 200, 240],
  [140, 86, 75],
  [188, 189, 34],
  [255, 182, 213],
  [127, 127, 127],
]

const byte = (value: number): number => Math.round(255 * Math.min(1, Math.max(0, Number.isNaN(value) ? 0 : value)))

const uri = (width: number, height: number, data: Uint8Array, channels: number): string => {
  const bytes = encode({ width, height, data, channels, depth: 8 })
  let text = ""
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return `data:image/png;base64,${btoa(text)}`
}

/** A colour picture from `[height, width, 3]` in [0, 1]. NaN is painted as 0. */
export const colourPicture = (image: ArrayLike<number>, width: number, height: number): string =>
  uri(
    width,
    height,
    Uint8Array.from({ length: 3 * width * height }, (_, i) => byte(image[i]!)),
    3,
  )

/**
 * A slot's picture: its colours, as opaque as its mask, so that a black background that a slot claims differs from what it leaves alone.
 *
 * @param colours `[height, width, 3]` in [0, 1]
 * @param mask `[height, width]` in [0, 1]
 */
export const maskPicture = (colours: ArrayLike<number>, mask: ArrayLike<number>, width: number, height: number): string => {
  const data = new Uint8Array(4 * width * height)
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) data[4 * p + c] = byte(colours[3 * p + c]!)
    data[4 * p + 3] = byte(mask[p]!)
  }
  return uri(width, height, data, 4)
}

/** A label map, each label in its own colour (they repeat after twelve). */
export const labelPicture = (labels: ArrayLike<number>, width: number, height: number): string => {
  const data = new Uint8Array(3 * width * height)
  for (let p = 0; p < width * height; p++) data.set(labelColours[labels[p]! % labelColours.length]!, 3 * p)
  return uri(width, height, data, 3)
}
