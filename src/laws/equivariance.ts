/** Symmetry of a user's function under a group. */
import type { Arbitrary } from "fast-check"
import { constant, isTensor, toNested } from "../core/index.js"
import { drawn } from "./arbitraries/draw.js"
import { RELATIVE } from "./function/tolerance.js"
import type { Law } from "./law.js"
import { runnable, valuesOf } from "./run.js"
import { type Result, sameResults } from "./same-trees.js"
import { type ArgumentsOf, atPoint, inputs, showArguments } from "./tree.js"

/** How a group acts on arguments and results; an invariant function leaves `onResult` out. */
export interface Symmetry<G, A extends readonly unknown[], O> {
  readonly group: Arbitrary<G>
  readonly onArguments: (g: G, ...args: A) => A
  readonly onResult?: (g: G, result: O) => O
  /** A group element as messages show it. Default JSON, a tensor as its numbers. */
  readonly show?: (g: G) => string
  /** Relative to the largest element; 0 for the same bits. Default 1e-10. */
  readonly tolerance?: number
}

interface Case<G, A> {
  readonly args: A
  readonly g: G
}

const showElement = (g: unknown): string =>
  JSON.stringify(g, (_, x: unknown) => (isTensor(x) ? toNested(constant(x.type, valuesOf([x])[0] as Float64Array)) : x))

const resultAt = (f: (...args: readonly never[]) => unknown, args: readonly unknown[]): Result => {
  const at = atPoint(f, args)
  const run = runnable(at.fn)
  return { structure: at.result(), types: run.outputs, values: run.run(at.x) }
}

/**
 * f(g x) = g f(x): acting before the function is acting after it.
 *
 * @example
 * laws.equivariance(slots, [normal([4, 8])], {
 *   group: permutation(4),
 *   onArguments: (p, x) => [take(x, p)],
 *   onResult: (p, y) => take(y, p),
 * })
 */
export const equivariance = <const A extends readonly unknown[], O, G>(
  f: (...args: A) => O,
  arguments_: ArgumentsOf<A>,
  { group, onArguments, onResult = (_, result) => result, show = showElement, tolerance = RELATIVE }: Symmetry<G, A, O>,
): Law<Case<G, A>> => {
  const all = inputs<A>(arguments_)
  const draw = () => all
  const drawGroup = () => group
  return {
    name: "equivariance",
    theorem: "f(g x) = g f(x) for every g of the group (definition of equivariance; with a trivial action on results, invariance).",
    arbitrary: drawn((d) => ({ args: d.from(draw), g: d.from(drawGroup) })),
    show: ({ args, g }) => `${showArguments(args)}\ng = ${show(g)}`,
    check: ({ args, g }) => {
      const before = (...x: A) => f(...onArguments(g, ...x))
      const after = (...x: A) => onResult(g, f(...x))
      type Any = (...a: readonly never[]) => unknown
      return sameResults("f(g x), against g f(x),", resultAt(after as Any, args), resultAt(before as Any, args), tolerance)
    },
  }
}
