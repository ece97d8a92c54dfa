/** Numbers that a spatial layer has one of for each axis, or one for all. */
import { TraceError } from "../../core/index.js"
import { type Codec, eitherOf, listOf, oneOf, whole } from "../schema/index.js"

/** A number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[]
/** `same` keeps ceil(size / stride), `valid` adds nothing, a list gives `[before, after]` an axis. */
export type Padding = "same" | "valid" | readonly (readonly number[])[]

export const perAxisCodec = (low: number, high: number): Codec<PerAxis> => {
  const number = whole(low, high)
  return eitherOf(`${number.name}, or a list of them, one an axis`, number, listOf(number, "a list of whole numbers"))
}

export const paddingCodec: Codec<Padding> = eitherOf(
  "same, valid, or a list of [before, after], one an axis",
  oneOf("same", "valid"),
  listOf(listOf(whole(-65536, 65536), "a pair [before, after]"), "a list of pairs [before, after]"),
)

/** One number for each of `axes` axes. */
export const eachAxis = (layer: string, what: string, given: PerAxis, axes: number): readonly number[] => {
  const all = typeof given === "number" ? Array.from({ length: axes }, () => given) : given
  if (all.length !== axes) throw new TraceError(`${layer}: ${what} has ${all.length} entries, expected one for each of ${axes} axes`)
  return all
}

/** Padding with pairs checked. */
export const checkPadding = (layer: string, padding: Padding, axes: number): "same" | "valid" | readonly (readonly [number, number])[] => {
  if (typeof padding === "string") return padding
  if (padding.length !== axes || padding.some((pair) => pair.length !== 2))
    throw new TraceError(`${layer}: padding must be "same", "valid" or ${axes} pairs [before, after], found ${JSON.stringify(padding)}`)
  return padding as readonly (readonly [number, number])[]
}
