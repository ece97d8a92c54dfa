/**
 * Two kernels of a chain in one: what the first writes is what the second sums, so it is added when it is computed (the powers of a
 * softmax, the differences of a variance). Each sum has its summands in the same order as by itself.
 */
import { extentsOf, mapNest, visit } from "../../compile/kernel-form.js"
import type { Nest } from "../../compile/nest.js"
import type { Step } from "../../compile/schedule.js"
import type { Load } from "../../compile/substitute.js"
import type { Arithmetic } from "./arithmetic.js"
import { at } from "./assembly.js"
import { groupExtent, isSummed, type Source } from "./axes.js"
import { lowerNest, mergeAxes } from "./lowered.js"
import { canBeVectors } from "./summands.js"
import { manySummands } from "./tiles.js"

type KernelStep = Extract<Step, { readonly t: "kernel" }>

export interface Pair {
  readonly source: Source
  /** Buffers: what is read, the sums, what is summed. */
  readonly args: readonly number[]
}

/** Null where each is better by itself. */
export const pairOf = (
  first: KernelStep,
  second: KernelStep,
  num: Arithmetic,
  shapeOf: (buffer: number) => readonly number[],
): Pair | null => {
  const { reduce } = second.nest
  if (first.nest.reduce !== null || reduce === null || reduce.indicator !== undefined || !sumsAll(first, second)) return null
  const isFirst = (l: Load): boolean => second.inputs[l.input] === first.output
  const kept = first.nest.body
  const moved = (l: Load): Load => ({ ...l, input: l.input + first.inputs.length })
  const nest: Nest = mapNest(second.nest, (l) => (isFirst(l) ? kept : moved(l)))
  const inputs = [...first.inputs, ...second.inputs]
  const source: Source = { nest, shapes: inputs.map(shapeOf), reduced: false, kept }
  return inVectors(source, num) ? { source, args: [...inputs, second.output, first.output] } : null
}

/** Whether a kernel's summands are made of the elements that another one writes, each of the one at its own place. */
const sumsAll = (first: KernelStep, second: KernelStep): boolean => {
  if (first.nest.domain.join() !== extentsOf(second.nest).join()) return false
  let [found, others] = [false, false]
  visit(second.nest, (s, inEpilogue, asIndex) => {
    if (s.t !== "load" || second.inputs[s.input] !== first.output) return
    const isOwn = s.guards.length === 0 && s.at.every((ix, axis) => ix.t === "var" && ix.axis === axis)
    if (isOwn && !inEpilogue && !asIndex) found = true
    else others = true
  })
  return found && !others
}

const inVectors = (source: Source, num: Arithmetic): boolean => {
  const groups = mergeAxes(source, num, true)
  const extents = extentsOf(source.nest)
  const lowered = lowerNest(source, num, groups)
  const summed = groups.length - 1
  return (
    isSummed(source.nest, groups, summed) &&
    groupExtent(at(groups, summed), extents) >= manySummands &&
    canBeVectors(num, lowered, at(lowered.variables, summed))
  )
}
