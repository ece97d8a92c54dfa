/** What the lanes of some vectors make of many numbers, and how one number is made of that: a sum, or the largest. */
import type { Arithmetic } from "./arithmetic.js"
import { assign, at, binary, bind, get } from "./assembly.js"
import type { Code, Fn, Opcode } from "./emitter.js"
import { i32x4 } from "./integers.js"
import { kits } from "./kits.js"

/** Emitters of the code that gathers. */
export interface Gathering {
  readonly start: () => void
  /** `value` leaves one vector. */
  readonly add: (copy: number, value: () => void) => void
  /** Puts what was gathered into a local, with what is there. */
  readonly finish: (sum: number) => void
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

/** Each lane adds to a sum of its own; in the end they are added to one another, halves first, then lane by lane. */
export const sums = (f: Fn, num: Arithmetic, copies: number): Gathering => {
  const locals = Array.from({ length: copies }, () => f.local(num.vector.type))
  return {
    start: () => {
      for (const local of locals) {
        num.vectorConstant(f, () => 0)
        f.set(local)
      }
    },
    add: (copy, value) => {
      f.get(at(locals, copy))
      value()
      f.op(num.vector.add)
      f.set(at(locals, copy))
    },
    finish: (sum) => {
      halve(f, locals, num.vector.add)
      eachLane(f, num, at(locals, 0), sum, num.scalar.add)
    },
  }
}

/** The maximum that passes NaN on and puts 0 above -0 is eight instructions; what is done here for each vector is three or four. */
export const maxima = (f: Fn, num: Arithmetic, copies: number): Gathering =>
  num.precision === "float32" ? maximaOfBits(f, num, copies) : maximaAndSigns(f, num, copies)

/**
 * By the bits as integers. As signed ones they are in the order of the numbers where any has no sign, and the largest number is the
 * smallest unsigned one where all have; a NaN without a sign is the largest signed one, one with it the largest unsigned one.
 */
const maximaOfBits = (f: Fn, num: Arithmetic, copies: number): Gathering => {
  const k = kits.float32.vector
  const kinds = [i32x4.minU, i32x4.maxS, i32x4.maxU].map((op) => ({
    op,
    locals: Array.from({ length: copies }, () => f.local(num.vector.type)),
  }))
  const value = f.local(num.vector.type)
  return {
    start: () => {
      for (const { locals } of kinds) for (const local of locals) assign(f, local, k.f(Number.NEGATIVE_INFINITY))
    },
    add: (copy, push) => {
      push()
      f.set(value)
      for (const { op, locals } of kinds) {
        f.get(at(locals, copy))
        f.get(value)
        f.op(op)
        f.set(at(locals, copy))
      }
    },
    finish: (sum) => {
      for (const { op, locals } of kinds) halve(f, locals, op)
      const [least, signed, unsigned] = kinds.map(({ locals }) => get(at(locals, 0))) as [Code, Code, Code]
      const ofEither = k.pick(binary(i32x4.lessS)(signed, k.i(0n)), least, signed)
      const best = f.local(num.vector.type)
      // of the numbers with a sign, none is above -Infinity in its bits but a NaN
      assign(f, best, k.pick(k.equal(unsigned, unsigned), ofEither, unsigned))
      eachLane(f, num, best, sum, num.scalar.max)
    },
  }
}

/**
 * By the maximum that neither passes NaN on nor tells 0 from -0. NaNs are noted beside it, and the sign that all numbers share: where the
 * largest is a zero, none is above it, so it is -0 only if all are negative.
 */
const maximaAndSigns = (f: Fn, num: Arithmetic, copies: number): Gathering => {
  const k = kits.float64.vector
  const largest = Array.from({ length: copies }, () => f.local(num.vector.type))
  const [value, ordered, signs] = [f.local(num.vector.type), f.local(num.vector.type), f.local(num.vector.type)]
  const all = bind(f, num.vector.type, k.i(-1n))
  return {
    start: () => {
      for (const local of largest) assign(f, local, k.f(Number.NEGATIVE_INFINITY))
      assign(f, ordered, all)
      assign(f, signs, all)
    },
    add: (copy, push) => {
      push()
      f.set(value)
      const [best, x] = [at(largest, copy), get(value)]
      assign(f, best, k.atLeast(get(best), x))
      assign(f, ordered, k.both(get(ordered), k.equal(x, x)))
      assign(f, signs, k.and(get(signs), x))
    },
    finish: (sum) => {
      halve(f, largest, num.vector.max)
      // a lane whose largest is a zero has the one of the sign that all its numbers share
      const best = at(largest, 0)
      const zero = k.equal(get(best), k.f(0))
      assign(f, best, k.pick(zero, k.fromBits(k.and(k.bits(get(signs)), k.bits(k.f(-0)))), get(best)))
      k.all(get(ordered))(f)
      f.if(
        null,
        () => eachLane(f, num, best, sum, num.scalar.max),
        () => {
          num.constant(f, Number.NaN)
          f.set(sum)
        },
      )
    },
  }
}
