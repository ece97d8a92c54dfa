/** The loops of a kernel: which axes of a nest run as one loop, and what each axis is in terms of them. */
import type { Nest } from "../../compile/nest.js"
import { type Affine, constant, div, mod } from "./affine.js"
import { at } from "./assembly.js"
import type { Dataflow } from "./dataflow.js"
import { stridesOf } from "./lower.js"

/** Consecutive axes that one variable runs through, last one fastest. */
export type Group = readonly number[]

/** A nest in terms of the buffers that it reads. `reduced`: the sums are in the output already, the epilogue is to be applied. */
export interface Source {
  readonly nest: Nest
  readonly shapes: readonly (readonly number[])[]
  readonly reduced: boolean
}

/**
 * Neighbouring points that are computed together, so that they share what they load: `rows` indices of a group at once,
 * `blocks` times, from `from` on.
 */
export interface Tile {
  readonly group: number
  readonly rows: number
  readonly from: number
  readonly blocks: number
}

export const extentsOf = (nest: Nest): readonly number[] => [...nest.domain, ...(nest.reduce?.extent ?? [])]

export const groupExtent = (group: Group, extents: readonly number[]): number => group.reduce((n, axis) => n * at(extents, axis), 1)

/** Turns of the loop over a group. */
export const turnsOf = (group: Group, g: number, extents: readonly number[], tile: Tile | null): number =>
  tile?.group === g ? tile.blocks : groupExtent(group, extents)

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
