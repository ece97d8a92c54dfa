/** Numbers as source text. */

/**
 * Literals that a compiler may fold or round wrongly go in as arguments: NaN, infinities, zeros of either sign (a product with a known
 * zero is taken for zero), and sizes at which the product of two constants would leave the range of float32.
 */
export const isSpecial = (value: number): boolean => !(Math.abs(value) > 1e-18 && Math.abs(value) < 1e18)

/** A finite float32, with a point, so that no mode takes it for an integer. */
export const literal = (value: number): string => {
  const single = Math.fround(value)
  const text = `${Math.abs(single)}`
  const withPoint = /[.e]/.test(text) ? text : `${text}.0`
  return single < 0 ? `(-${withPoint})` : withPoint
}
