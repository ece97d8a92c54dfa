/** Images with or without the truth about them. */

/** Images of one size, as a model of colour images takes them. Pixels are in row-major order from the top left corner. */
export interface LabelledImages {
  readonly count: number
  readonly height: number
  readonly width: number
  /** `[count, height, width, 3]`, in [0, 1]. */
  readonly images: Float32Array
  /** Label maps `[count, height, width]`, 0 the background; null: nobody says what is what. */
  readonly masks: Uint8Array | null
  /** Why there are no masks, or null. */
  readonly missing: string | null
  /** What each image is called. */
  readonly names: readonly string[]
}

/**
 * The first images of several.
 *
 * @example
 * firstImages(images, 8).count // 8, or fewer where there are fewer
 */
export const firstImages = (data: LabelledImages, most: number): LabelledImages => {
  const count = Math.min(data.count, most)
  const pixels = count * data.height * data.width
  return {
    ...data,
    count,
    images: data.images.subarray(0, 3 * pixels),
    masks: data.masks === null ? null : data.masks.subarray(0, pixels),
    names: data.names.slice(0, count),
  }
}
