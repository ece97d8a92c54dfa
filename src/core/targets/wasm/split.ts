/** How a kernel is divided among threads: by ranges of the index of one group of axes of its domain. */
import type { Arithmetic } from "./arithmetic.js"
import { at } from "./assembly.js"
import { extentsOf, groupExtent, isSummed, type Source } from "./axes.js"
import type { Tiling } from "./tiles.js"

export interface Split {
  readonly group: number
  readonly extent: number
  /** Ranges start at multiples of this many indices, so that no tile and no vector is cut. */
  readonly grain: number
}

/** With so many pieces the work is even, however many threads there are. */
const ENOUGH = 16
/** A multiple of all numbers of vectors that are computed together. */
const WHOLE = 12

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))

/** Null where there is nothing to divide. */
export const splitOf = ({ groups, parts }: Tiling, { nest }: Source, num: Arithmetic): Split | null => {
  const extents = extentsOf(nest)
  const own = [...groups.keys()].filter((g) => !isSummed(nest, groups, g) && groupExtent(at(groups, g), extents) > 1)
  const last = own.at(-1)
  const candidates = own
    .filter((g) => parts.every(({ loops }) => loops.filter(({ group }) => group === g).length <= 1))
    .map((g): Split => {
      const rows = parts
        .flatMap(({ tile }) => (tile?.group === g ? [tile.rows] : []))
        .reduce((a, b) => (a * b) / greatestCommonDivisor(a, b), 1)
      return { group: g, extent: groupExtent(at(groups, g), extents), grain: g === last ? WHOLE * num.width : rows }
    })
  const pieces = ({ extent, grain }: Split): number => Math.ceil(extent / grain)
  const enough = candidates.find((c) => pieces(c) >= ENOUGH)
  const best = enough ?? [...candidates].sort((a, b) => pieces(b) - pieces(a))[0]
  return best !== undefined && pieces(best) > 1 ? best : null
}
