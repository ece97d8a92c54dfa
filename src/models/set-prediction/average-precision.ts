/** How well predicted sets find the true objects: the average precision of slot attention's set prediction. */
import { TraceError } from "../failure.js"
import { averagePrecision } from "../metrics/index.js"
import { type FeatureRange, type SetLayout, setRanges } from "./layout.js"

/** Distances that papers show average precision for. */
export const precisionDistances: readonly number[] = [Number.POSITIVE_INFINITY, 1, 0.5, 0.25, 0.125]

/** The first of the largest. */
const classOf = (values: ArrayLike<number>, start: number, { from, to }: FeatureRange): number => {
  let best = from
  for (let c = from + 1; c < to; c++) if ((values[start + c] as number) > (values[start + best] as number)) best = c
  return best
}

/** Predictions of all images, each with the nearest object of its image that has the same attributes. */
interface Detections {
  readonly scores: Float64Array
  /** Number of the object among all rows of targets; -1: none has these attributes. */
  readonly nearest: Int32Array
  readonly distances: Float64Array
  readonly objects: number
}

const rowsOf = (what: string, values: ArrayLike<number>, images: number, features: number): number => {
  const rows = values.length / (images * features)
  if (!Number.isInteger(images) || images < 1 || !Number.isInteger(rows))
    throw new TraceError(`setPrecisions: expected ${what} [${images} images, slots, ${features} features], found ${values.length} values`)
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i])) throw new TraceError(`setPrecisions: ${what} hold ${values[i]} at element ${i}; they must be finite`)
  return rows
}

const detect = (layout: SetLayout, predictions: ArrayLike<number>, targets: ArrayLike<number>, images: number): Detections => {
  const { position, attributes, presence, features } = setRanges(layout)
  const slots = rowsOf("predictions", predictions, images, features)
  const places = rowsOf("targets", targets, images, features)
  const scores = new Float64Array(images * slots)
  const nearest = new Int32Array(images * slots).fill(-1)
  const distances = new Float64Array(images * slots).fill(Number.POSITIVE_INFINITY)
  let objects = 0
  for (let t = 0; t < images * places; t++) if ((targets[t * features + presence] as number) > 0.5) objects++
  for (let p = 0; p < images * slots; p++) {
    const mine = p * features
    const first = Math.floor(p / slots) * places
    scores[p] = predictions[mine + presence] as number
    for (let t = first; t < first + places; t++) {
      const theirs = t * features
      if (!((targets[theirs + presence] as number) > 0.5)) continue
      if (!attributes.every((range) => classOf(predictions, mine, range) === classOf(targets, theirs, range))) continue
      let length = 0
      for (let c = position.from; c < position.to; c++)
        length = Math.hypot(length, (predictions[mine + c] as number) - (targets[theirs + c] as number))
      const distance = length * layout.position.scale
      if (distance >= (distances[p] as number)) continue
      distances[p] = distance
      nearest[p] = t
    }
  }
  return { scores, nearest, distances, objects }
}

/** Average precision where a detection must be nearer than `limit`; surer detections claim their object first. */
const precisionAt = ({ scores, nearest, distances, objects }: Detections, limit: number): number => {
  const order = Array.from(scores.keys()).sort((a, b) => (scores[b] as number) - (scores[a] as number))
  const claimed = new Set<number>()
  const hits = new Array<boolean>(scores.length).fill(false)
  for (const p of order) {
    const object = nearest[p] as number
    if (object < 0 || !((distances[p] as number) < limit) || claimed.has(object)) continue
    claimed.add(object)
    hits[p] = true
  }
  return averagePrecision(scores, hits, objects)
}

/**
 * Average precision AP@d for each distance d. The predictions of all images are ranked by presence. One is a hit if an object of its image has
 * all its attributes (the likeliest class of each), the nearest such object is nearer than d, in the unit of the layout's scale, and no surer
 * prediction claimed that object. Rows of targets with a presence up to 0.5 are no objects. NaN without objects.
 *
 * Predictions of equal presence count together: the order of slots, and of images, changes nothing. O(B K^2 F).
 *
 * @param predictions [images, slots, features]
 * @param targets [images, any number, features]
 * @throws TraceError when lengths do not divide, or a value is not finite
 *
 * @example
 * const layout = { position: { dimensions: 1, scale: 1 }, attributes: [{ name: "colour", classes: 2 }] }
 * setPrecisions(layout, [0.5, 0.2, 0.9, 1], [0.7, 0, 1, 1], 1, [Infinity, 0.125]) // [1, 0]
 */
export const setPrecisions = (
  layout: SetLayout,
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  images: number,
  distances: readonly number[] = precisionDistances,
): readonly number[] => {
  const detections = detect(layout, predictions, targets, images)
  return distances.map((d) => precisionAt(detections, d))
}
