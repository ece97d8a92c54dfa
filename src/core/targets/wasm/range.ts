/**
 * The points of a nest that one call of a kernel computes, so that several threads can share a kernel: those for which the index
 * of one group of axes lies in a range. A tile belongs to the call in whose range its first row lies. How a nest is divided does
 * not show in its results.
 */
import { assign, bind, forNonEmpty, get, i32 } from "./assembly.js"
import type { Part } from "./axes.js"
import { type Code, type Fn, I32 } from "./emitter.js"
import type { Pass } from "./passes.js"
import type { Loop } from "./skeleton.js"

export interface Range {
  readonly group: number
  /** Locals: the index is at least `lo` and below `hi`. */
  readonly lo: number
  readonly hi: number
}

/** The loops of a part within a range. */
export interface Bounds {
  /** Emits `body` for the case that the part has any points in the range. */
  readonly guard: (body: () => void) => void
  readonly of: (loop: Loop) => readonly [Code, Code]
  /** The turns of a pass through the last loop, where that is the one whose range is given. */
  readonly within: (local: number, pass: Pass, turn: () => void) => void
}

const least = (f: Fn, a: Code, b: Code): Code => {
  const [x, y] = [bind(f, I32, a), bind(f, I32, b)]
  return bind(f, I32, (g) => {
    x(g)
    y(g)
    i32.lt(x, y)(g)
    g.select(I32)
  })
}

export const boundsOf = (f: Fn, part: Part, range: Range | null): Bounds => {
  const loop = range === null ? undefined : part.loops.find(({ group }) => group === range.group)
  if (range === null || loop === undefined)
    return { guard: (body) => body(), of: ({ turns }) => [i32.const(0), i32.const(turns)], within: () => undefined }
  const start = part.from[range.group] as number
  const { by, turns } = loop
  // the first turn whose index is not below a limit
  const turnAt = (limit: number): Code => {
    const behind: Code = i32.add(get(limit), i32.const(by - 1 - start))
    const turn: Code = by === 1 ? behind : i32.over(behind, by)
    return least(f, i32.const(turns), (g) => {
      // nothing lies before the first turn
      i32.const(0)(g)
      turn(g)
      i32.lt(get(limit), i32.const(start + 1))(g)
      g.select(I32)
    })
  }
  const [from, to] = [turnAt(range.lo), turnAt(range.hi)]
  return {
    guard: (body) => {
      i32.lt(from, to)(f)
      f.if(null, body)
    },
    of: (one) => (one.group === range.group ? [from, to] : [i32.const(0), i32.const(one.turns)]),
    within: (local, pass, turn) => {
      const first = f.local(I32)
      // passes start at multiples of their steps, and so do ranges
      assign(f, first, (g) => {
        i32.const(pass.from)(g)
        from(g)
        i32.lt(from, i32.const(pass.from))(g)
        g.select(I32)
      })
      const end = least(f, i32.const(pass.to), to)
      i32.lt(get(first), end)(f)
      f.if(null, () => forNonEmpty(f, local, get(first), end, pass.step, turn))
    },
  }
}
