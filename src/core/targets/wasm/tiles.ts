/**
 * Which points of a reduction are computed together. Sums in registers that don't wait for each other keep the processor
 * busy, and points next to each other share what they load: a row of a matrix product reads the same second factor as the
 * next one. Each sum keeps its own order, but for those of many neighbouring summands (summands.ts).
 */
import { type Ix, type Nest, partsOf, type Scalar } from "../../compile/nest.js"
import type { Arithmetic } from "./arithmetic.js"
import { at } from "./assembly.js"
import { extentsOf, type Group, groupExtent, isSummed, type LoopSpec, type Part, reduces, type Source, wholePart } from "./axes.js"
import { blocksOf } from "./blocks.js"
import type { Dataflow, Op } from "./dataflow.js"
import { elementaryOps } from "./elements.js"
import { type Lowered, lowerNest, mergeAxes } from "./lowered.js"
import { canBeVectors } from "./summands.js"
import { vectorise } from "./vector.js"

/** How the loops of a kernel run. */
export interface Tiling {
  readonly groups: readonly Group[]
  /** Some loops of the reduction run around those of the domain; between their turns, sums wait in the output. */
  readonly partial: boolean
  /** Together they cover the nest, in this order. */
  readonly parts: readonly Part[]
}

/** Beyond this, code for many points at once would be long, and what it computes would not stay in registers. */
const mostNodes = 40

/** Vectors of a point that are computed together. */
const mostCopies = 4

/**
 * Rows of a tile, by its vectors (0 for single elements): enough sums to wait for none, and few enough for 15 registers with
 * what they are made of. Engines load all that a turn needs before they compute, so loads count as well.
 */
const rowsOf = [6, 6, 4, 2, 2] as const

/** Fewer neighbouring summands are added one by one. */
export const manySummands = 32

/** Rows of a tile whose sums are vectors of summands, one a row. */
const rowsOfSummands = 4

/** Calls, after which nothing stays in registers. */
const calls = new Set<Op>([...elementaryOps, "threefry"])

/** With `rows`, the first axis has a loop of its own, in which each turn is computed by itself. */
export const chooseTiling = (source: Source, num: Arithmetic, rows = false): Tiling => {
  const { nest } = source
  const groups = mergeAxes(source, num, rows)
  const extents = extentsOf(nest)
  const last = groups.findLastIndex((group) => at(group, 0) < nest.domain.length && groupExtent(group, extents) > 1)
  // vectors along the rows would reach into others
  const along = !(rows && last === 0)
  if (!reduces(nest) || source.reduced) return { groups, partial: false, parts: [{ ...wholePart(groups, extents, 4), vectors: along }] }
  const lanes = mostCopies * num.width
  const panels = last >= 0 && isPacked(nest, lanes) && at(groups, last).length === 1
  const lowered = lowerNest(source, num, groups, panels ? panelPart(groups, extents, last, lanes) : wholePart(groups, extents))
  const work = new Work(lowered)
  const laneVariable = last < 0 ? -1 : at(lowered.variables, panels ? groups.length : last)
  const turns = last < 0 ? 1 : groupExtent(at(groups, last), extents)
  const vectors = along && work.isVector(num, laneVariable) ? Math.floor(turns / num.width) : 0
  const summed = groups.length - 1
  const manySums = summed >= 0 && isSummed(nest, groups, summed) && groupExtent(at(groups, summed), extents) >= manySummands
  const inVectors = vectors === 0 && manySums && canBeVectors(num, lowered, at(lowered.variables, summed))
  if (source.kept !== undefined)
    return { groups, partial: false, parts: [{ ...wholePart(groups, extents), vectors: false, summands: mostCopies }] }
  if (work.isHeavy) {
    const part = wholePart(groups, extents, Math.min(mostCopies, vectors))
    return { groups, partial: false, parts: [{ ...part, vectors: along, summands: inVectors ? 2 : 0 }] }
  }

  const rowsFor = (copies: number): number => (inVectors ? rowsOfSummands : at(rowsOf, Math.min(copies, mostCopies)))
  const candidates = groups.flatMap((group, g): readonly Worth[] => {
    const inDomain = at(group, 0) < nest.domain.length && groupExtent(group, extents) > 1
    if (!inDomain || (g === last && vectors > 0) || (rows && g === 0)) return []
    const most = Math.min(rowsFor(vectors), groupExtent(group, extents))
    return [{ group: g, rows: most, ...work.worth(at(lowered.variables, g)) }]
  })
  const best = candidates.sort(better)[0]
  const alone = best === undefined || (best.shared === 0 && (vectors >= mostCopies || inVectors))
  const tiled = alone ? null : best.group

  const outside = (g: number): boolean => work.meet(laneVariable, at(lowered.variables, g))
  const blocks = blocksOf(nest, num, groups, { panels, summands: inVectors })
  const parts = blocks.ranges.flatMap((range) =>
    lanesOf(turns, last, vectors, num.width, panels).flatMap((stretch) =>
      rowsIn(tiled, tiled === null ? 1 : groupExtent(at(groups, tiled), extents), rowsFor(stretch.copies)).map((block): Part => {
        const domain = groups.flatMap((group, g): readonly LoopSpec[] =>
          // rows of a tile are not run through one by one as well
          at(group, 0) >= nest.domain.length || (g === last && g !== tiled)
            ? []
            : [g === tiled ? { group: g, by: block.rows, turns: block.blocks } : { group: g, by: 1, turns: groupExtent(group, extents) }],
        )
        const around = panels ? domain.filter(({ group }) => outside(group)) : domain
        const within = domain.filter((loop) => !around.includes(loop))
        const from = groups.map((_, g) => (g === tiled ? block.from : g === last ? stretch.from : g === range.group ? range.from : 0))
        return {
          loops: [...range.around, ...around, ...stretch.panels, ...within, ...(tiled === last ? [] : stretch.lanes), ...range.within],
          from,
          tile: tiled === null ? null : { group: tiled, rows: block.rows },
          copies: stretch.copies,
          vectors: stretch.copies > 0,
          summands: inVectors ? (tiled === null ? mostCopies : 1) : 0,
          first: range.from === 0,
        }
      }),
    ),
  )
  return { groups, partial: blocks.partial, parts }
}

