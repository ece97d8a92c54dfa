/** One scene of a set from its example. */
import * as E from "fp-ts/lib/Either.js"
import type { DecodeError } from "../../failure.js"
import { type ExampleFeatures, refuse } from "../readers/index.js"
import type { MultiObjectLayout } from "./layout.js"

/** A scene of a published set. Pixels are in row-major order from the top left corner. */
export interface MultiObjectScene {
  readonly height: number
  readonly width: number
  /** `[height, width, 3]`, in [0, 1]; grey sets have three equal channels. */
  readonly image: Float32Array
  /** `[height, width]` label map: the entity whose mask is brightest at each pixel, 0 (the background) where none is. */
  readonly masks: Uint8Array
  /** Each `[entities]`, or `[entities, n]` of lists of n. */
  readonly factors: Readonly<Record<string, Float32Array>>
}

const missing = (features: ExampleFeatures, name: string, kind: string, count: number, source: string) => {
  const feature = features.get(name)
  const found = feature === undefined ? `none; it has ${[...features.keys()].join(", ")}` : `${feature.data.length} of kind ${feature.kind}`
  return refuse(source, `expected ${count} values of kind ${kind} in ${JSON.stringify(name)}, found ${found}; is this the set's layout?`)
}

/**
 * The scene of an example in a set's layout. Bytes may be in one string or in one each, as the published files have them. A `Left` tells which
 * list is not what the layout says.
 *
 * @example
 * const example = decodeExample(record)
 * if (E.isRight(example)) multiObjectScene(example.right, multiObjectLayouts.tetrominoes, "record 0")
 */
export const multiObjectScene = (
  features: ExampleFeatures,
  { height, width, channels, entities, maskOrder, factors }: MultiObjectLayout,
  source: string,
): E.Either<DecodeError, MultiObjectScene> => {
  const pixels = height * width
  const image = features.get("image")
  if (image?.kind !== "bytes" || image.data.length !== pixels * channels)
    return missing(features, "image", "bytes", pixels * channels, source)
  const mask = features.get("mask")
  if (mask?.kind !== "bytes" || mask.data.length !== pixels * entities) return missing(features, "mask", "bytes", pixels * entities, source)
  const made: Record<string, Float32Array> = {}
  for (const [name, each] of Object.entries(factors)) {
    const list = features.get(name)
    if (list?.kind !== "float" || list.data.length !== entities * each) return missing(features, name, "float", entities * each, source)
    made[name] = list.data
  }
  const masks = new Uint8Array(pixels)
  for (let p = 0; p < pixels; p++) {
    let most = 0
    for (let k = 0; k < entities; k++) {
      const value = mask.data[maskOrder === "entitiesFirst" ? k * pixels + p : p * entities + k]!
      if (value > most) {
        most = value
        masks[p] = k
      }
    }
  }
  const unit = Float32Array.from({ length: 3 * pixels }, (_, i) => image.data[channels === 3 ? i : Math.floor(i / 3)]! / 255)
  return E.right({ height, width, image: unit, masks, factors: made })
}
