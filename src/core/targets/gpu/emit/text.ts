/** Numbers as source text. */

/** Literals that a compiler may fold or round wrongly (NaN, infinities, signed zeros, the largest floats) go in as arguments. */
export const isSpecial = (value: number): boolean => value === 0 || !(Math.abs(value) < 1e38)

/** A finite float32, with a point, so that no mode takes it for an integer. */
export const literal = (value: number): string => {
  const single = Math.fround(value)
  const text = `${Math.abs(single)}`
  const withPoint = /[.e]/.test(text) ? text : `${text}.0`
  return single < 0 ? `(-${withPoint})` : withPoint
}
