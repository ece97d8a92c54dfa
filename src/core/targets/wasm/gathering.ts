/** What the lanes of some vectors make of many numbers, and how one number is made of that: a sum, or the largest. */
import type { Arithmetic } from "./arithmetic.js"
import { assign, at, binary, get, i32 } from "./assembly.js"
import type { Code, Fn, Opcode } from "./emitter.js"
import { kits } from "./kits.js"

/** Emitters of the code that gathers. */
export interface Gathering {
  readonly start: () => void
  /** `value` leaves one vector. */
  readonly add: (copy: number, value: () => void) => void
  /** Puts what was gathered into a local, with what is there. */
  readonly finish: (total: number) => void
}

/** Adds vector to vector, as `together` does, in halves: 4 to 2 to 1. */
const halve = (f: Fn, locals: readonly number[], together: Opcode): void => {
  for (let n = locals.length; n > 1; n = Math.ceil(n / 2))
    for (let i = 0; i < Math.floor(n / 2); i++) {
      f.get(at(locals, i))
      f.get(at(locals, i + Math.ceil(n / 2)))
      f.op(together)
      f.set(at(locals, i))
    }
}

const eachLane = (f: Fn, num: Arithmetic, local: number, sum: number, combine: Opcode): void => {
  for (let lane = 0; lane < num.width; lane++) {
    f.get(sum)
    f.get(local)
    f.op([...num.extract, lane])
    f.op(combine)
    f.set(sum)
  }
}

/** Each lane has a sum or a maximum of its own; in the end they are put together, halves first, then lane by lane. */
const byLanes = (f: Fn, num: Arithmetic, copies: number, start: number, operation: "add" | "max"): Gathering => {
  const locals = Array.from({ length: copies }, () => f.local(num.vector.type))
  return {
    start: () => {
      for (const local of locals) {
        num.vectorConstant(f, () => start)
        f.set(local)
      }
    },
    add: (copy, value) => {
      f.get(at(locals, copy))
      value()
      f.op(num.vector[operation])
      f.set(at(locals, copy))
    },
    finish: (total) => {
      halve(f, locals, num.vector[operation])
      eachLane(f, num, at(locals, 0), total, num.scalar[operation])
    },
  }
}

export const sums = (f: Fn, num: Arithmetic, copies: number): Gathering => byLanes(f, num, copies, 0, "add")

/** Passes NaN on and puts 0 above -0, for which a processor has eight instructions a vector. */
export const maxima = (f: Fn, num: Arithmetic, copies: number): Gathering => byLanes(f, num, copies, Number.NEGATIVE_INFINITY, "max")

export interface QuickMaxima extends Gathering {
  /** An i32: whether the maximum could be another one. To be asked after `finish`. */
  readonly isDoubtful: (total: number) => Code
}

/**
 * By the comparison that passes no NaN and takes the zero that comes first, in one instruction a vector. A sum of all numbers, which costs
 * nothing beside it, is NaN where one of them is (and where both infinities are among them).
 */
export const quickMaxima = (f: Fn, num: Arithmetic, copies: number): QuickMaxima => {
  const k = kits[num.precision].vector
  const all = sums(f, num, copies)
  const [value, sum] = [f.local(num.vector.type), f.local(num.scalar.type)]
  const largest = Array.from({ length: copies }, () => f.local(num.vector.type))
  return {
    start: () => {
      all.start()
      for (const local of largest) assign(f, local, k.f(Number.NEGATIVE_INFINITY))
    },
    add: (copy, push) => {
      push()
      f.set(value)
      const best = at(largest, copy)
      assign(f, best, k.atLeast(get(best), get(value)))
      all.add(copy, () => f.get(value))
    },
    finish: (total) => {
      halve(f, largest, num.vector.max)
      eachLane(f, num, at(largest, 0), total, num.scalar.max)
      num.constant(f, 0)
      f.set(sum)
      all.finish(sum)
    },
    isDoubtful: (total) => {
      const is = (a: Code, b: Code, op: Opcode): Code => binary(op)(a, b)
      const zero: Code = (g) => num.constant(g, 0)
      return i32.or(is(get(total), zero, num.scalar.equal), is(get(sum), get(sum), num.scalar.notEqual))
    },
  }
}
