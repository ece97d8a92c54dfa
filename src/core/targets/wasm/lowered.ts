/** A nest as dataflow over the variables of its loops. */
import { type Affine, atom, constant, plus, times } from "./affine.js"
import type { Arithmetic } from "./arithmetic.js"
import { at } from "./assembly.js"
import { axesOf, extentsOf, type Group, lastDomainLoop, reduces, type Source, wholePart } from "./axes.js"
import { Dataflow } from "./dataflow.js"
import { Lowering, type Operand, stridesOf } from "./lower.js"

/** What is computed at a point of the domain. */
export interface Point {
  readonly body: number
  /** The value to store: the epilogue, `acc`, or the body itself without a reduction. */
  readonly result: number
  /** Where it goes, in elements. */
  readonly offset: Affine
  /** The reduced value, -1 without a reduction. */
  readonly acc: number
  /** What is stored of the body, and the address as a node and an offset. */
  readonly kept: { readonly value: number; readonly address: number; readonly immediate: number } | null
}

export interface Lowered {
  readonly flow: Dataflow
  readonly lowering: Lowering
  /** The variables of the loops, -1 for those of one turn. */
  readonly variables: readonly number[]
  /** One for each row of the tile. */
  readonly points: readonly Point[]
  /** The bodies of the points over other variables, where some conditions are known to hold. */
  readonly bodiesWhere: (holds: ReadonlySet<number>, variables: readonly number[]) => readonly number[]
  readonly outPointer: number
}

const pointer = (flow: Dataflow, k: number): number => flow.make("pointer", [], [k])

/** The buffers of a kernel: what it reads, and last what it writes. */
export const operandsOf = (flow: Dataflow, { nest, shapes, kept }: Source): Operand[] =>
  [...shapes, nest.domain, ...(kept === undefined ? [] : [extentsOf(nest)])].map((shape, k) => ({ pointer: pointer(flow, k), shape }))

/** Lowers what a part of a nest computes, over one variable a loop. */
export const lowerNest = (
  source: Source,
  num: Arithmetic,
  groups: readonly Group[],
  part = wholePart(groups, extentsOf(source.nest)),
): Lowered => {
  const { nest, shapes, reduced } = source
  const flow = new Dataflow()
  const extents = extentsOf(nest)
  const sums = reduces(nest) && !reduced
  const variables = part.loops.map(({ turns }, l) => (turns === 1 ? -1 : flow.variable(l, turns)))
  const operands = operandsOf(flow, source)
  const axesAt = (row: number, from: readonly number[]): Affine[] => {
    const flat = part.from.map((start, g) => constant(start + (part.tile?.group === g ? row : 0)))
    part.loops.forEach(({ group, by }, l) => {
      const variable = at(from, l)
      if (variable >= 0) flat[group] = plus(at(flat, group), times(atom(variable), by))
    })
    return axesOf(flow, extents, groups, flat)
  }
  // the innermost loop of a sum moves addresses instead of computing them anew
  const innermost = part.loops.findLastIndex(({ turns }) => turns > 1)
  const isSum = sums && part.summands === 0 && innermost > lastDomainLoop(nest, groups, part)
  const walking = (from: readonly number[]): number => (isSum ? at(from, innermost) : -1)
  const lowered = Array.from({ length: part.tile?.rows ?? 1 }, (_, row) => {
    const axes = axesAt(row, variables)
    const offsetIn = (shape: readonly number[]): Affine => {
      const strides = stridesOf(shape)
      return shape.reduce((sum, _, i) => plus(sum, times(at(axes, i), at(strides, i))), constant(0))
    }
    const offset = offsetIn(nest.domain)
    const stored = (): number => new Lowering(flow, num, axes, operands, -1).loadAt(shapes.length, offset)
    const sum = sums ? flow.make("acc", [], [row]) : -1
    const acc = reduced ? stored() : sums ? sum : flow.literal(nest.reduce?.combine === "max" ? -Infinity : 0)
    const lowering = new Lowering(flow, num, axes, operands, acc, { walking: walking(variables) })
    const body = reduced || (nest.reduce !== null && !sums) ? acc : lowering.scalar(nest.body)
    const result = nest.reduce === null ? body : nest.epilogue === null ? acc : lowering.scalar(nest.epilogue)
    const keptAt = (): { readonly address: number; readonly immediate: number } =>
      lowering.address(pointer(flow, shapes.length + 1), offsetIn(extents))
    const kept = source.kept === undefined ? null : { value: lowering.scalar(source.kept), ...keptAt() }
    return { lowering, point: { body, result, offset, acc: sum, kept } }
  })
  const bodiesWhere = (holds: ReadonlySet<number>, over: readonly number[]): readonly number[] =>
    lowered.map((_, row) => new Lowering(flow, num, axesAt(row, over), operands, -1, { holds, walking: walking(over) }).scalar(nest.body))
  return {
    flow,
    lowering: at(lowered, 0).lowering,
    variables,
    points: lowered.map((l) => l.point),
    bodiesWhere,
    outPointer: pointer(flow, shapes.length),
  }
}

const divisions = ({ flow, lowering, points, outPointer }: Lowered): number => {
  const roots = points.flatMap(({ body, result, offset }) => [body, result, lowering.address(outPointer, offset).address])
  const needed = flow.needed(roots)
  return flow.nodes.reduce((n, { op }, id) => (needed[id] === 1 && (op === "div" || op === "mod") ? n + 1 : n), 0)
}

/**
 * Merges neighbouring axes wherever that needs no division: longer inner loops, and vectors across short axes. With `rows` the first
 * axis stays alone.
 */
export const mergeAxes = (source: Source, num: Arithmetic, rows = false): readonly Group[] => {
  const { nest } = source
  const rank = nest.domain.length
  const axes = extentsOf(nest).map((_, axis) => axis)
  let groups: readonly Group[] = axes.map((axis) => [axis])
  const all = [...(rows ? [axes.slice(0, 1), axes.slice(1, rank)] : [axes.slice(0, rank)]), axes.slice(rank)].filter(
    (group) => group.length > 0,
  )
  if (all.length === groups.length) return groups
  const cost = (candidate: readonly Group[]) => divisions(lowerNest(source, num, candidate))
  const plain = cost(groups)
  // tried first, since most kernels are pointwise ones on operands that lie as they do
  if (cost(all) <= plain) return all
  for (let i = groups.length - 2; i >= 0; i--) {
    if (i === rank - 1 || (rows && i === 0)) continue
    const merged = [...groups.slice(0, i), [...at(groups, i), ...at(groups, i + 1)], ...groups.slice(i + 2)]
    if (cost(merged) <= plain) groups = merged
  }
  return groups
}
