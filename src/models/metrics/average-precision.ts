/** How well a ranking puts hits first. */
import { TraceError } from "../failure.js"

/**
 * Average precision of detections: they are ranked by score, and after each one precision is hits / detections and recall hits / objects
 * so far. Precision at a recall is the largest at that recall or above (its envelope); it is integrated over recall from 0 to 1, as 0
 * beyond the largest recall that is reached. Detections of one score count together, so that their order does not matter. NaN without objects.
 *
 * @param scores one a detection, larger is surer
 * @param hits whether each detection finds an object that no other hit finds
 * @param objects how many there are to find
 * @throws TraceError when lengths differ, there are more hits than objects, or a score is NaN
 *
 * @example
 * averagePrecision([0.9, 0.8, 0.7], [true, false, true], 2) // 0.8333333333333333
 */
export const averagePrecision = (scores: ArrayLike<number>, hits: ArrayLike<boolean>, objects: number): number => {
  const n = scores.length
  if (hits.length !== n) throw new TraceError(`averagePrecision: ${n} scores and ${hits.length} hits; give one of each a detection`)
  for (let i = 0; i < n; i++)
    if (Number.isNaN(scores[i]))
      throw new TraceError(`averagePrecision: the score of detection ${i} is NaN; the model's output is not finite`)
  const score = (i: number): number => scores[i] as number
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => score(b) - score(a))
  const found: number[] = []
  const precision: number[] = []
  let hitsSoFar = 0
  for (const [rank, i] of order.entries()) {
    if (hits[i]) hitsSoFar++
    const next = order[rank + 1]
    if (next !== undefined && score(next) === score(i)) continue
    found.push(hitsSoFar)
    precision.push(hitsSoFar / (rank + 1))
  }
  if (hitsSoFar > objects) throw new TraceError(`averagePrecision: ${hitsSoFar} hits of ${objects} objects; an object is found once`)
  let [best, area] = [0, 0]
  for (let p = found.length - 1; p >= 0; p--) {
    best = Math.max(best, precision[p] as number)
    area += ((found[p] as number) - (found[p - 1] ?? 0)) * best
  }
  return area / objects
}
