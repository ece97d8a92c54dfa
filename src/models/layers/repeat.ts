/** A layer many times over, with parameters of its own each time. */
import { TraceError } from "../../core/index.js"
import { type Key, scan, split, vmap } from "../../ops/index.js"
import { whole } from "../schema/index.js"
import { dense } from "./dense.js"
import { applyIn, type Layer, type UncheckedLayer } from "./layer.js"
import { defineLayer, float, type LayerSpec, layerCodec, layerOf } from "./registry.js"

/** A layer repeated, each time with parameters of its own, as data. */
export interface RepeatSpec {
  readonly _tag: "repeat"
  readonly times: number
  readonly of: LayerSpec
}

/**
 * `times` layers of one kind one after another, by `scan` over their stacked parameters: what is compiled does not grow with their
 * number. Layer i starts from the key `foldIn(key, i)` and draws with it, as the parts of `seq` do, so both compute the same. Parameters
 * are those of the layer with a first axis of `times`.
 *
 * @throws TraceError where the layer's output is not of the type of its input.
 *
 * @example
 * repeat(4, transformerBlock(64, { heads: 4 }))
 */
export const repeat = <P, X>(times: number, of: Layer<P, X, X>): Layer<P, X, X, RepeatSpec> => {
  if (!Number.isInteger(times) || times < 1) throw new TraceError(`repeat: expected a whole number of at least 1, found ${times}`)
  return {
    spec: { _tag: "repeat", times, of: of.spec },
    init: (key) => vmap(of.init as UncheckedLayer["init"])(split(key, times)),
    apply: (params, x, { key, path = [], ...rest }) => {
      const turn = (before: X, row: { readonly params: P; readonly key: Key | null }) => {
        const own = row.key === null ? {} : { key: row.key }
        return [applyIn({ ...rest, ...own, path: [...path, "each"] }, of, row.params, before), null] as const
      }
      const rows = { params, key: key === undefined ? null : split(key, times) }
      // generic trees: the types of scan ask for known ones
      const [y] = scan<X, typeof rows, null>(turn as never, x as never, rows as never, { length: times })
      return y
    },
  }
}

defineLayer({
  tag: "repeat",
  fields: { times: whole(1, 4096), of: layerCodec },
  build: ({ times, of }) => repeat(times, layerOf(of)),
  example: (choose) => {
    const features = choose.int(1, 3)
    return {
      layer: repeat(choose.int(1, 3), dense(features, features, { activation: "tanh" })),
      input: float(...choose.shape(2), features),
    }
  },
})
