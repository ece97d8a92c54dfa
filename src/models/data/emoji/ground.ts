/** Grounds that scenes lie on: textures of two colours, as data and drawn. */
import { type Draws, drawsOf } from "../counter-rng.js"
import { type Hsv, rgbOfHsv } from "../hsv.js"

/** Kinds of grounds; all but `plain` are textures. */
export const groundKinds = ["plain", "gradient", "stripes", "checks", "noise"] as const
/** A kind of ground: one colour, from one to another, bands, squares, or clouds of three octaves. */
export type GroundKind = (typeof groundKinds)[number]

/** A ground as data. */
export interface GroundFactors {
  readonly kind: GroundKind
  readonly first: Hsv
  readonly second: Hsv
  /** Direction in which the colours change, in radians, clockwise from the right. */
  readonly angle: number
  /** Pixels after which bands or squares come again, or the largest clouds do. */
  readonly period: number
  /** Where in a period the left top corner is, in [0, 1). */
  readonly phase: number
  /** What clouds follow from, a whole number from 0 to 2^32 - 1. */
  readonly seed: number
}

/** Streams of draws that no other data takes: one an octave. */
const cloudStream = 8
const octaves = 3

/** A random number a corner of cells of `cell` pixels, smoothly in between. */
const cloud = (size: number, cell: number, seed: number, octave: number): ((x: number, y: number) => number) => {
  const across = Math.ceil(size / cell) + 2
  const { uniform } = drawsOf(seed, cloudStream, octave)
  const corners = Float64Array.from({ length: across * across }, uniform)
  const smooth = (t: number): number => t * t * (3 - 2 * t)
  return (x, y) => {
    const [u, v] = [x / cell, y / cell]
    const [column, row] = [Math.floor(u), Math.floor(v)]
    const [right, down] = [smooth(u - column), smooth(v - row)]
    const at = row * across + column
    const top = corners[at]! + right * (corners[at + 1]! - corners[at]!)
    const bottom = corners[at + across]! + right * (corners[at + across + 1]! - corners[at + across]!)
    return top + down * (bottom - top)
  }
}

const clouds = (size: number, { period, seed }: GroundFactors): ((x: number, y: number) => number) => {
  const parts = Array.from({ length: octaves }, (_, k) => cloud(size, period / 2 ** k, seed, k))
  const whole = parts.reduce((sum, _, k) => sum + 2 ** -k, 0)
  return (x, y) => {
    let sum = 0
    for (let k = 0; k < octaves; k++) sum += 2 ** -k * parts[k]!(x, y)
    return sum / whole
  }
}

/** Bands of equal width along a line, with edges a pixel wide: 0 in the one, 1 in the other. */
const bands =
  ({ period, phase }: GroundFactors) =>
  (t: number): number =>
    Math.min(1, Math.max(0, 0.5 + (period / (2 * Math.PI)) * Math.sin(2 * Math.PI * (t / period + phase))))

/** The share of the second colour at a point. */
const shareOf = (size: number, ground: GroundFactors): ((x: number, y: number) => number) => {
  const [cos, sin] = [Math.cos(ground.angle), Math.sin(ground.angle)]
  const along = (x: number, y: number): number => cos * x + sin * y
  const band = bands(ground)
  switch (ground.kind) {
    case "plain":
      return () => 0
    case "gradient": {
      const half = (size / 2) * (Math.abs(cos) + Math.abs(sin))
      return (x, y) => 0.5 + along(x - size / 2, y - size / 2) / (2 * half)
    }
    case "stripes":
      return (x, y) => band(along(x, y))
    case "checks":
      return (x, y) => {
        const [a, b] = [band(along(x, y)), band(cos * y - sin * x)]
        return a * b + (1 - a) * (1 - b)
      }
    case "noise":
      return clouds(size, ground)
  }
}

/** A ground of `size` x `size` pixels: `[size, size, 3]` in [0, 1]. */
export const paintGround = (size: number, ground: GroundFactors): Float32Array => {
  const image = new Float32Array(3 * size * size)
  const [first, second] = [rgbOfHsv(ground.first), rgbOfHsv(ground.second)]
  const share = shareOf(size, ground)
  for (let pixel = 0; pixel < size * size; pixel++) {
    const part = share((pixel % size) + 0.5, Math.floor(pixel / size) + 0.5)
    for (let c = 0; c < 3; c++) image[3 * pixel + c] = first[c]! + part * (second[c]! - first[c]!)
  }
  return image
}

/** A ground of a kind, or of any kind of texture. The two colours are of similar hue and differ in value by 0.15 to 0.45. */
export const drawGround = ({ below, uniform, bits }: Draws, size: number, kind: GroundKind | "textured"): GroundFactors => {
  const drawn = groundKinds[1 + below(groundKinds.length - 1)]!
  const hue = uniform()
  const value = 0.2 + 0.75 * uniform()
  const step = 0.15 + 0.3 * uniform()
  const first = { hue, saturation: 0.6 * uniform(), value }
  const second = {
    hue: (hue + 1 + (uniform() - 0.5) / 4) % 1,
    saturation: 0.6 * uniform(),
    value: value > 0.575 ? value - step : value + step,
  }
  const angle = 2 * Math.PI * uniform()
  const period = size * (1 / 6 + uniform() / 3)
  return { kind: kind === "textured" ? drawn : kind, first, second, angle, period, phase: uniform(), seed: bits() }
}
