/** What drawn scenes of several objects share: a number and sizes within limits, and objects that don't hide each other. */
import * as E from "fp-ts/lib/Either.js"
import { TraceError } from "../failure.js"
import { type Codec, decodeAs } from "../schema/index.js"

interface Limits {
  readonly fewest: number
  readonly most: number
  readonly smallest: number
  readonly largest: number
}

/** Settings with their defaults. @throws TraceError when one is outside its range, or limits are the wrong way round */
export const crowdSettings = <A extends Limits>(name: string, codec: Codec<A>, config: unknown): A => {
  const read = decodeAs(codec, name, config)
  if (E.isLeft(read)) throw new TraceError(read.left.message)
  const { fewest, most, smallest, largest } = read.right
  if (fewest > most) throw new TraceError(`${name}: fewest must be at most most = ${most}, found ${fewest}`)
  if (smallest > largest) throw new TraceError(`${name}: smallest must be at most largest = ${largest}, found ${smallest}`)
  return read.right
}

/** With the usual settings fewer than two draws a scene are enough: this many mean that the objects that are asked for don't fit. */
const redraws = 2_000

/** The first scene drawn in which every object leaves its share of pixels in sight. @throws TraceError when no draw of 2,000 does */
export const drawnInSight = <S extends { readonly visible: readonly number[] }>(
  name: string,
  { objects, minVisible }: { readonly objects: string; readonly minVisible: number },
  draw: () => S,
): S => {
  for (let attempt = 0; attempt < redraws; attempt++) {
    const scene = draw()
    if (scene.visible.every((share) => share > 0 && share >= minVisible)) return scene
  }
  throw new TraceError(
    `${name}: no ${objects} in ${redraws} draws leave ${minVisible} of each in sight; use fewer or smaller ${objects.replace(/^\d+ /, "")}, or a smaller minVisible than ${minVisible}`,
  )
}
