/**
 * The inner loops of a reduction for the case that all guards hold that don't change within them, as in the middle of an
 * image: nothing is tested there, and what is loaded is where it was.
 */
import { at } from "./assembly.js"
import type { Lowered } from "./lowered.js"

export interface Unguarded {
  readonly condition: number
  /** The first of them among the loops of the part. */
  readonly from: number
  /** By loop: variables of their own for these, so that what they compute is a value of its own. */
  readonly variables: readonly number[]
  /** The summands of the points. */
  readonly bodies: readonly number[]
}

/** Fewer turns are not worth a test before them. */
const fewTurns = 3

/** `reduction`: the loops of the reduced axes, `turns` those of each loop. */
export const withoutGuards = (lowered: Lowered, reduction: readonly number[], turns: (l: number) => number): Unguarded | null => {
  const { flow, variables, points, bodiesWhere } = lowered
  const innermost = reduction.at(-1)
  if (innermost === undefined) return null
  const needed = flow.needed(points.map((p) => p.body))
  // the level of a condition is the innermost loop that it depends on
  const hoisted = [...flow.nodes.keys()].filter(
    (id) => needed[id] === 1 && flow.node(id).op === "inRange" && flow.node(id).level < innermost,
  )
  if (hoisted.length === 0) return null
  const level = Math.max(...hoisted.map((id) => flow.node(id).level))
  const inner = reduction.filter((l) => l > level)
  if (inner.reduce((n, l) => n * turns(l), 1) <= fewTurns) return null
  const own = variables.map((variable, l) => (inner.includes(l) ? flow.variable(variables.length + l, turns(l)) : variable))
  return {
    condition: hoisted.reduce((all, id) => flow.and(all, id)),
    from: at(inner, 0),
    variables: own,
    bodies: bodiesWhere(new Set(hoisted), own),
  }
}