/** Whether an operand lies in panels: blocks of so many neighbouring elements of the last axis, one block after the other. */
const isPacked = ({ domain, body }: Nest, lanes: number): boolean => {
  const seen = new Set<Scalar | Ix>()
  const go = (x: Scalar | Ix): boolean => {
    if (seen.has(x)) return false
    seen.add(x)
    if (x.t === "mod" && x.by === lanes && x.a.t === "var" && x.a.axis === domain.length - 1) return true
    return partsOf(x).some(go)
  }
  return go(body)
}

/** One panel of the last group, with its lanes as a loop of their own after all others. */
const panelPart = (groups: readonly Group[], extents: readonly number[], last: number, lanes: number): Part => {
  const whole = wholePart(groups, extents)
  const panels = Math.max(1, Math.floor(groupExtent(at(groups, last), extents) / lanes))
  const loops = whole.loops.map((loop) => (loop.group === last ? { group: last, by: lanes, turns: panels } : loop))
  return { ...whole, loops: [...loops, { group: last, by: 1, turns: lanes }] }
}

/** A stretch of the last axis, with as many vectors at a time as there are. */
interface Lanes {
  readonly from: number
  readonly copies: number
  readonly panels: readonly LoopSpec[]
  readonly lanes: readonly LoopSpec[]
}

const lanesOf = (turns: number, group: number, vectors: number, width: number, panels: boolean): readonly Lanes[] => {
  if (group < 0) return [{ from: 0, copies: 0, panels: [], lanes: [] }]
  const stretch = (from: number, n: number, copies: number): Lanes => ({ from, copies, panels: [], lanes: [{ group, by: 1, turns: n }] })
  if (vectors === 0) return [stretch(0, turns, 0)]
  const found: Lanes[] = []
  const step = mostCopies * width
  const whole = Math.floor(turns / step)
  if (whole > 0 && panels) found.push({ ...stretch(0, step, mostCopies), panels: [{ group, by: step, turns: whole }] })
  else if (whole > 0) found.push(stretch(0, whole * step, mostCopies))
  const rest = turns - whole * step
  const few = Math.floor(rest / width)
  if (few > 0) found.push(stretch(whole * step, few * width, few))
  if (rest % width > 0) found.push(stretch(turns - (rest % width), rest % width, 0))
  return found
}

/** Blocks of a tile's rows, and the rows that are left. */
interface Rows {
  readonly from: number
  readonly rows: number
  readonly blocks: number
}

const rowsIn = (tiled: number | null, all: number, rows: number): readonly Rows[] => {
  if (tiled === null) return [{ from: 0, rows: 1, blocks: 1 }]
  const blocks = Math.floor(all / rows)
  return [
    ...(blocks > 0 ? [{ from: 0, rows, blocks }] : []),
    ...(all % rows > 0 ? [{ from: blocks * rows, rows: all % rows, blocks: 1 }] : []),
  ]
}

/** What tiling a group would bring. */
interface Worth {
  readonly group: number
  /** Loads that all its rows share. */
  readonly shared: number
  /** So many, if there are as many as wanted. */
  readonly rows: number
  /** Conditions that each row must test for itself. */
  readonly conditions: number
}

const better = (a: Worth, b: Worth): number => b.shared - a.shared || b.rows - a.rows || a.conditions - b.conditions || b.group - a.group

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

  /** Per node, whether it changes with a variable. */
  private changing(variable: number): Uint8Array {
    const depends = new Uint8Array(this.flow.nodes.length)
    for (const id of this.needed) depends[id] = id === variable || this.flow.node(id).args.some((arg) => depends[arg] === 1) ? 1 : 0
    return depends
  }

  /** Whether an element that is loaded changes with both variables. */
  meet(a: number, b: number): boolean {
    const [withA, withB] = [this.changing(a), this.changing(b)]
    return this.needed.some((id) => this.flow.node(id).op === "load" && withA[id] === 1 && withB[id] === 1)
  }

  worth(variable: number): Pick<Worth, "shared" | "conditions"> {
    const depends = this.changing(variable)
    const worth = { shared: 0, conditions: 0 }
    for (const id of this.needed) {
      const { op, args } = this.flow.node(id)
      if (op === "load" && depends[id] === 0) worth.shared++
      if ((op === "guarded" || op === "select") && depends[at(args, 0)] === 1) worth.conditions++
    }
    return worth
  }
}
