import type { Graph } from "../../core/index.js"

/**
 * Inputs: constants, carry. `condition`: (constants, carry) -> bool [rows...]; `body`: (constants, carry) -> carry. With rows
 * (after vmap) every carry has the row axes in front and finished rows are frozen; only lowering deals with that.
 */
export interface WhileParams {
  readonly rows: number
  /** How many row axes each constant carries. */
  readonly constants: readonly number[]
  readonly condition: Graph
  readonly body: Graph
}

/** A list along a loop's inputs in its two parts. */
export const cut = <T>(params: WhileParams, list: readonly T[]) => ({
  constants: list.slice(0, params.constants.length),
  carry: list.slice(params.constants.length),
})
