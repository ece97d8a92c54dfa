/** Images that models are looked at with. */

/** Square images side by side. */
export interface Images {
  readonly count: number
  /** Side in pixels. */
  readonly size: number
  /** [count, size, size, 3], in [0, 1]. */
  readonly images: Float32Array
}

/** Values of images `from` to `from + count - 1`; past the last one, the last one again, so that all chunks have one shape. */
export const chunkOf = ({ images, size, count: all }: Images, from: number, count: number): Float32Array => {
  const values = 3 * size * size
  const chunk = new Float32Array(count * values)
  for (let i = 0; i < count; i++) {
    const image = Math.min(from + i, all - 1)
    chunk.set(images.subarray(image * values, (image + 1) * values), i * values)
  }
  return chunk
}
