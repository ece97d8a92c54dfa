/** Trees: plain readonly records, tuples and arrays with tensor leaves. Numbers are lifted to scalars, `null` has no leaves. */
import { TraceError } from "../errors.js"
import { literal } from "../primitives/literal.js"
import { isTensor } from "./apply.js"
import type { AnyTensor } from "./shape-types.js"

/** The shape of a tree without its leaves. Keys of records are sorted. */
export type Structure =
  | { readonly t: "leaf" }
  | { readonly t: "null" }
  | { readonly t: "list"; readonly items: readonly Structure[] }
  | { readonly t: "record"; readonly keys: readonly string[]; readonly items: readonly Structure[] }

/** A tree as the list of its leaves, with where each stands, and what it takes to make the tree again. */
export interface Flat<L> {
  readonly leaves: readonly L[]
  /** `.w[0]` */
  readonly paths: readonly string[]
  readonly structure: Structure
}

const LEAF: Structure = { t: "leaf" }
const NULL: Structure = { t: "null" }

const describe = (x: unknown): string =>
  x === undefined
    ? "undefined"
    : typeof x === "object"
      ? `a ${(x as object).constructor?.name ?? "object"}`
      : `the ${typeof x} ${String(x)}`

/**
 * Flattens with leaves of any kind; `leaf` answers null for what is not one. Records are walked in the order of their keys.
 *
 * @throws TraceError when something in the tree is neither a leaf nor a plain record, an array or null
 *
 * @example
 * flattenWith("names", { b: "x", a: ["y"] }, (x) => (typeof x === "string" ? x : null)).leaves // ["y", "x"]
 */
export const flattenWith = <L>(what: string, tree: unknown, leaf: (x: unknown) => L | null): Flat<L> => {
  const found: Found<L> = { what, leaf, leaves: [], paths: [] }
  return { structure: walk(found, tree, ""), leaves: found.leaves, paths: found.paths }
}

interface Found<L> {
  readonly what: string
  readonly leaf: (x: unknown) => L | null
  readonly leaves: L[]
  readonly paths: string[]
}

const walk = <L>(found: Found<L>, x: unknown, path: string): Structure => {
  if (x === null) return NULL
  const l = found.leaf(x)
  if (l !== null) {
    found.leaves.push(l)
    found.paths.push(path)
    return LEAF
  }
  if (Array.isArray(x)) return { t: "list", items: x.map((item, i) => walk(found, item, `${path}[${i}]`)) }
  if (typeof x === "object") {
    const proto = Object.getPrototypeOf(x)
    if (proto === Object.prototype || proto === null) {
      const keys = Object.keys(x).sort()
      return { t: "record", keys, items: keys.map((k) => walk(found, (x as Record<string, unknown>)[k], `${path}.${k}`)) }
    }
  }
  throw new TraceError(
    `${found.what}: expected a tree of tensors (plain records, arrays and tuples; numbers are lifted), found ${describe(x)} at ${path === "" ? "its root" : path}`,
  )
}

/**
 * Flattens a tree of tensors; numbers become scalars. `what` names it in messages.
 *
 * @throws TraceError when something in the tree is neither a tensor nor a number, a plain record, an array or null
 *
 * @example
 * flatten("the parameters", { w: tensor([1, 2]), b: 0 }).paths // [".b", ".w"]
 */
export const flatten = (what: string, tree: unknown): Flat<AnyTensor> =>
  flattenWith(what, tree, (x) => (isTensor(x) ? x : typeof x === "number" ? literal(x) : null))

/**
 * The tree of a structure with the leaves given, in order.
 *
 * @example
 * unflatten(flatten("the parameters", { w: 1, b: 2 }).structure, ["first", "second"]) // { b: "first", w: "second" }
 */
export const unflatten = <L>(structure: Structure, leaves: readonly L[]): unknown => rebuild(structure, { leaves, next: 0 })

const rebuild = <L>(s: Structure, from: { readonly leaves: readonly L[]; next: number }): unknown => {
  switch (s.t) {
    case "leaf":
      return from.leaves[from.next++]
    case "null":
      return null
    case "list":
      return s.items.map((item) => rebuild(item, from))
    case "record":
      return Object.fromEntries(s.keys.map((k, i) => [k, rebuild(s.items[i] as Structure, from)]))
  }
}

/**
 * A structure as messages show it: `{b: [_, _], w: _}`.
 *
 * @example
 * showStructure(flatten("the parameters", { w: 1, b: [2, 3] }).structure) // "{b: [_, _], w: _}"
 */
export const showStructure = (s: Structure): string => {
  switch (s.t) {
    case "leaf":
      return "_"
    case "null":
      return "null"
    case "list":
      return `[${s.items.map(showStructure).join(", ")}]`
    case "record":
      return `{${s.keys.map((k, i) => `${k}: ${showStructure(s.items[i] as Structure)}`).join(", ")}}`
  }
}

/**
 * Whether two trees have the same records, tuples and leaves in the same places.
 *
 * @example
 * const [pair, record] = [flatten("a pair", [1, 2]), flatten("a record", { x: 1, y: 2 })]
 * sameStructure(pair.structure, record.structure) // false
 */
export const sameStructure = (a: Structure, b: Structure): boolean => {
  if (a === b) return true
  if (a.t === "list") return b.t === "list" && sameItems(a.items, b.items)
  if (a.t === "record") return b.t === "record" && sameItems(a.items, b.items) && a.keys.every((key, i) => key === b.keys[i])
  return a.t === b.t
}

const sameItems = (a: readonly Structure[], b: readonly Structure[]): boolean =>
  a.length === b.length && a.every((item, i) => sameStructure(item, b[i] as Structure))
