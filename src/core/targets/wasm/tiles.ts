/**
 * Which points of a reduction are computed together. Sums in registers that don't wait for each other keep the processor
 * busy, and points next to each other share what they load: a row of a matrix product reads the same second factor as the
 * next one. Each sum keeps its own order.
 */
import type { Nest } from "../../compile/nest.js"
import type { Arithmetic } from "./arithmetic.js"
import { at } from "./assembly.js"
import { extentsOf, type Group, groupExtent, reduces, type Source, type Tile } from "./axes.js"
import type { Dataflow, Op } from "./dataflow.js"
import { elementaryOps } from "./elements.js"
import { type Lowered, lowerNest, mergeAxes } from "./lowered.js"
import { vectorise } from "./vector.js"

/** How the loops of a kernel run. */
export interface Tiling {
  /** From outer to inner. */
  readonly groups: readonly Group[]
  /** Some loops of the reduction run around those of the domain; between their turns, sums wait in the output. */
  readonly partial: boolean
  /** Together they cover the domain; null is all of it, one point at a time. */
  readonly tiles: readonly (Tile | null)[]
  /** Vectors of a point that are computed together, if there are so many. */
  readonly copies: number
}

/** Beyond this, code for many points at once would be long, and what it computes would not stay in registers. */
const mostNodes = 40

/** Calls, after which nothing stays in registers. */
const calls = new Set<Op>([...elementaryOps, "threefry"])

export const chooseTiling = (source: Source, num: Arithmetic): Tiling => {
  const { nest } = source
  const merged = mergeAxes(source, num)
  const plain = { groups: merged, partial: false, tiles: [null] }
  if (!reduces(nest) || source.reduced) return { ...plain, copies: 1 }
  const lowered = lowerNest(source, num, merged)
  const extents = extentsOf(nest)
  const work = new Work(lowered)
  const last = merged.findLastIndex((group) => at(group, 0) < nest.domain.length && groupExtent(group, extents) > 1)
  const vectors =
    last >= 0 && work.isVector(num, at(lowered.variables, last)) ? Math.floor(groupExtent(at(merged, last), extents) / num.width) : 0
  if (work.isHeavy) return { ...plain, copies: Math.min(4, vectors) }
  const groups = reordered(nest, num, merged)
  const partial = groups !== merged
  const [rows, copies] = shape(vectors)
  const candidates = merged.flatMap((group, g) => {
    const inDomain = at(group, 0) < nest.domain.length && groupExtent(group, extents) > 1
    if (!inDomain || (g === last && vectors > 0)) return []
    return [{ group, rows: Math.min(rows, groupExtent(group, extents)), ...work.worth(at(lowered.variables, g)) }]
  })
  const best = candidates.sort(better)[0]
  if (best === undefined || (best.shared === 0 && vectors >= 4)) return { groups, partial, tiles: [null], copies: Math.min(4, vectors) }
  const all = groupExtent(best.group, extents)
  const blocks = Math.floor(all / rows)
  const group = groups.indexOf(best.group)
  const tiles: Tile[] = []
  if (blocks > 0) tiles.push({ group, rows, from: 0, blocks })
  if (all % rows > 0) tiles.push({ group, rows: all % rows, from: blocks * rows, blocks: 1 })
  return { groups, partial, tiles, copies }
}

/** A reduction that is so long leaves the first cache with what it reads, before the next point reads the same. */
const longReduction = 1024
/** An output that stays in the second cache, so that it can be added to again and again. */
const smallOutput = 2 ** 19
/** So many turns are worth to take sums from the output and put them back. */
const worthwhile = 16

/**
 * Long sums for few results, as in the gradient to a kernel: the outer loops of the reduction run around those of the
 * domain, so that all points read the same part of the operands before the next part is read.
 */
const reordered = ({ domain, reduce }: Nest, num: Arithmetic, groups: readonly Group[]): readonly Group[] => {
  const extents = [...domain, ...(reduce?.extent ?? [])]
  const isReduced = (group: Group): boolean => at(group, 0) >= domain.length
  const reduction = groups.filter(isReduced)
  let turns = reduction.reduce((n, group) => n * groupExtent(group, extents), 1)
  if (reduce?.combine !== "sum" || turns < longReduction || domain.reduce((n, d) => n * d, num.bytes) > smallOutput) return groups
  let outer = 0
  for (const group of reduction) {
    const rest = turns / groupExtent(group, extents)
    if (rest < worthwhile) break
    turns = rest
    outer++
  }
  if (outer === 0) return groups
  return [...reduction.slice(0, outer), ...groups.filter((group) => !isReduced(group)), ...reduction.slice(outer)]
}

/** Rows and vectors of a tile: enough sums to wait for none, and few enough for 16 registers with what they are made of. */
const shape = (vectors: number): readonly [number, number] => (vectors >= 2 ? [4, 2] : [6, 1])

/** What tiling a group would bring. */
interface Worth {
  readonly group: Group
  /** Loads that all its rows share. */
  readonly shared: number
  /** So many, if there are as many as wanted. */
  readonly rows: number
  /** Conditions that each row must test for itself. */
  readonly conditions: number
}

const better = (a: Worth, b: Worth): number =>
  b.shared - a.shared || b.rows - a.rows || a.conditions - b.conditions || at(b.group, 0) - at(a.group, 0)

/** What a reduction does at each of its points. */
class Work {
  private readonly flow: Dataflow
  private readonly needed: readonly number[]
  private readonly body: number

  constructor(private readonly lowered: Lowered) {
    this.flow = lowered.flow
    this.body = at(lowered.points, 0).body
    const needed = this.flow.needed([this.body])
    this.needed = [...needed.keys()].filter((id) => needed[id] === 1)
  }

  get isHeavy(): boolean {
    return (
      this.needed.filter((id) => this.flow.kind(id) !== "index").length > mostNodes ||
      this.needed.some((id) => calls.has(this.flow.node(id).op))
    )
  }

  isVector(num: Arithmetic, variable: number): boolean {
    const { flow, lowered } = this
    const { result, offset } = at(lowered.points, 0)
    const { address } = lowered.lowering.address(lowered.outPointer, offset)
    const vector = variable < 0 ? null : vectorise(flow, variable, num.bytes, [this.body, result, address], true)
    return vector?.slope[address] === num.bytes
  }

  worth(variable: number): Pick<Worth, "shared" | "conditions"> {
    const depends = new Uint8Array(this.flow.nodes.length)
    const worth = { shared: 0, conditions: 0 }
    for (const id of this.needed) {
      const { op, args } = this.flow.node(id)
      depends[id] = id === variable || args.some((arg) => depends[arg] === 1) ? 1 : 0
      if (op === "load" && depends[id] === 0) worth.shared++
      if ((op === "guarded" || op === "select") && depends[at(args, 0)] === 1) worth.conditions++
    }
    return worth
  }
}
