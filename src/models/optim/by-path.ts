/** Parameter groups: which transformation works on which parameters. */
import { flatten, type Tensor, TraceError, unflatten } from "../../core/index.js"
import type { Spec } from "../layers/index.js"
import { dotted, nearest } from "../schema/index.js"
import type { AnyTransformation, Optimiser, Transformation } from "./transformation.js"

/** Parameters by a pattern, and what works on them. */
export interface Group<T> {
  /**
   * Names of a path, divided by dots, list items by their number: `encoder.0.w`. `*` is any one name, `**` any number of them; a pattern
   * that ends early takes all that lies below.
   */
  readonly match: string
  readonly of: T
}

/** Optimisers by the paths of parameters, as data. */
export interface ByPathSpec<S extends Spec = Spec> {
  readonly _tag: "byPath"
  readonly groups: readonly Group<S>[]
}

/** Whether a pattern takes a path, name by name: memory of the last `**` makes it linear in practice and quadratic at worst. */
const takes = (pattern: readonly string[], path: readonly string[]): boolean => {
  let [p, n, star, resume] = [0, 0, -1, 0]
  while (n < path.length) {
    if (p === pattern.length) return true
    if (pattern[p] === "**") [star, resume] = [p++, n]
    else if (pattern[p] === "*" || pattern[p] === path[n]) [p, n] = [p + 1, n + 1]
    else if (star >= 0) [p, n] = [star + 1, ++resume]
    else return false
  }
  return pattern.slice(p).every((name) => name === "**")
}

/** The group of every leaf: the first whose pattern takes it. */
const assign = (groups: readonly Group<unknown>[], paths: readonly string[]): readonly number[] => {
  const patterns = groups.map(({ match }) => match.split("."))
  const names = paths.map(dotted)
  const found = names.map((name) => patterns.findIndex((pattern) => takes(pattern, name.split("."))))
  const left = found.indexOf(-1)
  if (left >= 0)
    throw new TraceError(
      `byPath: no group takes the parameter ${names[left]}; end the groups with { match: "**", of: ... }, or { match: "**", of: freeze }`,
    )
  const idle = groups.findIndex((_, i) => !found.includes(i))
  if (idle >= 0) {
    const match = groups[idle]?.match as string
    throw new TraceError(
      `byPath: ${JSON.stringify(match)} takes no parameter that the groups before it left; the nearest is ${nearest(match, names)}`,
    )
  }
  return found
}

/**
 * Each parameter is updated by the first group that takes its path. A group sees its own parameters only: `clipByGlobalNorm` in it clips
 * by their norm; before `byPath` in a chain, by that of all.
 *
 * @throws TraceError when a parameter is in no group, or a group has no parameter.
 * @example
 * byPath([
 *   { match: "encoder", of: freeze },
 *   { match: "**.b", of: adam({ rate: 1e-3 }) },
 *   { match: "**", of: adamw({ rate: 1e-3 }) },
 * ])
 */
export const byPath = (groups: readonly Group<AnyTransformation>[]): Transformation<readonly unknown[], ByPathSpec> => {
  const parts = groups as readonly Group<Optimiser>[]
  const divided = (tree: unknown) => {
    const { leaves, paths, structure } = flatten("byPath", tree)
    const group = assign(groups, paths)
    return { leaves, structure, places: parts.map((_, i) => group.flatMap((g, k) => (g === i ? [k] : []))) }
  }
  return {
    spec: { _tag: "byPath", groups: parts.map(({ match, of }) => ({ match, of: of.spec })) },
    init: (params) => {
      const { leaves, places } = divided(params)
      return parts.map(({ of }, i) => of.init(places[i]?.map((k) => leaves[k])))
    },
    update: (gradients, states, params, told) => {
      const { leaves, places, structure } = divided(params)
      const slopes = flatten("byPath", gradients).leaves
      const updates: Tensor[] = []
      const next = parts.map(({ of }, i) => {
        const own = places[i] as readonly number[]
        const part = (all: readonly unknown[]) => own.map((k) => all[k] as Tensor)
        const [made, state] = of.update(part(slopes), states[i], part(leaves), told)
        own.forEach((k, n) => {
          updates[k] = made[n] as Tensor
        })
        return state
      })
      return [unflatten(structure, updates) as typeof params, next]
    },
  }
}
