/** The loops of a kernel: which axes of a nest run as one loop. */
import type { Nest } from "../../compile/nest.js"
import { type Affine, atom, constant, div, mod, plus, times } from "./affine.js"
import type { Arithmetic } from "./arithmetic.js"
import { at } from "./assembly.js"
import { Dataflow } from "./dataflow.js"
import { Lowering, type Operand, stridesOf } from "./lower.js"

/** Consecutive axes that one variable runs through, last one fastest. */
export type Group = readonly number[]

export const extentsOf = (nest: Nest): readonly number[] => [...nest.domain, ...(nest.reduce?.extent ?? [])]

export const groupExtent = (group: Group, extents: readonly number[]): number => group.reduce((n, axis) => n * at(extents, axis), 1)

/** Each axis of a nest in terms of the flat index of its group; `flat[g]` is the index of group g. */
export const axesOf = (flow: Dataflow, extents: readonly number[], groups: readonly Group[], flat: readonly Affine[]): Affine[] => {
  const axes = new Array<Affine>(extents.length).fill(constant(0))
  groups.forEach((group, g) => {
    // nothing is evaluated over an empty range
    if (groupExtent(group, extents) === 0) return
    const strides = stridesOf(group.map((axis) => at(extents, axis)))
    group.forEach((axis, i) => {
      axes[axis] = mod(flow, div(flow, at(flat, g), at(strides, i)), at(extents, axis))
    })
  })
  return axes
}

export interface Lowered {
  readonly flow: Dataflow
  readonly lowering: Lowering
  /** The variables of the groups, -1 for an extent of 1. */
  readonly variables: readonly number[]
  readonly body: number
  /** The value to store: the epilogue, `acc`, or the body itself without a reduction. */
  readonly result: number
  /** Where it goes, in elements. */
  readonly offset: Affine
  readonly outPointer: number
}

export const pointer = (flow: Dataflow, k: number): number => flow.make("pointer", [], [k])

export const operandsOf = (flow: Dataflow, shapes: readonly (readonly number[])[]): Operand[] =>
  shapes.map((shape, k) => ({ pointer: pointer(flow, k), shape }))

/** A nest in terms of the buffers that it reads. `reduced`: the sums are in the output already, the epilogue is to be applied. */
export interface Source {
  readonly nest: Nest
  readonly shapes: readonly (readonly number[])[]
  readonly reduced: boolean
}

/** Lowers a nest over one variable a group; groups in order are loops from outer to inner. */
export const lowerNest = ({ nest, shapes, reduced }: Source, num: Arithmetic, groups: readonly Group[]): Lowered => {
  const flow = new Dataflow()
  const extents = extentsOf(nest)
  const variables = groups.map((group, level) => {
    const extent = groupExtent(group, extents)
    return extent === 1 ? -1 : flow.variable(level, extent)
  })
  const axes = axesOf(
    flow,
    extents,
    groups,
    variables.map((v) => (v < 0 ? constant(0) : atom(v))),
  )
  const strides = stridesOf(nest.domain)
  const offset = nest.domain.reduce((sum, _, i) => plus(sum, times(at(axes, i), at(strides, i))), constant(0))
  const operands = operandsOf(flow, [...shapes, nest.domain])
  const stored = (): number => new Lowering(flow, num, axes, operands, -1).loadAt(shapes.length, offset)
  const acc = reduced ? stored() : reduces(nest) ? flow.make("acc") : flow.literal(nest.reduce?.combine === "max" ? -Infinity : 0)
  const lowering = new Lowering(flow, num, axes, operands, acc)
  const body = reduced || (nest.reduce !== null && !reduces(nest)) ? acc : lowering.scalar(nest.body)
  const result = nest.reduce === null ? body : nest.epilogue === null ? acc : lowering.scalar(nest.epilogue)
  return { flow, lowering, variables, body, result, offset, outPointer: pointer(flow, shapes.length) }
}

const divisions = ({ flow, lowering, body, result, offset, outPointer }: Lowered): number => {
  const needed = flow.needed([body, result, lowering.address(outPointer, offset).address])
  return flow.nodes.reduce((n, { op }, id) => (needed[id] === 1 && (op === "div" || op === "mod") ? n + 1 : n), 0)
}

/** Whether anything is reduced; an empty reduction has the value that it starts from. */
export const reduces = (nest: Nest): boolean => nest.reduce !== null && !nest.reduce.extent.includes(0)

/** Merges neighbouring axes wherever that needs no division: longer inner loops, and vectors across short axes. */
export const mergeAxes = (source: Source, num: Arithmetic): readonly Group[] => {
  const { nest } = source
  const rank = nest.domain.length
  let groups: readonly Group[] = extentsOf(nest).map((_, axis) => [axis])
  const plain = divisions(lowerNest(source, num, groups))
  for (let i = groups.length - 2; i >= 0; i--) {
    if (i === rank - 1) continue
    const merged = [...groups.slice(0, i), [...at(groups, i), ...at(groups, i + 1)], ...groups.slice(i + 2)]
    if (divisions(lowerNest(source, num, merged)) <= plain) groups = merged
  }
  return groups
}
