/** The loops of a kernel: which axes of a nest run as one loop, and what each axis is in terms of them. */
import type { Nest, Scalar } from "../../compile/nest.js"
import { type Affine, constant, div, mod } from "./affine.js"
import { at } from "./assembly.js"
import type { Dataflow } from "./dataflow.js"
import { stridesOf } from "./lower.js"

/** Consecutive axes that one variable runs through, last one fastest. */
export type Group = readonly number[]

/** A nest in terms of the buffers that it reads. */
export interface Source {
  readonly nest: Nest
  readonly shapes: readonly (readonly number[])[]
  /** The sums are in the output already, the epilogue is to be applied. */
  readonly reduced: boolean
  /** A part of the body that is stored at every point of the domain and of the reduction, in a buffer that comes after the output. */
  readonly kept?: Scalar
}

/** A loop of a kernel: each turn moves the index of a group by `by`. */
export interface LoopSpec {
  readonly group: number
  readonly by: number
  readonly turns: number
}

/** A box of the points of a nest, and how it is run through. */
export interface Part {
  /** From outer to inner. A group may have several: blocks, and what is within a block. */
  readonly loops: readonly LoopSpec[]
  /** Where the index of each group starts. */
  readonly from: readonly number[]
  /** Neighbouring points that are computed together, so that they share what they load: so many indices of a group. */
  readonly tile: { readonly group: number; readonly rows: number } | null
  /** Vectors of a point that are computed together, if there are so many. */
  readonly copies: number
  /**
   * Vectors of neighbouring summands that are added together, each lane to a sum of its own, in the innermost loop of the
   * reduction; 0 where the sum is one element after the other. Only with single points (no `copies`).
   */
  readonly summands: number
  /** Whether the last loop of the domain may be in vectors. */
  readonly vectors: boolean
  /** It starts the sums; others add to what is in the output. */
  readonly first: boolean
}

export const extentsOf = (nest: Nest): readonly number[] => [...nest.domain, ...(nest.reduce?.extent ?? [])]

export const groupExtent = (group: Group, extents: readonly number[]): number => group.reduce((n, axis) => n * at(extents, axis), 1)

/** All points, one at a time: a loop a group. */
export const wholePart = (groups: readonly Group[], extents: readonly number[], copies = 1): Part => ({
  loops: groups.map((group, g) => ({ group: g, by: 1, turns: groupExtent(group, extents) })),
  from: groups.map(() => 0),
  tile: null,
  copies,
  summands: 0,
  vectors: true,
  first: true,
})

/** Whether a group is of reduced axes. */
export const isSummed = (nest: Nest, groups: readonly Group[], g: number): boolean => at(at(groups, g), 0) >= nest.domain.length

/** The innermost loop of the domain. Loops of the reduction within it make one sum each; those around it add to what is there. */
export const lastDomainLoop = (nest: Nest, groups: readonly Group[], { loops }: Part): number =>
  loops.findLastIndex(({ group }) => !isSummed(nest, groups, group))

/** Whether anything is reduced; an empty reduction has the value that it starts from. */
export const reduces = (nest: Nest): boolean => nest.reduce !== null && !nest.reduce.extent.includes(0)

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
