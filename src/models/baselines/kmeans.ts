/** k-means, the baseline that has no idea of objects (Lloyd 1982; seeding by Arthur and Vassilvitskii 2007). */
import { type Draws, drawsOf } from "../data/index.js"
import { TraceError } from "../failure.js"

/** How to cluster. */
export interface KMeansOptions {
  /** Number of clusters. */
  readonly k: number
  /** Equal seeds give equal results. Default 0. */
  readonly seed?: number
  /** Runs from new seeds, of which the one with the least inertia is kept. Default 4. */
  readonly restarts?: number
  /** Most rounds of one run. It ends earlier when no label changes. Default 100. */
  readonly rounds?: number
}

/** What k-means found. */
export interface Clustering {
  /** Cluster of each point, 0 to k - 1. */
  readonly labels: Uint8Array
  /** `[k, features]`. */
  readonly centres: Float64Array
  /** Sum of squared distances to the own centre. */
  readonly inertia: number
}

/** Own streams of the seed, away from those that draw data. */
const stream = 0x6b6d

interface Points {
  readonly data: Float32Array
  readonly count: number
  readonly features: number
}

const squaredDistance = ({ data, features }: Points, point: number, centres: Float64Array, centre: number): number => {
  let sum = 0
  for (let f = 0; f < features; f++) sum += (data[point * features + f]! - centres[centre * features + f]!) ** 2
  return sum
}

const place = ({ data, features }: Points, point: number, centres: Float64Array, centre: number): void => {
  for (let f = 0; f < features; f++) centres[centre * features + f] = data[point * features + f]!
}

/** k-means++: each further centre is a point drawn with probability proportional to its squared distance to the centres so far. */
const seeded = (points: Points, k: number, draws: Draws): Float64Array => {
  const centres = new Float64Array(k * points.features)
  place(points, draws.below(points.count), centres, 0)
  const nearest = new Float64Array(points.count).fill(Number.POSITIVE_INFINITY)
  for (let c = 1; c < k; c++) {
    let total = 0
    for (let i = 0; i < points.count; i++) {
      nearest[i] = Math.min(nearest[i]!, squaredDistance(points, i, centres, c - 1))
      total += nearest[i]!
    }
    // fewer distinct points than centres: the rest of the centres repeat a point and stay empty
    let left = draws.uniform() * total
    let chosen = points.count - 1
    for (let i = 0; i < points.count; i++) {
      left -= nearest[i]!
      if (left < 0) {
        chosen = i
        break
      }
    }
    place(points, chosen, centres, c)
  }
  return centres
}

/** Gives every point its nearest centre (ties to the lowest) and tells whether any label changed. */
const assign = (points: Points, k: number, centres: Float64Array, labels: Uint8Array, distances: Float64Array): boolean => {
  let changed = false
  for (let i = 0; i < points.count; i++) {
    let best = 0
    let least = squaredDistance(points, i, centres, 0)
    for (let c = 1; c < k; c++) {
      const distance = squaredDistance(points, i, centres, c)
      if (distance < least) {
        least = distance
        best = c
      }
    }
    distances[i] = least
    if (labels[i] !== best) {
      labels[i] = best
      changed = true
    }
  }
  return changed
}

/** Moves each centre to the mean of its points; an empty one moves to the point that is farthest from its centre. */
const update = (points: Points, k: number, centres: Float64Array, labels: Uint8Array, distances: Float64Array): void => {
  const counts = new Float64Array(k)
  centres.fill(0)
  for (let i = 0; i < points.count; i++) {
    const c = labels[i]!
    counts[c]!++
    for (let f = 0; f < points.features; f++) centres[c * points.features + f]! += points.data[i * points.features + f]!
  }
  for (let c = 0; c < k; c++) {
    if (counts[c]! > 0) {
      for (let f = 0; f < points.features; f++) centres[c * points.features + f]! /= counts[c]!
    } else {
      let farthest = 0
      for (let i = 1; i < points.count; i++) if (distances[i]! > distances[farthest]!) farthest = i
      place(points, farthest, centres, c)
      distances[farthest] = 0
    }
  }
}

const run = (points: Points, k: number, rounds: number, draws: Draws): Clustering => {
  const centres = seeded(points, k, draws)
  const labels = new Uint8Array(points.count).fill(255)
  const distances = new Float64Array(points.count)
  for (let round = 0; round < rounds && assign(points, k, centres, labels, distances); round++)
    update(points, k, centres, labels, distances)
  assign(points, k, centres, labels, distances)
  return { labels, centres, inertia: distances.reduce((a, b) => a + b, 0) }
}

/**
 * Clusters points by Lloyd's algorithm from k-means++ seeds; the best of several runs. Deterministic.
 *
 * @param data `[points, features]`, finite
 * @param features numbers a point
 * @throws TraceError when there is no point, a value is not finite, or k is not an integer from 1 to 255
 *
 * @example
 * const { labels, inertia } = kMeans(Float32Array.of(0, 1, 8, 9), 1, { k: 2 })
 * inertia // 1
 * labels[0] === labels[1] // true
 */
export const kMeans = (data: Float32Array, features: number, { k, seed = 0, restarts = 4, rounds = 100 }: KMeansOptions): Clustering => {
  const count = data.length / features
  if (!Number.isInteger(count) || count < 1)
    throw new TraceError(`kMeans: data must be [points, ${features}] with at least one point, found ${data.length} values`)
  if (!Number.isInteger(k) || k < 1 || k > 255) throw new TraceError(`kMeans: k must be an integer from 1 to 255, found ${k}`)
  if (!Number.isInteger(restarts) || restarts < 1) throw new TraceError(`kMeans: restarts must be a positive integer, found ${restarts}`)
  const bad = data.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw new TraceError(`kMeans: points must be finite, found ${data[bad]} in point ${Math.floor(bad / features)}`)
  const points = { data, count, features }
  let best = run(points, k, rounds, drawsOf(seed, stream, 0))
  for (let r = 1; r < restarts; r++) {
    const next = run(points, k, rounds, drawsOf(seed, stream, r))
    if (next.inertia < best.inertia) best = next
  }
  return best
}
