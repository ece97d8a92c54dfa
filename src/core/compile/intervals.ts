/** Gives out storage of one arena for intervals of time. */
import { FreeList } from "./free-list.js"

/** Storage wanted from one point in time to another, both included. */
export interface Interval {
  readonly size: number
  readonly start: number
  readonly end: number
  readonly place: (offset: number) => void
}

/** First-fit in the order of time; gives the size of the arena. */
export const placeIntervals = (intervals: readonly Interval[], reuse: boolean): number => {
  const free = new FreeList()
  const starting = [...intervals].sort((a, b) => a.start - b.start)
  const ending = [...intervals].sort((a, b) => a.end - b.end)
  const placed = new Map<Interval, number>()
  let ended = 0
  let arena = 0
  for (const interval of starting) {
    for (; reuse; ended++) {
      const old = ending[ended]
      if (old === undefined || old.end >= interval.start) break
      free.release(placed.get(old) as number, aligned(old.size))
    }
    const size = aligned(interval.size)
    let offset = free.take(size)
    if (offset < 0) {
      // the arena grows by what the gap at its end lacks
      const gap = free.takeLast(arena)
      offset = arena - gap
      arena = offset + size
    }
    placed.set(interval, offset)
    interval.place(offset)
  }
  return arena
}

/** A multiple of 4 elements, so that every buffer starts on 16 bytes. */
const aligned = (size: number): number => Math.ceil(size / 4) * 4
