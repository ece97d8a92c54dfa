/** Colours by hue, saturation and value. */

/** A colour: hue in turns (0 red, 1/3 green, 2/3 blue, 1 red again), saturation and value, each in [0, 1]. */
export interface Hsv {
  readonly hue: number
  readonly saturation: number
  readonly value: number
}

/**
 * Red, green and blue in [0, 1] of a colour (A. R. Smith's hexcone).
 *
 * @example
 * rgbOfHsv({ hue: 1 / 3, saturation: 1, value: 0.5 }) // [0, 0.5, 0]
 */
export const rgbOfHsv = ({ hue, saturation, value }: Hsv): readonly [red: number, green: number, blue: number] => {
  const channel = (offset: number): number => {
    const k = (offset + 6 * hue) % 6
    return value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1))
  }
  return [channel(5), channel(3), channel(1)]
}
