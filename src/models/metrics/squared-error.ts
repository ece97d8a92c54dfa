/** Squared error, in the two scalings that papers use. They differ by the number of values in an image: say which one a table shows. */
import { TraceError } from "../failure.js"

const total = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length)
    throw new TraceError(`metrics: squared error needs arrays of one length, found ${a.length} and ${b.length} values`)
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return sum
}

/**
 * Mean squared error per value (slot attention's loss): squared differences averaged over pixels, channels and images. In the square of
 * the arrays' units. NaN where an input is NaN; 0 for empty arrays.
 *
 * @throws TraceError when the lengths differ
 *
 * @example
 * mse([0, 0], [1, 3]) // 5
 */
export const mse = (a: ArrayLike<number>, b: ArrayLike<number>): number => (a.length === 0 ? total(a, b) : total(a, b) / a.length)

/**
 * Squared error per image (SLATE's MSE): summed over pixels and channels, averaged over `images` images.
 *
 * @throws TraceError when the lengths differ or don't divide into `images` images
 *
 * @example
 * msePerImage([0, 0], [1, 3], 1) // 10
 */
export const msePerImage = (a: ArrayLike<number>, b: ArrayLike<number>, images: number): number => {
  if (!Number.isInteger(images) || images < 1 || a.length % images !== 0) {
    throw new TraceError(`metrics: ${a.length} values do not divide into ${images} images`)
  }
  return total(a, b) / images
}
