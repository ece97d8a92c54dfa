/** What the features of a predicted object mean, as data. */
import * as t from "io-ts"
import { TraceError } from "../failure.js"
import { type Codec, listOf, positive, record, whole } from "../schema/index.js"

/** A property that is one of a few classes, told one-hot. */
export interface SetAttribute {
  readonly name: string
  readonly classes: number
}

/** Features of an object: where it is, its attributes one-hot, and last whether it is there. All are in [0, 1]. */
export interface SetLayout {
  /** Coordinates come first. `scale` is the length of the unit interval in the unit that distances are told in. */
  readonly position: { readonly dimensions: number; readonly scale: number }
  readonly attributes: readonly SetAttribute[]
}

const attributeCodec: Codec<SetAttribute> = record({ name: t.string, classes: whole(1, 65536) })

/** Reads a layout from outside. */
export const setLayoutCodec: Codec<SetLayout> = record({
  position: record({ dimensions: whole(1, 64), scale: positive }),
  attributes: listOf(attributeCodec, "a list of attributes"),
})

/** Features `from` to `to - 1`. */
export interface FeatureRange {
  readonly from: number
  readonly to: number
}

/** Where the features of a layout stand. */
export interface SetRanges {
  readonly position: FeatureRange
  /** In the order of the layout's attributes. */
  readonly attributes: readonly FeatureRange[]
  readonly presence: number
  /** How many features there are. */
  readonly features: number
}

const natural = (what: string, value: number): number => {
  if (!Number.isInteger(value) || value < 1) throw new TraceError(`setRanges: ${what} must be a whole number above 0, found ${value}`)
  return value
}

/**
 * Where the features of a layout stand: the position first, then the attributes, then the presence.
 *
 * @throws TraceError when a size is no whole number above 0, or the scale is not above 0
 *
 * @example
 * setRanges({ position: { dimensions: 2, scale: 7 }, attributes: [{ name: "colour", classes: 6 }] }).features // 9
 */
export const setRanges = ({ position: { dimensions, scale }, attributes }: SetLayout): SetRanges => {
  if (!(scale > 0)) throw new TraceError(`setRanges: the scale of positions must be above 0, found ${scale}`)
  let next = natural("the dimensions of positions", dimensions)
  const ranges = attributes.map(({ name, classes }): FeatureRange => {
    const from = next
    next += natural(`the classes of ${name}`, classes)
    return { from, to: next }
  })
  return { position: { from: 0, to: dimensions }, attributes: ranges, presence: next, features: next + 1 }
}

/**
 * Objects of CLEVR (Johnson et al. 2017) as slot attention's set prediction tells them: 19 features. Coordinates from -3 to 3 are rescaled,
 * (x + 3) / 6, so that distances are told in CLEVR's unit.
 *
 * @example
 * setRanges(clevrLayout).features // 19
 */
export const clevrLayout: SetLayout = {
  position: { dimensions: 3, scale: 6 },
  attributes: [
    { name: "size", classes: 2 },
    { name: "material", classes: 2 },
    { name: "shape", classes: 3 },
    { name: "colour", classes: 8 },
  ],
}
