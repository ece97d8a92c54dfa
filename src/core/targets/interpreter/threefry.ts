/** Threefry-2x32, 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): the bits that JAX draws. */

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const

const PARITY = 0x1bd11bda

/** Two words from a key and a counter, all unsigned 32-bit. */
export const threefry2x32 = (k0: number, k1: number, c0: number, c1: number): readonly [number, number] => {
  const keys = [k0 | 0, k1 | 0, k0 ^ k1 ^ PARITY] as const
  let x0 = (c0 + keys[0]) | 0
  let x1 = (c1 + keys[1]) | 0
  for (let group = 0; group < 5; group++) {
    for (const r of ROTATIONS[group % 2] as (typeof ROTATIONS)[number]) {
      x0 = (x0 + x1) | 0
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0
    }
    x0 = (x0 + (keys[(group + 1) % 3] as number)) | 0
    x1 = (x1 + (keys[(group + 2) % 3] as number) + group + 1) | 0
  }
  return [x0 >>> 0, x1 >>> 0]
}

/** One 16-bit limb of the block of a key, given by its limbs, at counter (0, count). */
export const threefryLimb = (k0h: number, k0l: number, k1h: number, k1l: number, count: number, limb: number): number => {
  const [x0, x1] = threefry2x32(k0h * 65536 + k0l, k1h * 65536 + k1l, 0, count)
  const word = limb < 2 ? x0 : x1
  return limb % 2 === 0 ? word >>> 16 : word & 0xffff
}
