/**
 * Where each value of a kernel is computed: once, as far out of the loops as what it depends on allows, and only on the
 * side of a condition that needs it. A value used more than once, or moved out of a loop, is kept in a local.
 */
import { at } from "./assembly.js"
import { type Dataflow, freeOps, type Op } from "./dataflow.js"

/**
 * A stretch of code with its own statements. `loop`: a loop body, which runs at least once. `sequel`: runs once, at the
 * end of its parent. `branch`: one side of a select, whose loads are safe. `guard`: what stands behind a guard, whose loads
 * may be out of range where the guard fails.
 */
interface Region {
  readonly parent: number
  readonly depth: number
  readonly kind: "loop" | "sequel" | "branch" | "guard"
}

export class Regions {
  private readonly all: Region[] = [{ parent: -1, depth: 0, kind: "sequel" }]

  /** The region of the whole function is 0. */
  get(id: number): Region {
    return at(this.all, id)
  }

  child(parent: number, kind: Region["kind"]): number {
    this.all.push({ parent, depth: this.get(parent).depth + 1, kind })
    return this.all.length - 1
  }

  common(a: number, b: number): number {
    let [x, y] = [a, b]
    while (x !== y) {
      if (this.get(x).depth >= this.get(y).depth) x = this.get(x).parent
      else y = this.get(y).parent
    }
    return x
  }
}

export interface Root {
  readonly node: number
  readonly region: number
}

/** Values that cost more than a few instructions, so that a select with one evaluates one side only. */
const heavyOps = new Set<Op>(["exp", "decay", "log", "tanh", "sin", "cos", "threefry", "guarded", "both"])
const unnamedOps = new Set<Op>(["int", "variable", "pointer", "walk", "acc", "literal", "always", "never", "wideConstant"])
/** Expressions nest at most this deep before a value gets a local, so that neither this code nor an engine recurses far. */
const deepest = 60

export interface Placement {
  readonly region: Int32Array
  /** Kept in a local. */
  readonly named: Uint8Array
  /** Reached also where no guard before it has held, so a load must check that it stays in its buffer. */
  readonly speculative: Uint8Array
  /** The regions of the sides of a conditional node. */
  readonly sides: ReadonlyMap<number, readonly number[]>
  /** The named values of a region, arguments first. */
  readonly statements: ReadonlyMap<number, readonly number[]>
}

export interface PlacementInput {
  readonly flow: Dataflow
  readonly regions: Regions
  readonly roots: readonly Root[]
  /** The regions in which variables and `acc` get their values; anything else has its value from the start. */
  readonly homes: ReadonlyMap<number, number>
  /** How often a use of a node by another counts: vectors are computed in several copies. */
  readonly uses: (user: number, used: number) => number
  /** A condition that differs between the lanes of a vector: both sides are evaluated. */
  readonly eager: (node: number) => boolean
}

export const place = ({ flow, regions, roots, homes, uses, eager }: PlacementInput): Placement => {
  const size = flow.nodes.length
  const needed = reachable(flow, roots)
  const home = new Int32Array(size)
  const heavy = new Uint8Array(size)
  const free = new Uint8Array(size)
  const height = new Uint16Array(size)
  for (const id of needed) {
    const { op, args } = flow.node(id)
    let deepestHome = homes.get(id) ?? 0
    let isHeavy = heavyOps.has(op)
    let isFree = freeOps.has(op)
    let tallest = 0
    for (const arg of args) {
      if (regions.get(at(home, arg)).depth > regions.get(deepestHome).depth) deepestHome = at(home, arg)
      isHeavy ||= heavy[arg] === 1
      isFree &&= free[arg] === 1
      tallest = Math.max(tallest, at(height, arg))
    }
    home[id] = deepestHome
    heavy[id] = isHeavy ? 1 : 0
    free[id] = isFree ? 1 : 0
    height[id] = tallest >= deepest ? 0 : tallest + 1
  }

  const region = new Int32Array(size).fill(-1)
  const uncertain = new Uint8Array(size).fill(1)
  const counts = new Float64Array(size)
  const named = new Uint8Array(size)
  const sides = new Map<number, readonly number[]>()
  const certainIn = new Int32Array(size).fill(-1)

  const use = (id: number, where: number, times: number, certain: boolean): void => {
    counts[id] = at(counts, id) + times
    const before = at(region, id)
    region[id] = before < 0 ? where : regions.common(before, where)
    if (!certain) return
    // the outermost region in which it is surely needed, hoisting aside
    const known = at(certainIn, id)
    if (known < 0 || regions.get(where).depth < regions.get(known).depth) certainIn[id] = where
  }

  const hoist = (id: number): number => {
    let where = at(region, id)
    const target = at(home, id)
    let best = where
    while (where !== target && regions.get(where).depth > regions.get(target).depth) {
      const { kind, parent } = regions.get(where)
      if ((kind === "branch" || kind === "guard") && free[id] === 0) break
      where = parent
      // leaving anything else is worth it only together with a loop
      if (kind === "loop") best = where
    }
    return best
  }

  for (const { node, region: where } of roots) use(node, where, 1, true)
  for (let i = needed.length - 1; i >= 0; i--) {
    const id = at(needed, i)
    const { op, args } = flow.node(id)
    const where = at(region, id)
    const certain = reaches(regions, at(certainIn, id), where)
    uncertain[id] = certain ? 0 : 1
    const placed = hoist(id)
    if (placed !== where || at(counts, id) > 1 || at(height, id) === 0) named[id] = 1
    region[id] = placed
    if (unnamedOps.has(op)) named[id] = 0
    const useAll = (ids: readonly number[], inside: number): void => {
      for (const arg of ids) use(arg, inside, uses(id, arg), certain)
    }
    if (op === "guarded" || op === "both") {
      const inside = regions.child(placed, "guard")
      sides.set(id, [inside])
      useAll([at(args, 0)], placed)
      useAll([at(args, 1)], inside)
    } else if (op === "select" && !eager(id) && (heavy[at(args, 1)] === 1 || heavy[at(args, 2)] === 1)) {
      const [a, b] = [regions.child(placed, "branch"), regions.child(placed, "branch")]
      sides.set(id, [a, b])
      useAll([at(args, 0)], placed)
      useAll([at(args, 1)], a)
      useAll([at(args, 2)], b)
    } else useAll(args, placed)
  }

  const statements = new Map<number, number[]>()
  for (const id of needed) {
    if (named[id] === 0) continue
    const list = statements.get(at(region, id))
    if (list === undefined) statements.set(at(region, id), [id])
    else list.push(id)
  }
  return { region, named, speculative: uncertain, sides, statements }
}

/** The nodes that roots need, arguments first: nodes are numbered in that order. */
const reachable = (flow: Dataflow, roots: readonly Root[]): readonly number[] => {
  const needed = flow.needed(roots.map((r) => r.node))
  const ids: number[] = []
  for (let id = 0; id < needed.length; id++) if (needed[id] === 1) ids.push(id)
  return ids
}

/** A value surely needed in `from` is so in its ancestor `to`, if no guard lies between. */
const reaches = (regions: Regions, from: number, to: number): boolean => {
  if (from < 0) return false
  let where = from
  while (where !== to) {
    const { kind, parent, depth } = regions.get(where)
    if (kind === "guard" || depth <= regions.get(to).depth) return false
    where = parent
  }
  return true
}
