/** From a series to the points that are worth drawing. */

/** A point of a line; `undefined` is a gap. */
export type Point = readonly [x: number, y: number] | undefined

/** Points beyond which a line is thinned out: more than a screen has columns. */
const most = 1200

/**
 * The points of a series. A long one is cut into equal stretches, each of which keeps its least and greatest value: no spike is lost.
 *
 * @param visible whether a value has a place on the axis
 */
export const pointsOf = (x: ArrayLike<number>, y: ArrayLike<number>, visible: (value: number) => boolean): readonly Point[] => {
  const point = (i: number): Point => (Number.isFinite(x[i]!) && visible(y[i]!) ? [x[i]!, y[i]!] : undefined)
  if (x.length <= most) return Array.from({ length: x.length }, (_, i) => point(i))
  const stretch = Math.ceil(x.length / (most / 2))
  const out: Point[] = []
  for (let start = 0; start < x.length; start += stretch) {
    const seen: number[] = []
    for (let i = start; i < Math.min(start + stretch, x.length); i++) if (point(i) !== undefined) seen.push(i)
    if (seen.length === 0) {
      out.push(undefined)
      continue
    }
    const [least, greatest] = seen.reduce(([a, b], i) => [y[i]! < y[a]! ? i : a, y[i]! > y[b]! ? i : b] as const, [
      seen[0]!,
      seen[0]!,
    ] as const)
    for (const i of new Set([Math.min(least, greatest), Math.max(least, greatest)])) out.push(point(i))
  }
  return out
}

/** Exponential moving average with the start-up bias taken out; values that are not finite are passed on and not counted. */
export const smoothed = (y: ArrayLike<number>, weight: number): Float64Array => {
  const out = new Float64Array(y.length)
  let sum = 0
  let mass = 0
  for (let i = 0; i < y.length; i++) {
    const value = y[i]!
    if (!Number.isFinite(value)) {
      out[i] = value
      continue
    }
    sum = weight * sum + (1 - weight) * value
    mass = weight * mass + (1 - weight)
    out[i] = sum / mass
  }
  return out
}

/** SVG path data through the points, broken at gaps. */
export const pathOf = (points: readonly Point[], place: (point: readonly [number, number]) => readonly [number, number]): string => {
  let path = ""
  let pen = "M"
  for (const point of points) {
    if (point === undefined) {
      pen = "M"
      continue
    }
    const [x, y] = place(point)
    path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`
    pen = "L"
  }
  return path
}
