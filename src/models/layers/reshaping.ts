/** Another shape for the same numbers, in row-major order. The first axis, of examples, stays. */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { pixelShuffle, reshape } from "../../ops/index.js"
import { listOf, whole } from "../schema/index.js"
import type { Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

const examples = (layer: string, x: Tensor): number => {
  const [count] = x.shape
  if (count === undefined) throw new TraceError(`${layer}: expected a first axis of examples, found ${showType(x.type)}`)
  return count
}

/** Flattening as data. */
export interface FlatteningSpec {
  readonly _tag: "flattening"
}

/**
 * [N, ...] -> [N, features].
 *
 * @example
 * seq(flattening(), dense(196, 10))
 */
export const flattening = (): Layer<null, Tensor, Tensor, FlatteningSpec> => ({
  spec: { _tag: "flattening" },
  init: () => null,
  apply: (_params, x) => {
    const count = examples("flattening", x)
    return reshape(x, [count, x.shape.slice(1).reduce((a, b) => a * b, 1)]) as Tensor
  },
})

defineLayer({
  tag: "flattening",
  fields: {},
  build: flattening,
  example: (choose) => ({ layer: flattening(), input: float(2, ...choose.shape(3)) }),
})

/** Reshaping as data. */
export interface ReshapingSpec {
  readonly _tag: "reshaping"
  /** Without the axis of examples; one size may be -1. */
  readonly shape: readonly number[]
}

/**
 * [N, ...] -> [N, ...shape]; one size may be -1: what is left.
 *
 * @example
 * reshaping(14, 14, 1) // [N, 196] -> [N, 14, 14, 1]
 */
export const reshaping = (...shape: readonly number[]): Layer<null, Tensor, Tensor, ReshapingSpec> => ({
  spec: { _tag: "reshaping", shape },
  init: () => null,
  apply: (_params, x) => reshape(x, [examples("reshaping", x), ...shape]) as Tensor,
})

defineLayer({
  tag: "reshaping",
  fields: { shape: listOf(whole(-1, 2 ** 24), "a list of sizes") },
  build: ({ shape }) => reshaping(...shape),
  example: (choose) => {
    const [a, b] = [choose.int(1, 3), choose.int(1, 3)]
    return { layer: reshaping(b, -1), input: float(2, a, b) }
  },
})

/** A pixel shuffle as data. */
export interface PixelShufflingSpec {
  readonly _tag: "pixelShuffling"
  readonly by: number
}

/**
 * Channels to pixels (Shi et al. 2016): [N, H, W, C by^2] -> [N, H by, W by, C].
 *
 * @example
 * seq(convolution(64, 256, 1), pixelShuffling(2)) // 64 features again, and twice as many pixels along a side
 */
export const pixelShuffling = (by: number): Layer<null, Tensor, Tensor, PixelShufflingSpec> => ({
  spec: { _tag: "pixelShuffling", by },
  init: () => null,
  apply: (_params, x) => pixelShuffle(x, by),
})

defineLayer({
  tag: "pixelShuffling",
  fields: { by: whole(1, 64) },
  build: ({ by }) => pixelShuffling(by),
  example: (choose) => {
    const by = choose.int(1, 3)
    return { layer: pixelShuffling(by), input: float(2, choose.int(1, 2), choose.int(1, 2), by * by * choose.int(1, 2)) }
  },
})
