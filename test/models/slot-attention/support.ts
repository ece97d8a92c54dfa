/** A tiny slot attention and its parts, for tests on the interpreter. */
import { constant, evaluate, flatten, type Tensor, toNested, unflatten } from "../../../src/core/index.js"
import {
  adjointOf,
  type SlotAttentionParams,
  slotAttention,
  slotSolver,
  type VariantName,
} from "../../../src/models/slot-attention/index.js"
import { key, normal } from "../../../src/ops/index.js"
import { right } from "../../support/either.js"

export const sizes = { inputs: 3, slots: 2, width: 4, hidden: 5 } as const
export const [scenes, count] = [2, 6]

export const draw = (seed: number, ...shape: readonly number[]): Tensor => right(evaluate(normal(key(seed), shape) as Tensor)) as Tensor

export const layerOf = (variant: VariantName, iterations: number) =>
  slotAttention({ ...sizes, solver: slotSolver(iterations, adjointOf(variant, iterations)) })

/** The leaves of a tree of expressions, evaluated. */
export const settled = <T>(tree: T): T => right(evaluate(tree as never)) as T

/** Initial parameters, all leaves moved a little so that scales and shifts count, times `scale`. */
export const paramsOf = (scale = 1): SlotAttentionParams => {
  const { leaves, structure } = flatten("test", settled(layerOf("unrolled", 1).init(key(11))))
  const moved = leaves.map((t, i) => {
    const noise = toNested(draw(200 + i, ...t.shape))
    const [a, b] = [[toNested(t)].flat(9) as number[], [noise].flat(9) as number[]]
    return constant(
      { elem: "float", shape: t.shape },
      Float64Array.from(a, (x, k) => scale * (x + 0.2 * b[k]!)),
    )
  })
  return unflatten(structure, moved) as SlotAttentionParams
}

export const nested = (tree: unknown): unknown => {
  const { leaves, structure } = flatten("test", tree)
  return unflatten(structure, leaves.map(toNested))
}
