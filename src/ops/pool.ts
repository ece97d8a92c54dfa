/** Pooling: the largest or the mean of what a moving window sees. Channels come last. */
import { broadcastRight, showType, type Tensor, TraceError, type Unchecked } from "../core/index.js"
import { div } from "./arithmetic.js"
import { equal, where } from "./compare.js"
import { ones } from "./creation.js"
import { max, mean, sum } from "./reduce.js"
import { type WindowOptions, windowDims, windows } from "./windows.js"

/** Options of pooling. */
export interface PoolOptions extends WindowOptions {
  /** Step between windows. Default the window: they lie side by side. */
  readonly stride?: number | readonly number[]
}

/** Options of `avgPool`. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether the zeros of the padding count as elements of the mean. Default true, as in PyTorch. */
  readonly countIncludePad?: boolean
}

/** Numbers of the window's axes in [N, ...outputs, ...window, C]. */
const windowAxes = (n: number) => Array.from({ length: n }, (_, j) => 1 + n + j)

const spatialSizes = (name: string, x: Tensor): readonly number[] => {
  if (x.shape.length < 3) throw new TraceError(`${name}: expected x [N, ...spatial, C], found ${showType(x.type)}`)
  return x.shape.slice(1, -1)
}

/** How a window moves, with the window as its stride where none is given. */
const moving = (size: number | readonly number[], { stride = size, ...options }: PoolOptions): WindowOptions => ({ ...options, stride })

/** Ones inside the signal, zeros in its padding, as every window sees them. */
const inside = (sizes: readonly number[], size: number | readonly number[], options: WindowOptions): Tensor =>
  windows(ones([1, ...sizes, 1]) as Tensor, size, options)

const padded = (name: string, sizes: readonly number[], size: number | readonly number[], options: WindowOptions): boolean =>
  windowDims(name, sizes, size, options).some((d) => d.p > 0 || (d.size.o - 1) * d.s + (d.size.k - 1) * d.d - d.p >= d.size.i)

/**
 * The largest element of every window: x [N, ...spatial, C] -> [N, ...outputs, C], in any number of spatial axes. The padding is never
 * chosen: -Infinity where a window sees nothing else. NaN where a window sees one. At ties the derivative is shared evenly among the
 * largest elements of a window, as by `max` (PyTorch gives it to the first).
 *
 * @throws TraceError when a window is larger than the padded signal.
 * @example
 * maxPool(x, 2) // [8, 28, 28, 16] -> [8, 14, 14, 16]
 */
export const maxPool = (x: Tensor, window: number | readonly number[], options: PoolOptions = {}): Tensor => {
  const sizes = spatialSizes("maxPool", x)
  const how = moving(window, options)
  const seen = windows(x, window, how)
  const real = padded("maxPool", sizes, window, how)
    ? where(
        equal(broadcastRight(inside(sizes, window, how), seen.shape) as Tensor, 0) as Tensor<Unchecked, "bool">,
        Number.NEGATIVE_INFINITY,
        seen,
      )
    : seen
  return max(real, windowAxes(sizes.length)) as Tensor
}

/**
 * The mean of every window: x [N, ...spatial, C] -> [N, ...outputs, C], in any number of spatial axes. With `countIncludePad: false`
 * the mean is over the elements inside the signal alone; NaN where there are none.
 *
 * @throws TraceError when a window is larger than the padded signal.
 * @example
 * avgPool(x, 3, { stride: 1, padding: "same", countIncludePad: false }) // [8, 28, 28, 16] -> [8, 28, 28, 16]
 */
export const avgPool = (x: Tensor, window: number | readonly number[], options: AvgPoolOptions = {}): Tensor => {
  const { countIncludePad = true, ...rest } = options
  const sizes = spatialSizes("avgPool", x)
  const how = moving(window, rest)
  const across = windowAxes(sizes.length)
  const total = sum(windows(x, window, how), across) as Tensor
  if (countIncludePad || !padded("avgPool", sizes, window, how))
    return div(
      total,
      windowDims("avgPool", sizes, window, how).reduce((n, d) => n * d.size.k, 1),
    )
  return div(total, sum(inside(sizes, window, how), across)) as Tensor
}

const spatialAxes = (x: Tensor) => Array.from({ length: x.shape.length - 2 }, (_, j) => j + 1)

/**
 * The largest element of every channel: x [N, ...spatial, C] -> [N, C]. Ties and NaN as in `max`.
 *
 * @throws TraceError when there is no spatial axis.
 * @example
 * globalMaxPool(x) // [8, 7, 7, 64] -> [8, 64]
 */
export const globalMaxPool = (x: Tensor): Tensor => {
  spatialSizes("globalMaxPool", x)
  return max(x, spatialAxes(x)) as Tensor
}

/**
 * The mean of every channel: x [N, ...spatial, C] -> [N, C].
 *
 * @throws TraceError when there is no spatial axis.
 * @example
 * globalAvgPool(x) // [8, 7, 7, 64] -> [8, 64]
 */
export const globalAvgPool = (x: Tensor): Tensor => {
  spatialSizes("globalAvgPool", x)
  return mean(x, spatialAxes(x)) as Tensor
}
