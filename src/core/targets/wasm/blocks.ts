/**
 * Long sums in blocks. All points read one part of the operands before the next part is read, so that it stays in the
 * caches; between blocks the sums wait in the output. Blocks follow each other in the order of the sum.
 */
import type { Nest } from "../../compile/nest.js"
import type { Arithmetic } from "./arithmetic.js"
import { at } from "./assembly.js"
import { type Group, groupExtent, type LoopSpec } from "./axes.js"

/** A range of the reduction: loops around those of the domain, and loops of a sum in registers. */
export interface Summed {
  readonly around: readonly LoopSpec[]
  readonly within: readonly LoopSpec[]
  /** The group of which the range has a part, -1 for none, and where that starts. */
  readonly group: number
  readonly from: number
}

export interface Blocks {
  readonly partial: boolean
  readonly ranges: readonly Summed[]
}

/** A reduction that is so long leaves the first cache with what it reads, before the next point reads the same. */
const longReduction = 1024
/** An output that stays in the second cache, so that it can be added to again and again. */
const smallOutput = 2 ** 19
/** With one operand in panels the other is read but once a panel, and a panel comes from the second cache in time. */
const longPanel = 1536

/** Turns of a block: so many are worth to take sums from the output and put them back; so many read what the caches hold. */
interface Turns {
  readonly least: number
  readonly most: number
}

const plainBlock: Turns = { least: 16, most: 256 }
const panelBlock: Turns = { least: 192, most: 1024 }

/** What matters for blocks. */
export interface BlockOptions {
  /** An operand lies in panels. */
  readonly panels: boolean
  /** Neighbouring summands are added as vectors: the loop of them is not cut, as that would be another order. */
  readonly summands: boolean
}

export const blocksOf = (
  { domain, reduce }: Nest,
  num: Arithmetic,
  groups: readonly Group[],
  { panels, summands }: BlockOptions,
): Blocks => {
  const extents = [...domain, ...(reduce?.extent ?? [])]
  const loops = groups.flatMap((group, g): readonly LoopSpec[] =>
    at(group, 0) < domain.length ? [] : [{ group: g, by: 1, turns: groupExtent(group, extents) }],
  )
  const turns = loops.reduce((n, loop) => n * loop.turns, 1)
  const whole: Blocks = { partial: false, ranges: [{ around: [], within: loops, group: -1, from: 0 }] }
  if (reduce?.combine !== "sum") return whole
  if (panels) return turns > longPanel ? inBlocks(loops, turns, panelBlock, summands) : whole
  if (turns < longReduction || domain.reduce((n, d) => n * d, num.bytes) > smallOutput) return whole
  return inBlocks(loops, turns, plainBlock, summands)
}

/** How many loops can be taken off from outside while enough is left. */
const outermost = (loops: readonly LoopSpec[], turns: number, enough: number): number => {
  let rest = turns
  for (const [i, loop] of loops.entries()) {
    rest /= loop.turns
    if (rest < enough) return i
  }
  return loops.length
}

const inBlocks = (loops: readonly LoopSpec[], turns: number, block: Turns, uncut: boolean): Blocks => {
  // stops at the loop whose turns are too many together, and too few alone
  const outer = outermost(loops, turns, block.least)
  const around = loops.slice(0, outer)
  const within = loops.slice(outer)
  const left = within.reduce((n, loop) => n * loop.turns, 1)
  const [first, ...inner] = within
  const unsplit: Blocks = { partial: around.length > 0, ranges: [{ around, within, group: -1, from: 0 }] }
  if (uncut || left <= block.most || first === undefined) return unsplit
  const size = blockSize(first.turns, left / first.turns, block)
  const count = Math.floor(first.turns / size)
  // a rest would come after all turns of the loops around, out of order
  if (around.length > 0 && count * size < first.turns) return unsplit
  const { group } = first
  const ranges: Summed[] = [
    { around: [...around, { group, by: size, turns: count }], within: [{ group, by: 1, turns: size }, ...inner], group, from: 0 },
  ]
  if (count * size < first.turns)
    ranges.push({ around, within: [{ group, by: 1, turns: first.turns - count * size }, ...inner], group, from: count * size })
  return { partial: true, ranges }
}

/** Turns of a block: a divisor where one is good, so that no rest is left. */
const blockSize = (turns: number, inner: number, { least, most }: Turns): number => {
  const largest = Math.max(1, Math.floor(most / inner))
  for (let size = largest; size * inner >= least; size--) if (turns % size === 0) return size
  return largest
}
