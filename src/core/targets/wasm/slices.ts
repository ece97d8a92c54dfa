/**
 * The first run of a program, in slices. Engines translate a module to code at once that is some ten times as slow as what they make of a
 * function while it runs; but a call that has begun ends in the code that it began in. So a long kernel is called slice by slice as long
 * as the program has not run yet: after a few of them the better code is there. How a kernel is divided does not show in its results.
 */
import { assign, get, i32 } from "./assembly.js"
import { type Code, type Fn, I32 } from "./emitter.js"
import type { Phase } from "./kernel.js"

/** Nanoseconds of a slice, by the rough figure that kernels have. */
export const SLICE = 4_000_000
/** More slices than this are of no use: the better code takes some ten to hundred milliseconds. */
const MOST = 64

/** Indices of a slice of `nanoseconds`, of a phase that takes `cost` of them; null where it is not divided. */
export const sliceOf = ({ extent, grain }: Phase, cost: number, nanoseconds: number): number | null => {
  const slices = Math.min(MOST, Math.floor(cost / nanoseconds))
  if (slices < 2) return null
  const size = Math.ceil(extent / grain / slices) * grain
  return size < extent ? size : null
}

/** Calls `emit` with where a part of 0 to `extent` starts and ends, for all parts of `size` indices, one after the other. */
export const inParts = (f: Fn, extent: number, size: Code, emit: (from: Code, to: Code) => void): void => {
  const [from, to] = [f.local(I32), f.local(I32)]
  assign(f, from, i32.const(0))
  f.while(
    () => i32.lt(get(from), i32.const(extent))(f),
    () => {
      assign(f, to, i32.add(get(from), size))
      i32.gt(get(to), i32.const(extent))(f)
      f.if(null, () => assign(f, to, i32.const(extent)))
      emit(get(from), get(to))
      assign(f, from, get(to))
    },
  )
}
