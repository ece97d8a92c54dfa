/** Images (and signals and volumes) of another size: pixel shuffles, and resampling. Channels come last. */
import { apply1, broadcastAlong, showType, type Tensor, TraceError } from "../core/index.js"
import { add, div, mul, sub } from "./arithmetic.js"
import { cast } from "./cast.js"
import { iota } from "./iota.js"
import { permute, reshape } from "./shape.js"
import { concat, sliceAxis, sliceOp } from "./slice-pad.js"
import { repeat } from "./tile.js"

const factorOf = (name: string, x: Tensor, r: number, divisible: readonly number[], by: number): void => {
  if (x.shape.length < 3 || !Number.isInteger(r) || r < 1 || divisible.some((d) => d % by !== 0))
    throw new TraceError(
      `${name}: by ${r} expected x [N, ...spatial, C] with ${name === "pixelShuffle" ? "channels" : "spatial sizes"} that ${by} divides, found ${showType(x.type)}`,
    )
}

/**
 * Channels to pixels: x [N, H, W, C r^2] -> [N, H r, W r, C], in any number of spatial axes. Channel (c r + i) r + j becomes pixel
 * (i, j) of channel c, PyTorch's order.
 *
 * @throws TraceError when r^(spatial axes) does not divide the channels.
 * @example
 * pixelShuffle(x, 2) // [1, 16, 16, 12] -> [1, 32, 32, 3]
 */
export const pixelShuffle = (x: Tensor, r: number): Tensor => {
  const n = x.shape.length - 2
  const block = r ** n
  factorOf("pixelShuffle", x, r, [x.shape.at(-1) as number], block)
  const [batch, channels] = [x.shape[0] as number, (x.shape.at(-1) as number) / block]
  const spatial = x.shape.slice(1, -1)
  const cut = reshape(x, [batch, ...spatial, channels, ...spatial.map(() => r)])
  const order = [0, ...spatial.flatMap((_, j) => [1 + j, 2 + n + j]), 1 + n]
  return reshape(permute(cut, order), [batch, ...spatial.map((d) => d * r), channels])
}

/**
 * Pixels to channels, the inverse of `pixelShuffle`: x [N, H r, W r, C] -> [N, H, W, C r^2].
 *
 * @throws TraceError when r does not divide the spatial sizes.
 * @example
 * pixelUnshuffle(x, 2) // [1, 32, 32, 3] -> [1, 16, 16, 12]
 */
export const pixelUnshuffle = (x: Tensor, r: number): Tensor => {
  const n = x.shape.length - 2
  factorOf("pixelUnshuffle", x, r, x.shape.slice(1, -1), r)
  const [batch, channels] = [x.shape[0] as number, x.shape.at(-1) as number]
  const spatial = x.shape.slice(1, -1).map((d) => d / r)
  const cut = reshape(x, [batch, ...spatial.flatMap((d) => [d, r]), channels])
  const order = [0, ...spatial.map((_, j) => 1 + 2 * j), 1 + 2 * n, ...spatial.map((_, j) => 2 + 2 * j)]
  return reshape(permute(cut, order), [batch, ...spatial, channels * r ** n])
}

