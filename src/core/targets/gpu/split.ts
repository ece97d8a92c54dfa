/**
 * Long sums in two passes: one thread that adds a million numbers is slow, and in float32 wrong in the third digit. A reduction that is
 * much longer than it is wide becomes partial reductions of fixed blocks, then a reduction of the parts (split again where still long).
 * Where the blocks lie depends on shapes alone, so a sum is the same on every machine.
 */
import { asNumber, at, axes, axis, binary, floorDiv, inRange, lit, load, modulo, plus, select, times } from "../../compile/build-nest.js"
import type { Ix, Nest, Reduction, Scalar } from "../../compile/nest.js"
import type { BufferType, Schedule, Step } from "../../compile/schedule.js"
import { sizeOf } from "../../tensor/types.js"
import { rename } from "./rewrite.js"

const longExtent = 1024
const wideDomain = 4096
/** Length of a block where no axis gives one. */
const blockLength = 256

interface Blocking {
  /** Sizes of the new domain axes, one block each. */
  readonly parts: readonly number[]
  /** Reduced sizes within a block. */
  readonly inner: readonly number[]
  /** Reduced index `k` of the nest, from the variables of the blocked one. */
  readonly index: (k: number) => Ix
  /** The number of the element within the reduction where the last block may be short. */
  readonly tail: Ix | null
}

/** Blocks are whole inner axes where that gives a fair length, else stretches of the flattened reduction. */
const blocking = (extent: readonly number[], rank: number): Blocking => {
  for (let cut = 1; cut < extent.length; cut++) {
    const inner = extent.slice(cut)
    const length = sizeOf(inner)
    if (length >= blockLength / 4 && length <= blockLength * 4)
      return { parts: extent.slice(0, cut), inner, index: (k) => axis(rank + k), tail: null }
  }
  const total = sizeOf(extent)
  const flat = plus(times(axis(rank), blockLength), axis(rank + 1))
  const index = (k: number): Ix => {
    const before = floorDiv(flat, sizeOf(extent.slice(k + 1)))
    return k === 0 ? before : modulo(before, extent[k] ?? 1)
  }
  return { parts: [Math.ceil(total / blockLength)], inner: [blockLength], index, tail: total % blockLength === 0 ? null : flat }
}

const neutral = (reduce: Reduction): Scalar => lit(reduce.combine === "sum" ? 0 : Number.NEGATIVE_INFINITY)

/** The partial reductions and the nest that reduces these as its input 0 (the other inputs follow); null where one pass is right. */
const splitNest = (nest: Nest): { readonly partial: Nest; readonly rest: Nest } | null => {
  const { domain, reduce } = nest
  if (reduce === null || reduce.indicator !== undefined) return null
  const total = sizeOf(reduce.extent)
  if (total < longExtent || sizeOf(domain) > wideDomain) return null
  const rank = domain.length
  const { parts, inner, index, tail } = blocking(reduce.extent, rank)
  const body = rename(nest.body, { axis: (a) => (a < rank ? axis(a) : index(a - rank)), input: (k) => k })
  const summand =
    tail === null
      ? body
      : select(binary("less", asNumber(tail), lit(total)), { t: "guarded", guards: [inRange(tail, 0, total)], a: body }, neutral(reduce))
  const { combine } = reduce
  return {
    partial: { domain: [...domain, ...parts], reduce: { combine, extent: inner }, body: summand, epilogue: null },
    rest: {
      domain,
      reduce: { combine, extent: parts },
      body: load(0, axes(rank + parts.length)),
      epilogue: nest.epilogue === null ? null : rename(nest.epilogue, { axis: (a) => (a < rank ? axis(a) : at(0)), input: (k) => k + 1 }),
    },
  }
}

export const splitReductions = (schedule: Schedule): Schedule => {
  const buffers: BufferType[] = [...schedule.buffers]
  const kernel = (step: Extract<Step, { t: "kernel" }>): readonly Step[] => {
    const split = splitNest(step.nest)
    if (split === null) return [step]
    const partial = buffers.push({ elem: "float", shape: split.partial.domain }) - 1
    return [
      { ...step, name: `${step.name} (parts)`, nest: split.partial, output: partial },
      ...kernel({ ...step, nest: split.rest, inputs: [partial, ...step.inputs] }),
    ]
  }
  const list = (steps: readonly Step[]): readonly Step[] => steps.flatMap(one)
  const one = (step: Step): readonly Step[] => {
    switch (step.t) {
      case "kernel":
        return kernel(step)
      case "loop":
        return [{ ...step, body: list(step.body) }]
      case "while":
        return [{ ...step, condition: list(step.condition), body: list(step.body) }]
      case "cond":
        return [
          {
            ...step,
            whenTrue: { ...step.whenTrue, steps: list(step.whenTrue.steps) },
            whenFalse: { ...step.whenFalse, steps: list(step.whenFalse.steps) },
          },
        ]
      default:
        return [step]
    }
  }
  const steps = list(schedule.steps)
  return { ...schedule, buffers, steps }
}
