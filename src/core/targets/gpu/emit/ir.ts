/**
 * What a kernel computes, between index notation and source text: expression nodes that are numbered, shared wherever equal, and in
 * an order in which operands come first. Every index is in normal form, so that guards and clamps that cannot matter are gone.
 */
import type { BinaryFn, UnaryFn } from "../../../compile/nest.js"
import type { Affine } from "./affine.js"

export type NodeId = number

/** A condition on an index that can be false; `null` where that side of a range always holds. */
export type Condition =
  | { readonly t: "range"; readonly ix: Affine; readonly lo: number | null; readonly hi: number | null }
  | { readonly t: "zero"; readonly ix: Affine }

export type Node =
  | { readonly t: "const"; readonly value: number }
  /** Element `at` of argument `arg`, which has `size` elements. An index that may leave it is clamped: a guard selects the value away. */
  | { readonly t: "load"; readonly arg: number; readonly at: Affine; readonly size: number }
  | { readonly t: "index"; readonly of: Affine }
  | { readonly t: "unary"; readonly fn: UnaryFn; readonly a: NodeId }
  | { readonly t: "binary"; readonly fn: BinaryFn; readonly a: NodeId; readonly b: NodeId }
  | { readonly t: "select"; readonly c: NodeId; readonly a: NodeId; readonly b: NodeId }
  /** `a` where all conditions hold, else 0. */
  | { readonly t: "guarded"; readonly conditions: readonly Condition[]; readonly a: NodeId }
  | { readonly t: "threefry"; readonly key: readonly [NodeId, NodeId, NodeId, NodeId]; readonly count: NodeId; readonly limb: NodeId }
  | { readonly t: "xor16"; readonly a: NodeId; readonly b: NodeId }
  | { readonly t: "acc" }

export interface Ir {
  readonly nodes: readonly Node[]
  /** For each argument, which of the nest's inputs it is (the first of those that are the same buffer). */
  readonly args: readonly number[]
  readonly domain: readonly number[]
  readonly extent: readonly number[]
  readonly combine: "sum" | "max" | null
  readonly indicator: { readonly axis: Affine; readonly equals: Affine } | null
  /** null where the reduction is over nothing. */
  readonly body: NodeId | null
  /** What is stored at a point; the reduced value itself where it is null. */
  readonly epilogue: NodeId | null
}

/** A node without its place: what makes two nodes equal. */
export const nodeKey = (node: Node): string => {
  switch (node.t) {
    case "const":
      return `const ${Object.is(node.value, -0) ? "-0" : node.value}`
    case "load":
      return `load ${node.arg} ${node.at.key}`
    case "index":
      return `index ${node.of.key}`
    case "unary":
      return `${node.fn} ${node.a}`
    case "binary":
      return `${node.fn} ${node.a} ${node.b}`
    case "select":
      return `select ${node.c} ${node.a} ${node.b}`
    case "guarded":
      return `guarded ${node.conditions.map(conditionKey).join(" ")} ${node.a}`
    case "threefry":
      return `threefry ${node.key.join(" ")} ${node.count} ${node.limb}`
    case "xor16":
      return `xor16 ${node.a} ${node.b}`
    case "acc":
      return "acc"
  }
}

const conditionKey = (c: Condition): string => (c.t === "range" ? `${c.lo}<=${c.ix.key}<${c.hi}` : `${c.ix.key}=0`)

const indicesOf = (node: Node): readonly Affine[] => {
  switch (node.t) {
    case "load":
      return [node.at]
    case "index":
      return [node.of]
    case "guarded":
      return node.conditions.map((c) => c.ix)
    default:
      return []
  }
}

type Comparison = "less" | "lessEqual" | "equal"

/** A node that is a comparison: as the condition of a select it needs no value of its own. */
export const comparisonOf = (node: Node): { readonly fn: Comparison; readonly a: NodeId; readonly b: NodeId } | null =>
  node.t === "binary" && (node.fn === "less" || node.fn === "lessEqual" || node.fn === "equal")
    ? { fn: node.fn, a: node.a, b: node.b }
    : null

/** The nodes that must be emitted before a node, those in its indices included. */
const operandsOf = (node: Node, nodes: readonly Node[]): readonly NodeId[] => {
  switch (node.t) {
    case "unary":
      return [node.a]
    case "binary":
    case "xor16":
      return [node.a, node.b]
    case "select": {
      const condition = nodes[node.c]
      const comparison = condition === undefined ? null : comparisonOf(condition)
      return [...(comparison === null ? [node.c] : [comparison.a, comparison.b]), node.a, node.b]
    }
    case "threefry":
      return [...node.key, node.count, node.limb]
    case "guarded":
      return [node.a, ...indicesOf(node).flatMap((form) => [...form.nodes])]
    default:
      return indicesOf(node).flatMap((form) => [...form.nodes])
  }
}

/** Everything a root and the data-dependent indices in `forms` need, in order. */
export const reachable = (ir: Ir, roots: readonly (NodeId | null)[], forms: readonly Affine[] = []): readonly NodeId[] => {
  const seen = new Set<NodeId>()
  const work = [...roots.filter((root) => root !== null), ...forms.flatMap((form) => [...form.nodes])]
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    const node = ir.nodes[id]
    if (node === undefined || seen.has(id)) continue
    seen.add(id)
    work.push(...operandsOf(node, ir.nodes))
  }
  return [...seen].sort((a, b) => a - b)
}
