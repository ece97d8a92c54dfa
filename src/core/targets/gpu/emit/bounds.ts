/** Closed intervals of whole numbers: what an index can be. */
export interface Bounds {
  readonly lo: number
  readonly hi: number
}

export const point = (value: number): Bounds => ({ lo: value, hi: value })

export const add = (a: Bounds, b: Bounds): Bounds => ({ lo: a.lo + b.lo, hi: a.hi + b.hi })

export const scale = ({ lo, hi }: Bounds, by: number): Bounds =>
  by === 0 ? point(0) : by > 0 ? { lo: lo * by, hi: hi * by } : { lo: hi * by, hi: lo * by }

export const contains = (outer: Bounds, inner: Bounds): boolean => outer.lo <= inner.lo && inner.hi <= outer.hi

export const largest = ({ lo, hi }: Bounds): number => Math.max(Math.abs(lo), Math.abs(hi))
