/** The tiles of a convolution's images, and their way to points: the same whether the result is images or a kernel. */
import type { Step } from "../schedule.js"
import type { Builder } from "./builder.js"
import { type Matrix, type Window, windowFor } from "./matrices.js"
import type { Convolution } from "./recognise.js"

export interface Geometry {
  readonly window: Window
  /** Places from one tile to the next. */
  readonly step: number
  readonly channels: number
  readonly features: number
  /** Tiles in either direction, and in all. */
  readonly across: number
  readonly along: number
  readonly tiles: number
  readonly points: number
  /** Places that the tiles cover. */
  readonly frame: readonly [number, number]
}

export const geometryOf = ({ size, directions, channel, feature }: Convolution, extents: readonly number[]): Geometry => {
  const window = windowFor(size)
  const step = window + 1 - size
  const [across, along] = directions.map(({ output }) => Math.ceil((extents[output] as number) / step)) as [number, number]
  return {
    window,
    step,
    channels: extents[channel] as number,
    features: extents[feature] as number,
    across,
    along,
    tiles: across * along,
    points: window * window,
    frame: [(across - 1) * step + window, (along - 1) * step + window],
  }
}

/** Tiles of a framed image as matrices [tile, channel], one a point. */
export const imageToPoints = (
  b: Builder,
  g: Geometry,
  framed: number,
  matrix: Matrix,
): { readonly step: Step; readonly output: number } => {
  const { window, step, channels, across, along, tiles, points, frame } = g
  const output = b.buffer(points, tiles, channels)
  const transform = b.transform(framed, output, {
    matrix,
    domain: [across, along, channels],
    from: { base: 0, strides: [step * frame[1] * channels, step * channels, 1], rows: frame[1] * channels, columns: channels },
    to: { base: 0, strides: [along * channels, channels, 1], rows: window * tiles * channels, columns: tiles * channels },
  })
  return { step: transform, output }
}
