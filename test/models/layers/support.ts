/** What the tests of layers share. */
import { expect } from "vitest"
import { evaluate, type Tensor, toNested } from "../../../src/core/index.js"
import { key, normal } from "../../../src/ops/index.js"
import { right } from "../../support/either.js"
import { numbers, relativeError } from "../../support/outcome.js"

export const context = { key: key(5), mode: "eval" } as const
export const draw = (seed: number, ...shape: readonly number[]): Tensor => right(evaluate(normal(key(seed), shape) as Tensor)) as Tensor
export const nested = <T>(t: Tensor): T => toNested(right(evaluate(t)) as Tensor) as T
export const close = (found: unknown, expected: unknown, tolerance = 1e-12): void =>
  expect(relativeError([expected].flat(9) as number[], numbers(found))).toBeLessThan(tolerance)

/** Parameters moved away from their special initial values. */
export const perturbed = <P>(params: P): P => {
  let seed = 100
  const go = (x: unknown): unknown => {
    if (x === null) return null
    if (Array.isArray(x)) return x.map(go)
    const t = x as Tensor
    if ("type" in t) return draw(seed++, ...t.shape)
    return Object.fromEntries(Object.entries(x as object).map(([k, v]) => [k, go(v)]))
  }
  return go(params) as P
}

/** A tree with nested numbers in the place of its tensors. */
export const plain = <T>(tree: unknown): T => {
  const go = (x: unknown): unknown => {
    if (x === null) return null
    if (Array.isArray(x)) return x.map(go)
    return "type" in (x as object) ? nested(x as Tensor) : Object.fromEntries(Object.entries(x as object).map(([k, v]) => [k, go(v)]))
  }
  return go(tree) as T
}