/** Position o of the result stands at (start + step o) / by of the axis. Whole numbers, so that no position is rounded. */
interface Positions {
  readonly start: number
  readonly step: number
  readonly by: number
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
const lowest = ({ start, step, by }: Positions): Positions => {
  const g = gcd(gcd(start, step), by)
  return { start: start / g, step: step / g, by: by / g }
}

/**
 * Element floor((start + step o) / by) of an axis, for o < size: every element `by` times in a row, then a slice with a stride. That is
 * index arithmetic alone, and its transpose a sum of `by` terms an element, without scatter.
 */
const floorPositions = (x: Tensor, a: number, size: number, { start, step, by }: Positions): Tensor => {
  const at = (value: number, other: (d: number) => number) => x.shape.map((d, i) => (i === a ? value : other(d)))
  const params = { start: at(start, () => 0), size: at(size, (d) => d), stride: at(step, () => 1) }
  return apply1(sliceOp, params, [repeat(x, by, a)]) as Tensor
}

/** An axis with its first and last element once more at its ends. */
const edged = (x: Tensor, a: number): Tensor => {
  const n = x.shape[a] as number
  return concat([sliceAxis(x, a, 0, 1), x, sliceAxis(x, a, n - 1, n)], a)
}

/** Linear interpolation along one axis, constant beyond the first and the last element. */
const linearAxis = (x: Tensor, a: number, size: number, alignCorners: boolean): Tensor => {
  const n = x.shape[a] as number
  // in the edged axis, where everything is one further on: (o + 1/2) n / m - 1/2 + 1, or o (n - 1) / (m - 1) + 1
  const positions = lowest(
    alignCorners && size > 1
      ? { start: size - 1, step: n - 1, by: size - 1 }
      : alignCorners
        ? { start: 1, step: 1, by: 1 }
        : { start: n + size, step: 2 * n, by: 2 * size },
  )
  const wide = edged(x, a)
  const low = floorPositions(sliceAxis(wide, a, 0, n + 1), a, size, positions)
  const high = floorPositions(sliceAxis(wide, a, 1, n + 2), a, size, positions)
  // the fraction: what is left of start + step o by `by`
  const ramp = broadcastAlong(div(cast(iota(positions.by), "float"), positions.by) as Tensor, [n + 1, positions.by], [1]) as Tensor
  const fractions = apply1(sliceOp, { start: [positions.start], size: [size], stride: [positions.step] }, [
    reshape(ramp, [(n + 1) * positions.by]),
  ])
  const part = broadcastAlong(fractions, low.shape, [a]) as Tensor
  return add(mul(low, sub(1, part) as Tensor), mul(high, part))
}

/** How `resize` fills the new grid. */
export interface ResizeOptions {
  /**
   * "nearest" takes element floor(o n / m) (PyTorch's), "nearestExact" the one whose centre is nearest, floor((o + 1/2) n / m); "linear"
   * interpolates: bilinear in two dimensions, trilinear in three. Default "linear".
   */
  readonly method?: "nearest" | "nearestExact" | "linear"
  /** For "linear": the first and last elements stay where they are, instead of half-pixel centres. Default false. */
  readonly alignCorners?: boolean
}

/**
 * Spatial axes resampled to other sizes: x [N, ...spatial, C] -> [N, ...sizes, C]. With half-pixel centres element o of m stands at
 * (o + 1/2) n / m - 1/2; beyond the ends the last element goes on. As PyTorch's `interpolate` with align_corners=False: making smaller
 * does not smooth first (no antialiasing).
 *
 * @throws TraceError when there is not one size of at least 1 a spatial axis.
 * @example
 * resize(x, [64, 64]) // [1, 32, 48, 3] -> [1, 64, 64, 3]
 */
export const resize = (x: Tensor, sizes: readonly number[], options: ResizeOptions = {}): Tensor => {
  const { method = "linear", alignCorners = false } = options
  const spatial = x.shape.slice(1, -1)
  if (spatial.length === 0 || sizes.length !== spatial.length || [...sizes, ...spatial].some((m) => !Number.isInteger(m) || m < 1))
    throw new TraceError(
      `resize: expected x [N, ...spatial, C] and a size of at least 1 for each spatial axis, found ${showType(x.type)} and [${sizes.join(", ")}]`,
    )
  if (alignCorners && method !== "linear") throw new TraceError(`resize: alignCorners goes with "linear", not with "${method}"`)
  return sizes.reduce((y, m, j) => {
    const n = spatial[j] as number
    if (n === m) return y
    if (n === 1) return repeat(y, m, j + 1)
    if (method === "linear") return linearAxis(y, j + 1, m, alignCorners)
    const positions = method === "nearest" ? { start: 0, step: n, by: m } : { start: n, step: 2 * n, by: 2 * m }
    return floorPositions(y, j + 1, m, lowest(positions))
  }, x)
}

/**
 * Spatial axes `factor` times as large; options as in `resize`.
 *
 * @throws TraceError when a size does not come out whole, or there is not one factor a spatial axis.
 * @example
 * upsample(x, 2, { method: "nearest" }) // [1, 16, 16, 8] -> [1, 32, 32, 8]
 */
export const upsample = (x: Tensor, factor: number | readonly number[], options: ResizeOptions = {}): Tensor => {
  const spatial = x.shape.slice(1, -1)
  const factors = typeof factor === "number" ? spatial.map(() => factor) : factor
  if (factors.length !== spatial.length)
    throw new TraceError(`upsample: expected a factor for each spatial axis of ${showType(x.type)}, found [${factors.join(", ")}]`)
  return resize(
    x,
    spatial.map((d, j) => d * (factors[j] as number)),
    options,
  )
}
