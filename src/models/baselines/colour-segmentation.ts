/** Segmentation by pixel colour alone: what slot attention has to beat, above all where two objects share a colour. */
import { TraceError } from "../failure.js"
import { type KMeansOptions, kMeans } from "./kmeans.js"

/** How {@link segmentByColour} sees a pixel. */
export interface ColourOptions extends KMeansOptions {
  /**
   * `"rgb"`: the pixel as it is. `"hue"`: the pixel divided by its largest channel (black stays black), which takes shading away; on
   * Tetrominoes with k = 4 this is the perfect segmentation by colour, the strongest that colour can do. Default `"rgb"`.
   */
  readonly space?: "rgb" | "hue"
}

const withoutShading = (image: Float32Array): Float32Array => {
  const out = new Float32Array(image.length)
  for (let p = 0; p < image.length; p += 3) {
    const most = Math.max(image[p]!, image[p + 1]!, image[p + 2]!)
    if (most > 0) for (let c = 0; c < 3; c++) out[p + c] = image[p + c]! / most
  }
  return out
}

/**
 * Label maps by k-means on the colours of each image's pixels; positions are not seen.
 *
 * @param images `[scenes, pixels, 3]`, in [0, 1]
 * @param pixels pixels of one image
 * @returns `[scenes, pixels]`, labels 0 to k - 1
 * @throws TraceError when the length does not divide, or as {@link kMeans}
 *
 * @example
 * const redAndBlue = Float32Array.of(1, 0, 0, 0, 0, 1)
 * segmentByColour(redAndBlue, 2, { k: 2 }).length // 2
 */
export const segmentByColour = (images: Float32Array, pixels: number, { space = "rgb", ...options }: ColourOptions): Uint8Array => {
  const scenes = images.length / (3 * pixels)
  if (!Number.isInteger(scenes))
    throw new TraceError(`segmentByColour: images must be [scenes, ${pixels} pixels, 3], found ${images.length} values`)
  const labels = new Uint8Array(scenes * pixels)
  for (let s = 0; s < scenes; s++) {
    const image = images.subarray(3 * s * pixels, 3 * (s + 1) * pixels)
    labels.set(kMeans(space === "hue" ? withoutShading(image) : image, 3, options).labels, s * pixels)
  }
  return labels
}
