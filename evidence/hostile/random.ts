/** Numbers from a seed, the same on every machine. */
export interface Random {
  /** In [0, 1). */
  readonly unit: () => number
  /** In [lo, hi). */
  readonly between: (lo: number, hi: number) => number
  /** A whole number below n. */
  readonly below: (n: number) => number
  readonly pick: <T>(all: readonly T[]) => T
  readonly chance: (p: number) => boolean
  readonly list: (n: number, draw: () => number) => Float64Array
}

/** Numbers that belong to a seed and to what they are for (mulberry32 over a hash of all parts). */
export const randomOf = (...parts: readonly number[]): Random => {
  let state = 0x9e3779b9
  for (const p of parts) state = Math.imul(state ^ (p + 0x7f4a7c15), 0x85ebca6b) ^ (state >>> 13)
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number) => Math.floor(unit() * n)
  return {
    unit,
    below,
    between: (lo, hi) => lo + (hi - lo) * unit(),
    pick: (all) => all[below(all.length)] as (typeof all)[number],
    chance: (p) => unit() < p,
    list: (n, draw) => Float64Array.from({ length: n }, draw),
  }
}
