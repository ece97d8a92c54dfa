/**
 * The inner loops of a reduction for the case that all guards hold that don't change within them, as in the middle of an
 * image: nothing is tested there, and what is loaded is where it was.
 */
import { at } from "./assembly.js"
import type { Lowered } from "./lowered.js"

export interface Unguarded {
  readonly condition: number
  /** The first group whose loop is one of them. */
  readonly from: number
  /** By group: variables of their own for these loops, so that what they compute is a value of its own. */
  readonly variables: readonly number[]
  /** The summands of the points. */
  readonly bodies: readonly number[]
}

/** Fewer turns are not worth a test before them. */
const fewTurns = 3

/** `reduction`: the groups of the reduced axes that have loops, `turns` those of each group. */
export const withoutGuards = (lowered: Lowered, reduction: readonly number[], turns: (g: number) => number): Unguarded | null => {
  const { flow, variables, points, bodiesWhere } = lowered
  const innermost = reduction.at(-1)
  if (innermost === undefined) return null
  const needed = flow.needed(points.map((p) => p.body))
  // the level of a condition is the innermost group that it depends on
  const hoisted = [...flow.nodes.keys()].filter(
    (id) => needed[id] === 1 && flow.node(id).op === "inRange" && flow.node(id).level < innermost,
  )
  if (hoisted.length === 0) return null
  const level = Math.max(...hoisted.map((id) => flow.node(id).level))
  const inner = reduction.filter((g) => g > level)
  if (inner.reduce((n, g) => n * turns(g), 1) <= fewTurns) return null
  const own = variables.map((variable, g) => (inner.includes(g) ? flow.variable(variables.length + g, turns(g)) : variable))
  return {
    condition: hoisted.reduce((all, id) => flow.and(all, id)),
    from: at(inner, 0),
    variables: own,
    bodies: bodiesWhere(new Set(hoisted), own),
  }
}
