/** Orders of rows that are drawn: of an epoch, and which rows are held out. */
import { TraceError } from "../failure.js"
import { drawsOf } from "./counter-rng.js"
import { type Dataset, subset } from "./dataset.js"

/** Streams of draws of a key, apart from those that scenes take (0 and 1). */
const shuffleStream = 2
const splitStream = 3

/** A uniform permutation of 0 to n - 1 (Fisher-Yates) by the draws of item `index` in a stream of `key`. */
const permutation = (n: number, key: number, stream: number, index: number): Uint32Array => {
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  const draws = drawsOf(key, stream, index)
  for (let i = n - 1; i > 0; i--) {
    const j = draws.below(i + 1)
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  return order
}

/** The order of epoch `epoch` of `n` rows: a pure function of its arguments. */
export const epochOrder = (n: number, key: number, epoch: number): Uint32Array => permutation(n, key, shuffleStream, epoch)

/**
 * Two sets without a row in common: `heldOut` rows drawn by `key`, and all others, each in the order of the whole set. The same
 * arguments give the same split.
 *
 * @throws TraceError when one is outside its range
 *
 * @example
 * const { train, heldOut } = splitDataset({ key: 0, heldOut: 320 })(scenes)
 */
export const splitDataset =
  ({
    key,
    heldOut,
  }: {
    /** An integer from 0 to 2^53 - 1. */
    readonly key: number
    /** Rows to hold out, from 0 to all of them. */
    readonly heldOut: number
  }) =>
  <A>(data: Dataset<A>): { readonly train: Dataset<A>; readonly heldOut: Dataset<A> } => {
    if (!Number.isInteger(heldOut) || heldOut < 0 || heldOut > data.length)
      throw new TraceError(`splitDataset: heldOut must be an integer from 0 to ${data.length}, the rows that there are, found ${heldOut}`)
    const order = permutation(data.length, key, splitStream, 0)
    return { train: subset(order.slice(heldOut).sort())(data), heldOut: subset(order.slice(0, heldOut).sort())(data) }
  }
