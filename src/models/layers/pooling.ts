/** Pooling: the largest or the mean of a window, or of all places. */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { max, mean, slice, stack } from "../../ops/index.js"
import { oneOf, optional, orNull, whole } from "../schema/index.js"
import type { Layer } from "./layer.js"
import { eachAxis, type PerAxis, perAxisCodec } from "./per-axis.js"
import { defineLayer, float } from "./registry.js"

/** What a window becomes. */
export type PoolingKind = "max" | "mean"
const kind = oneOf("max", "mean")

const pooled = (of: PoolingKind, x: Tensor, axes: readonly number[]): Tensor => (of === "max" ? max(x, axes) : mean(x, axes)) as Tensor

/** Pooling over windows as data. */
export interface PoolingSpec {
  readonly _tag: "pooling"
  readonly of: PoolingKind
  readonly window: PerAxis
  readonly stride: PerAxis | null
  readonly spatial: number
}

/** Options of pooling layers. */
export interface PoolingOptions {
  /** Step between windows. Default the window's sides: windows side by side. */
  readonly stride?: PerAxis | null
  /** Number of spatial axes. Default 2. */
  readonly spatial?: number
}

const everyIndex = (sides: readonly number[]): readonly (readonly number[])[] =>
  sides.reduce<readonly (readonly number[])[]>((all, n) => all.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])), [[]])

/**
 * The largest or the mean of each window of [N, ...spatial, C]. Only windows that lie inside count: floor((size - window) / stride) + 1
 * of them. Between equal maxima the derivative is shared evenly.
 *
 * @throws TraceError where no window fits.
 *
 * @example
 * pooling("max", 2) // [N, H, W, C] -> [N, H / 2, W / 2, C]
 */
export const pooling = (
  of: PoolingKind,
  window: PerAxis,
  { stride = null, spatial = 2 }: PoolingOptions = {},
): Layer<null, Tensor, Tensor, PoolingSpec> => {
  const sides = eachAxis("pooling", "window", window, spatial)
  const steps = eachAxis("pooling", "stride", stride ?? window, spatial)
  return {
    spec: { _tag: "pooling", of, window, stride, spatial },
    init: () => null,
    apply: (_params, x) => {
      const sizes = x.shape.slice(1, -1)
      if (sizes.length !== spatial || sizes.some((n, i) => n < (sides[i] as number)))
        throw new TraceError(
          `pooling: expected ${spatial} spatial axes that hold a window of ${sides.join(" x ")}, found ${showType(x.type)}`,
        )
      const [batch, channels] = [x.shape[0] as number, x.shape[x.shape.length - 1] as number]
      const last = sizes.map((n, i) => n - (sides[i] as number)) // the first index of the last window, at most
      const shifted = everyIndex(sides).map((at) =>
        slice(x, {
          start: [0, ...at, 0],
          end: [batch, ...at.map((o, i) => o + (last[i] as number) + 1), channels],
          stride: [1, ...steps, 1],
        }),
      )
      return pooled(of, stack(shifted, 0), [0])
    },
  }
}

defineLayer({
  tag: "pooling",
  fields: {
    of: kind,
    window: perAxisCodec(1, 1024),
    stride: optional(orNull(perAxisCodec(1, 1024)), null),
    spatial: optional(whole(1, 3), 2),
  },
  build: ({ of, window, stride, spatial }) => pooling(of, window, { stride, spatial }),
  example: (choose) => {
    const spatial = choose.int(1, 2)
    const options: PoolingOptions = { spatial, stride: choose.bool() ? null : choose.int(1, 2) }
    const sizes = Array.from({ length: spatial }, () => choose.int(3, 5))
    return { layer: pooling(choose.bool() ? "max" : "mean", choose.int(1, 3), options), input: float(choose.int(1, 2), ...sizes, 2) }
  },
})

/** Pooling over all places as data. */
export interface GlobalPoolingSpec {
  readonly _tag: "globalPooling"
  readonly of: PoolingKind
}

/**
 * The largest or the mean over all places: [N, ..., C] -> [N, C].
 *
 * @example
 * globalPooling("mean")
 */
export const globalPooling = (of: PoolingKind): Layer<null, Tensor, Tensor, GlobalPoolingSpec> => ({
  spec: { _tag: "globalPooling", of },
  init: () => null,
  apply: (_params, x) => {
    if (x.shape.length < 2) throw new TraceError(`globalPooling: expected [N, ..., features], found ${showType(x.type)}`)
    return pooled(
      of,
      x,
      x.shape.slice(1, -1).map((_, i) => i + 1),
    )
  },
})

defineLayer({
  tag: "globalPooling",
  fields: { of: kind },
  build: ({ of }) => globalPooling(of),
  example: (choose) => ({ layer: globalPooling(choose.bool() ? "max" : "mean"), input: float(2, ...choose.shape(2), 3) }),
})
