/** The loops of a tile and the regions of code that they make, before anything is placed in them. */
import { at } from "./assembly.js"
import { type Group, type LoopSpec, lastDomainLoop, type Part, reduces, type Source } from "./axes.js"
import { type Fn, I32 } from "./emitter.js"
import type { Lowered } from "./lowered.js"
import { Regions } from "./placement.js"
import { type Unguarded, withoutGuards } from "./unguarded.js"

export interface Loop extends LoopSpec {
  readonly variable: number
  readonly local: number
  readonly region: number
}

/** Loops within loops, in a region that holds what comes before them. */
export interface Inner {
  readonly region: number
  readonly loops: readonly Loop[]
}

export interface Skeleton {
  readonly regions: Regions
  /** From outer to inner: of the domain, and of the reduction where these run around them. */
  readonly domain: readonly Loop[]
  /** Loops of the reduction around those that have two forms. */
  readonly reduction: readonly Loop[]
  /** Its other loops; in the first form guards are tested. */
  readonly guarded: Inner
  readonly unguarded: (Inner & Unguarded) | null
  /** After the reduction. */
  readonly result: number
  /** Locals of variables and pointers. */
  readonly locals: ReadonlyMap<number, number>
  /** Regions in which variables and reduced values get their values. */
  readonly homes: ReadonlyMap<number, number>
}

export const makeSkeleton = (f: Fn, { nest, reduced }: Source, groups: readonly Group[], part: Part, lowered: Lowered): Skeleton => {
  const { flow, variables, points } = lowered
  const regions = new Regions()
  const locals = new Map<number, number>()
  const homes = new Map<number, number>()
  const turns = (l: number): number => at(part.loops, l).turns
  const lastDomain = lastDomainLoop(nest, groups, part)
  const isReduced = (l: number): boolean => l > lastDomain
  const running = [...part.loops.keys()].filter((l) => at(variables, l) >= 0)
  const reduction = reduces(nest) && !reduced ? running.filter(isReduced) : []

  /** Loops in a region, one in another. */
  const nestLoops = (
    outermost: number,
    over: readonly number[],
    variableOf: readonly number[],
  ): { readonly loops: Loop[]; readonly region: number } => {
    let region = outermost
    const loops = over.map((l): Loop => {
      region = regions.child(region, "loop")
      const loop = { ...at(part.loops, l), variable: at(variableOf, l), local: f.local(I32), region }
      locals.set(loop.variable, loop.local)
      homes.set(loop.variable, region)
      return loop
    })
    return { loops, region }
  }

  const domain = nestLoops(
    0,
    running.filter((l) => !isReduced(l)),
    variables,
  )
  const result = regions.child(domain.region, "sequel")
  for (const { acc } of points) if (acc >= 0) homes.set(acc, result)
  const unguarded = part.summands > 0 ? null : withoutGuards(lowered, reduction, turns)
  const outer = nestLoops(domain.region, unguarded === null ? reduction : reduction.filter((l) => l < unguarded.from), variables)
  const inner = (kind: "branch" | "guard", variableOf: readonly number[]): Inner => {
    const region = regions.child(outer.region, kind)
    return {
      region,
      loops: nestLoops(
        region,
        reduction.filter((l) => unguarded !== null && l >= unguarded.from),
        variableOf,
      ).loops,
    }
  }
  flow.nodes.forEach(({ op, imm }, id) => {
    if (op === "pointer") locals.set(id, at(imm, 0))
    if (op === "walk") locals.set(id, f.local(I32))
  })
  return {
    regions,
    domain: domain.loops,
    reduction: outer.loops,
    guarded: unguarded === null ? { region: outer.region, loops: [] } : inner("branch", variables),
    // its loads would leave their buffers where the guards fail
    unguarded: unguarded === null ? null : { ...unguarded, ...inner("guard", unguarded.variables) },
    result,
    locals,
    homes,
  }
}

/** The region of the innermost body. */
export const innermost = ({ region, loops }: Inner): number => loops.at(-1)?.region ?? region
