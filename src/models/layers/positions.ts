/** Where an element of a sequence stands, added to what it is. `positionEmbedding` is the one for images. */
import { showType, type Tensor, TraceError, tensor } from "../../core/index.js"
import { add, mul, normal, sliceAxis } from "../../ops/index.js"
import { optional, positive, whole } from "../schema/index.js"
import { checkFeatures } from "./dense.js"
import type { Features, Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

const lengthOf = (layer: string, x: Tensor, features: number): number => {
  if (x.shape.length < 2) throw new TraceError(`${layer}: expected a sequence [..., T, ${features}], found ${showType(x.type)}`)
  checkFeatures(layer, x, features)
  return x.shape[x.shape.length - 2] as number
}

/** Learned positions of sequences as data. */
export interface LearnedPositionSpec {
  readonly _tag: "learnedPosition"
  readonly length: number
  readonly features: number
  readonly deviation: number
}

/** Parameters of learned positions. */
export interface LearnedPositionParams {
  /** [length, features] */
  readonly table: Tensor
}

/**
 * y = x + the first T rows of a table, on [..., T, features] with T at most `length`. Rows start normal with deviation 0.02 by default.
 *
 * @throws TraceError for longer sequences.
 *
 * @example
 * learnedPosition(128, 64)
 */
export const learnedPosition = <const N extends number>(
  length: number,
  features: N,
  deviation = 0.02,
): Layer<LearnedPositionParams, Features<N>, Features<N>, LearnedPositionSpec> => ({
  spec: { _tag: "learnedPosition", length, features, deviation },
  init: (key) => ({ table: mul(normal(key, [length, features]) as Tensor, deviation) }),
  apply: ({ table }, x) => {
    const found = lengthOf("learnedPosition", x as Tensor, features)
    if (found > length) throw new TraceError(`learnedPosition: there are positions for ${length} elements, found ${showType(x.type)}`)
    return add(x as Tensor, sliceAxis(table, 0, 0, found)) as Features<N>
  },
})

defineLayer({
  tag: "learnedPosition",
  fields: { length: whole(1, 2 ** 20), features: whole(1, 65536), deviation: optional(positive, 0.02) },
  build: ({ length, features, deviation }) => learnedPosition(length, features, deviation),
  example: (choose) => {
    const [found, features] = [choose.int(1, 3), choose.int(1, 3)]
    return { layer: learnedPosition(found + choose.int(0, 2), features), input: float(...choose.shape(1), found, features) }
  },
})

/** Sinusoidal positions of sequences as data. */
export interface SinusoidalPositionSpec {
  readonly _tag: "sinusoidalPosition"
  readonly features: number
}

/**
 * y = x + p with p[t, 2 i] = sin(t / 10000^(2 i / features)) and p[t, 2 i + 1] the cosine of the same (Vaswani et al. 2017), on
 * [..., T, features]. Without parameters, for any length.
 *
 * @example
 * sinusoidalPosition(64)
 */
export const sinusoidalPosition = <const N extends number>(features: N): Layer<null, Features<N>, Features<N>, SinusoidalPositionSpec> => ({
  spec: { _tag: "sinusoidalPosition", features },
  init: () => null,
  apply: (_params, x) => {
    const length = lengthOf("sinusoidalPosition", x as Tensor, features)
    const table = Float64Array.from({ length: length * features }, (_, n) => {
      const [t, i] = [Math.floor(n / features), n % features]
      const angle = t / 10000 ** ((i - (i % 2)) / features)
      return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
    })
    return add(x as Tensor, tensor(table, [length, features]) as Tensor) as Features<N>
  },
})

defineLayer({
  tag: "sinusoidalPosition",
  fields: { features: whole(1, 65536) },
  build: ({ features }) => sinusoidalPosition(features),
  example: (choose) => {
    const features = choose.int(1, 4)
    return { layer: sinusoidalPosition(features), input: float(...choose.shape(1), choose.int(1, 3), features) }
  },
})
