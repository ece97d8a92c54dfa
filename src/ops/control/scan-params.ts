import type { Graph, TensorType } from "../../core/index.js"

/** Inputs: constants, carry, rows. Body: (constants, carry, row) -> (carry, results). Outputs: carry, stacked results. */
export interface ScanParams {
  readonly constants: number
  readonly carry: number
  readonly length: number
  readonly reverse: boolean
  readonly body: Graph
}

/** A list along a scan's inputs in its three parts. */
export const sections = <T>({ constants, carry }: ScanParams, list: readonly T[]) => ({
  constants: list.slice(0, constants),
  carry: list.slice(constants, constants + carry),
  xs: list.slice(constants + carry),
})

export const rowsOf = (t: TensorType, length: number): TensorType => ({ elem: t.elem, shape: [length, ...t.shape] })
export const rowOf = (t: TensorType): TensorType => ({ elem: t.elem, shape: t.shape.slice(1) })
