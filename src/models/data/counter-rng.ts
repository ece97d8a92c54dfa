/**
 * A counter-based generator for host data: Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011). There is no state to advance: draw n of item i is a pure function of (seed, stream, i, n), so any item can
 * be made alone, in any order, in any batch, and comes out the same.
 */
import { TraceError } from "../failure.js"

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const
const parity = 0x1bd11bda

/**
 * One block of Threefry-2x32-20: encrypts the counter `(c0, c1)` under the key `(k0, k1)`, all 32-bit words.
 *
 * Known answers (Random123): key (0, 0), counter (0, 0) gives 6b200159 99ba4efe.
 *
 * @returns two unsigned 32-bit words
 *
 * @example
 * threefry2x32(0, 0, 0, 0) // [0x6b200159, 0x99ba4efe]
 */
export const threefry2x32 = (k0: number, k1: number, c0: number, c1: number): readonly [number, number] => {
  const keys = [k0 | 0, k1 | 0, k0 ^ k1 ^ parity]
  let x0 = (c0 + k0) | 0
  let x1 = (c1 + k1) | 0
  for (let group = 0; group < 5; group++) {
    const first = (group & 1) * 4
    for (let round = 0; round < 4; round++) {
      const bits = rotations[first + round]!
      x0 = (x0 + x1) | 0
      x1 = ((x1 << bits) | (x1 >>> (32 - bits))) ^ x0
    }
    x0 = (x0 + keys[(group + 1) % 3]!) | 0
    x1 = (x1 + keys[(group + 2) % 3]! + group + 1) | 0
  }
  return [x0 >>> 0, x1 >>> 0]
}

/** The draws that belong to one item. Two items, two streams or two seeds share no draws. */
export interface Draws {
  /** The next 32 random bits, as an unsigned integer. */
  readonly bits: () => number
  /** A uniform integer in `[0, n)`, exact (draws that would bias it are thrown away); `n` in 1 to 2^32. */
  readonly below: (n: number) => number
  /** A uniform number in `[0, 1)`, a multiple of 2^-32. */
  readonly uniform: () => number
}

const natural = (name: string, value: number, limit: number): void => {
  if (!Number.isInteger(value) || value < 0 || value > limit) {
    throw new TraceError(`counter-rng: ${name} must be an integer from 0 to ${limit}, found ${value}`)
  }
}

/**
 * The draws of item `index` in stream `stream` of `seed`.
 *
 * @param seed an integer from 0 to 2^53 - 1
 * @param stream separates uses of one seed (training scenes, held-out scenes, baselines); an integer from 0 to 2^32 - 1
 * @param index the item; an integer from 0 to 2^32 - 1
 * @throws TraceError when one of them is outside its range
 *
 * @example
 * const die = 1 + drawsOf(7, 0, 3).below(6) // the same whenever item 3 is asked for
 */
export const drawsOf = (seed: number, stream: number, index: number): Draws => {
  natural("seed", seed, Number.MAX_SAFE_INTEGER)
  natural("stream", stream, 0xffffffff)
  natural("index", index, 0xffffffff)
  const [k0, k1] = threefry2x32(seed >>> 0, Math.floor(seed / 0x100000000), stream, 0)
  let counter = 0
  let spare = -1
  const bits = (): number => {
    if (spare >= 0) {
      const kept = spare
      spare = -1
      return kept
    }
    const [a, b] = threefry2x32(k0, k1, index, counter++)
    spare = b
    return a
  }
  const below = (n: number): number => {
    if (!Number.isInteger(n) || n < 1 || n > 0x100000000) {
      throw new TraceError(`counter-rng: below(n) needs an integer n from 1 to 2^32, found ${n}`)
    }
    const limit = 0x100000000 - (0x100000000 % n)
    let word = bits()
    while (word >= limit) word = bits()
    return word % n
  }
  return { bits, below, uniform: () => bits() / 0x100000000 }
}
