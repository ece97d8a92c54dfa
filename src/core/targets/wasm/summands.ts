/**
 * Sums of many neighbouring summands, where the points of the domain can't be vectors: each lane of some vectors adds every so
 * many summands to a sum of its own, and these are added to one another in the end. So the order is another one than that of
 * the axes, and the same on every machine: lane i of vector j has the summands i + j w + n c w (w lanes, c vectors, n = 0, 1, ...).
 */
import type { Arithmetic } from "./arithmetic.js"
import { at, forNonEmpty, forRange, i32 } from "./assembly.js"
import type { Part } from "./axes.js"
import type { Fn, Opcode } from "./emitter.js"
import type { Evaluation } from "./evaluation.js"
import { type Gathering, maxima, quickMaxima, sums } from "./gathering.js"
import type { Library } from "./library.js"
import type { Lowered } from "./lowered.js"
import { nested } from "./nested.js"
import type { Roots } from "./passes.js"
import type { Loop, Skeleton } from "./skeleton.js"
import type { VectorMode } from "./values.js"
import { type Vectorised, vectorise } from "./vector.js"

/** The summands of the points, as vectors along the innermost loop of the reduction. */
export interface Summands {
  readonly evaluation: Evaluation
  readonly bodies: readonly number[]
  /** What is stored of them. */
  readonly kept: readonly Stored[]
  readonly copies: number
}

/** A value, the address where it is stored, and an offset that is part of the instruction. */
interface Stored {
  readonly value: number
  readonly address: number
  readonly immediate: number
}

/** Summands, values to keep and their addresses as vectors along a variable, or null where they can't be. */
const vectorsAlong = (num: Arithmetic, { flow, points }: Lowered, variable: number): Vectorised | null => {
  const kept = points.flatMap((p) => p.kept ?? [])
  const all = [...points.map((p) => p.body), ...kept.flatMap(({ value, address }) => [value, address])]
  const vector = vectorise(flow, variable, num.bytes, all, false)
  return vector === null || kept.some(({ address }) => vector.slope[address] !== num.bytes) ? null : vector
}

/** Whether neighbouring summands can be computed as vectors, with the points one by one. */
export const canBeVectors = (num: Arithmetic, lowered: Lowered, variable: number): boolean =>
  variable >= 0 && vectorsAlong(num, lowered, variable) !== null

export const summandsOf = (
  { num }: Library,
  lowered: Lowered,
  { reduction }: Skeleton,
  { summands }: Part,
  evaluation: (roots: Roots, vector: VectorMode | null) => Evaluation,
): Summands | null => {
  const last = reduction.at(-1)
  if (last === undefined) return null
  const vector = vectorsAlong(num, lowered, last.variable)
  if (vector === null) return null
  const { points } = lowered
  const kept = points.flatMap((p) => p.kept ?? [])
  const copies = Math.min(summands, Math.floor(last.turns / num.width))
  const roots = { bodies: vector.roots, unguarded: [], results: [] }
  return {
    evaluation: evaluation(roots, { form: vector.form, slope: vector.slope, copies }),
    bodies: vector.roots.slice(0, points.length),
    kept: kept.map((one, i) => ({ ...one, value: at(vector.roots, points.length + 2 * i) })),
    copies,
  }
}

/** What is added to, and how. */
export interface Adding {
  readonly evaluation: Evaluation
  readonly bodies: readonly number[]
  readonly kept: readonly Stored[]
  /** Locals of the sums of the points. */
  readonly sums: readonly number[]
  readonly reduction: readonly Loop[]
  readonly combine: Opcode
}

export const addSummands = (f: Fn, num: Arithmetic, summands: Summands, adding: Adding): void => {
  const { evaluation, bodies, kept, sums: totals, reduction, combine } = adding
  const { copies } = summands
  const inner = reduction.at(-1) as Loop
  const step = copies * num.width
  const whole = inner.turns - (inner.turns % step)
  const gather = (gathered: readonly Gathering[]): void => {
    for (const one of gathered) one.start()
    nested(f, reduction.slice(0, -1), [evaluation, summands.evaluation], () => {
      forNonEmpty(f, inner.local, i32.const(0), i32.const(whole), step, () => {
        summands.evaluation.begin(inner.region)
        gathered.forEach(({ add }, row) => {
          for (let copy = 0; copy < copies; copy++) add(copy, () => summands.evaluation.push(at(summands.bodies, row), copy))
        })
        for (const { value, address, immediate } of summands.kept)
          for (let copy = 0; copy < copies; copy++) {
            summands.evaluation.push(address)
            summands.evaluation.push(value, copy)
            f.memory(num.vector.store, immediate + copy * 16)
          }
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
        for (const { value, address, immediate } of kept) {
          evaluation.push(address)
          evaluation.push(value)
          f.memory(num.scalar.store, immediate)
        }
      })
    })
    gathered.forEach(({ finish }, row) => finish(at(totals, row)))
  }
  if (combine !== num.scalar.max) return gather(totals.map(() => sums(f, num, copies)))
  const quick = totals.map(() => quickMaxima(f, num, copies))
  gather(quick)
  quick.map(({ isDoubtful }, row) => isDoubtful(at(totals, row))).reduce(i32.or)(f)
  // what is there already is no larger
  f.if(null, () => gather(totals.map(() => maxima(f, num, copies))))
}
