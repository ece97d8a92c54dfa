/** Threefry-2x32, 20 rounds, on whole numbers without bounds, each step reduced modulo 2^32. Written from the paper (SC 2011). */
import { get, make, type Nd } from "./nd.js"
import { one, type References } from "./reference.js"

const WORD = 1n << 32n
const wrap = (x: bigint): bigint => x % WORD
const rotate = (x: bigint, by: bigint): bigint => wrap(x << by) | (x >> (32n - by))

export const threefry = (key: readonly [bigint, bigint], counter: readonly [bigint, bigint]): readonly [bigint, bigint] => {
  const schedule = [key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bdan]
  const rotations = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n]
  let [x, y] = [wrap(counter[0] + key[0]), wrap(counter[1] + key[1])]
  for (let round = 0; round < 20; round++) {
    x = wrap(x + y)
    y = rotate(y, rotations[round % 8] as bigint) ^ x
    if (round % 4 === 3) {
      const injection = (round + 1) / 4
      x = wrap(x + (schedule[injection % 3] as bigint))
      y = wrap(y + (schedule[(injection + 1) % 3] as bigint) + BigInt(injection))
    }
  }
  return [x, y]
}

/** The two words of a key at an index. */
const words = (k: Nd, i: readonly number[]): readonly [bigint, bigint] => {
  const limb = (n: number) => BigInt(get(k, [...i, n]))
  return [limb(0) * 65536n + limb(1), limb(2) * 65536n + limb(3)]
}

export const random: References = {
  threefry: one((_params, keys, counters) => {
    const [k, c] = [keys as Nd, counters as Nd]
    return make(k.shape, (i) => {
      const at = i.slice(0, -1)
      const count = BigInt.asUintN(32, BigInt(get(c, at)))
      const [x, y] = threefry(words(k, at), [0n, count])
      const limb = i.at(-1) as number
      const word = limb < 2 ? x : y
      return Number(limb % 2 === 0 ? word >> 16n : word & 0xffffn)
    })
  }),
  keyBits: one((_params, keys) => {
    const k = keys as Nd
    return make([...k.shape.slice(0, -1), 2], (i) => {
      const [x, y] = words(k, i.slice(0, -1))
      return Number(i.at(-1) === 0 ? (x ^ y) >> 16n : (x ^ y) & 0xffffn)
    })
  }),
}
