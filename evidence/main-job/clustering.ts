/** The best that colours alone can do: every pixel with the set of channels that are on. */
import { type SceneBatch, type Segmentation, segmentation } from "../../src/models/index.js"

/** Label maps of a perfect clustering by colour. */
const byColour = (images: Float32Array): Uint8Array =>
  Uint8Array.from({ length: images.length / 3 }, (_, pixel) =>
    [0, 1, 2].reduce((label, channel) => label + ((images[3 * pixel + channel] as number) > 0 ? 1 << channel : 0), 0),
  )

/** Whether two pieces of a scene share a colour, from its label map: there are fewer colours than pieces. */
export const colourIsShared = (images: Float32Array, masks: Uint8Array, count: number): readonly boolean[] => {
  const colours = byColour(images)
  const pixels = masks.length / count
  return Array.from({ length: count }, (_, i) => {
    const [pieces, shown] = [new Set<number>(), new Set<number>()]
    for (let p = i * pixels; p < (i + 1) * pixels; p++) {
      if (masks[p] === 0) continue
      pieces.add(masks[p] as number)
      shown.add(colours[p] as number)
    }
    return shown.size < pieces.size
  })
}

/** What a perfect clustering by colour scores. */
export const perfectColour = (scenes: SceneBatch): Segmentation =>
  segmentation(scenes, byColour(scenes.images)) ?? { fgAri: Number.NaN, fgAriSameColour: null }
