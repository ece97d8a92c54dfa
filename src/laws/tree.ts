/** Users' functions of trees as functions of flat tensor lists, and arbitraries for their arguments. */
import * as fc from "fast-check"
import {
  type AnyTensor,
  type Flat,
  flatten,
  flattenWith,
  isTensor,
  type LooseAll,
  physicalShape,
  type Structure,
  showType,
  unflatten,
} from "../core/index.js"
import { showData } from "./numbers.js"
import { type Fn, type Values, valuesOf } from "./run.js"

/** An arbitrary for a tree: one for the whole, or a tree of them; what is no arbitrary stands for itself. */
export type Arbitraries<P> =
  | fc.Arbitrary<P>
  | (P extends AnyTensor ? P : P extends object ? { readonly [K in keyof P]: Arbitraries<P[K]> } : P)

/** Arbitraries for the arguments of a function; a named dimension takes any size. */
export type ArgumentsOf<A extends readonly unknown[]> = { readonly [K in keyof A]: Arbitraries<LooseAll<A>[K]> }

/**
 * A tree of arbitraries as an arbitrary of trees.
 *
 * @example
 * inputs([{ w: normal([3, 2]) }, normal([4, 3])]) // one arbitrary of all arguments
 */
export const inputs = <A extends readonly unknown[]>(tree: ArgumentsOf<A>): fc.Arbitrary<A> => {
  const flat: Flat<fc.Arbitrary<unknown>> = flattenWith("laws: the arbitraries", tree, (x) =>
    x instanceof fc.Arbitrary ? x : isTensor(x) || typeof x === "number" ? fc.constant(x) : null,
  )
  return fc.tuple(...flat.leaves).map((parts) => unflatten(flat.structure, parts) as A)
}

/** A function of trees at a point. */
export interface AtPoint {
  readonly fn: Fn
  readonly x: Values
  /** Where each leaf stands in the arguments: `[0].w`. */
  readonly paths: readonly string[]
  /** What the function gives back, known after it was applied. */
  readonly result: () => Structure
}

/** `f` as a function of the leaves of its arguments. */
export const atPoint = (f: (...args: readonly never[]) => unknown, args: readonly unknown[]): AtPoint => {
  const flat = flatten("laws: an argument", args)
  let result: Structure = { t: "null" }
  return {
    x: valuesOf(flat.leaves),
    paths: flat.paths,
    result: () => result,
    fn: {
      inputs: flat.leaves.map((t) => t.type),
      apply: (leaves) => {
        // the tree that the arguments were flattened from: the function's own types
        const out = flatten("laws: the function's result", f(...(unflatten(flat.structure, leaves) as never[])))
        result = out.structure
        return out.leaves
      },
    },
  }
}

/** One line a leaf: where it stands, its type, its numbers. */
export const showArguments = (args: readonly unknown[]): string => {
  const flat = flatten("laws: an argument", args)
  const values = valuesOf(flat.leaves)
  return flat.leaves
    .map((t, i) => `argument ${flat.paths[i]}: ${showType(t.type)} ${showData(values[i] as Float64Array, physicalShape(t.type))}`)
    .join("\n")
}

/** A direction in the leaves that have one, named by their places. */
export const showDirection = (at: AtPoint, v: Values): string => {
  let next = 0
  return at.fn.inputs
    .flatMap((t, i) => (t.elem === "float" ? [`argument ${at.paths[i]}: ${showData(v[next++] as Float64Array, t.shape)}`] : []))
    .join("\n")
}
