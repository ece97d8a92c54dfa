/**
 * Sums of many neighbouring summands, where the points of the domain can't be vectors: each lane of some vectors adds every so
 * many summands to a sum of its own, and these are added to one another in the end. So the order is another one than that of
 * the axes, and the same on every machine: lane i of vector j has the summands i + j w + n c w (w lanes, c vectors, n = 0, 1, ...).
 */
import type { Arithmetic } from "./arithmetic.js"
import { assign, at, bind, forNonEmpty, forRange, get, i32 } from "./assembly.js"
import type { Part } from "./axes.js"
import type { Fn, Opcode } from "./emitter.js"
import type { Evaluation } from "./evaluation.js"
import { kits } from "./kits.js"
import type { Library } from "./library.js"
import type { Lowered } from "./lowered.js"
import { nested } from "./nested.js"
import type { Roots } from "./passes.js"
import type { Loop, Skeleton } from "./skeleton.js"
import type { VectorMode } from "./values.js"
import { vectorise } from "./vector.js"

/** The summands of the points, as vectors along the innermost loop of the reduction. */
export interface Summands {
  readonly evaluation: Evaluation
  readonly bodies: readonly number[]
  readonly copies: number
}

export const summandsOf = (
  { num }: Library,
  { flow, points }: Lowered,
  { reduction }: Skeleton,
  { summands }: Part,
  evaluation: (roots: Roots, vector: VectorMode | null) => Evaluation,
): Summands | null => {
  const last = reduction.at(-1)
  if (last === undefined) return null
  const bodies = points.map((p) => p.body)
  const vector = vectorise(flow, last.variable, num.bytes, bodies, false)
  if (vector === null) return null
  const copies = Math.min(summands, Math.floor(last.turns / num.width))
  const roots = { bodies: vector.roots, unguarded: [], results: [] }
  return { evaluation: evaluation(roots, { form: vector.form, slope: vector.slope, copies }), bodies: vector.roots, copies }
}

/** What is added to, and how. */
export interface Adding {
  readonly evaluation: Evaluation
  readonly bodies: readonly number[]
  /** Locals of the sums of the points. */
  readonly sums: readonly number[]
  readonly reduction: readonly Loop[]
  readonly combine: Opcode
}

/** What lanes of vectors have gathered. */
interface Gathering {
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

const sums = (f: Fn, num: Arithmetic, copies: number): Gathering => {
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

/**
 * The maximum that passes NaN on and puts 0 above -0 is eight instructions; the one that does neither is one. So NaNs are noted
 * beside it, and the sign that all numbers share: where the largest is a zero, none is above it, so it is -0 only if all are negative.
 */
const maxima = (f: Fn, num: Arithmetic, copies: number): Gathering => {
  const k = kits[num.precision].vector
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
      // -0 where all are negative, else 0; the largest of it and of what lanes say as zeros
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

export const addSummands = (f: Fn, num: Arithmetic, summands: Summands, adding: Adding): void => {
  const { evaluation, bodies, sums: totals, reduction, combine } = adding
  const { copies } = summands
  const inner = reduction.at(-1) as Loop
  const step = copies * num.width
  const whole = inner.turns - (inner.turns % step)
  const gather = combine === num.scalar.max ? maxima : sums
  const gathered = totals.map(() => gather(f, num, copies))
  for (const one of gathered) one.start()
  nested(f, reduction.slice(0, -1), [evaluation, summands.evaluation], () => {
    forNonEmpty(f, inner.local, i32.const(0), i32.const(whole), step, () => {
      summands.evaluation.begin(inner.region)
      gathered.forEach(({ add }, row) => {
        for (let copy = 0; copy < copies; copy++) add(copy, () => summands.evaluation.push(at(summands.bodies, row), copy))
      })
    })
    if (whole === inner.turns) return
    forRange(f, inner.local, i32.const(whole), i32.const(inner.turns), 1, () => {
      evaluation.begin(inner.region)
      totals.forEach((local, row) => {
        f.get(local)
        evaluation.push(at(bodies, row))
        f.op(combine)
        f.set(local)
      })
    })
  })
  gathered.forEach(({ finish }, row) => finish(at(totals, row)))
}
