import * as fc from "fast-check"
import { expect, test } from "vitest"
import { apply, grad, inline, type Tensor, tensor } from "../../src/core/index.js"
import { mul, sort, sum } from "../../src/ops/index.js"
import { referenceOf } from "./reference/index.js"
import { opNamed } from "./reference/law.js"
import type { Nd } from "./reference/nd.js"
import { dataOf, drawn, expectSame, leaf, testReferences } from "./support.js"

testReferences("sort")

/** Rows with ties, infinities, both zeros and NaN. */
const rough = drawn((d) => {
  const shape = [d.int(1, 2), d.int(0, 6)]
  const pool = [0, -0, 1, 1, -2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  return {
    shape,
    data: Array.from({ length: shape[0] as number }, () =>
      Array.from({ length: shape[1] as number }, () => pool[d.int(0, pool.length - 1)] as number),
    ).flat(),
  }
})

test("sort is stable, with NaN last, at ties and infinities", () => {
  fc.assert(
    fc.property(rough, ({ shape, data }) => {
      const type = { elem: "float", shape } as const
      const { values, positions } = sort(leaf(type, data) as Tensor)
      const [v, p] = referenceOf(opNamed("sort"), null, [type], [Float64Array.from(data)]) as readonly [Nd, Nd]
      expectSame(values, v)
      expectSame(positions, p)
    }),
  )
})

test("so does the form of the routine that needs none", () => {
  const op = opNamed("sort")
  fc.assert(
    fc.property(rough, ({ shape, data }) => {
      const type = { elem: "float", shape } as const
      const lowered = op.lower(null, [type], op.type(null, [type]))
      if (lowered.t !== "routine") throw new Error("sort is a routine")
      const [v, p] = inline(lowered.graph(), [leaf(type, data)]) as [Tensor, Tensor]
      const [w, q] = apply(op, null, [leaf(type, data)]) as [Tensor, Tensor]
      expect(dataOf(v)).toEqual(dataOf(w))
      expect(dataOf(p)).toEqual(dataOf(q))
    }),
  )
})

test("along another axis", () => {
  const { values, positions } = sort(
    tensor([
      [3, 1],
      [2, 5],
    ]) as Tensor,
    0,
  )
  expect(dataOf(values)).toEqual([2, 1, 3, 5])
  expect(dataOf(positions)).toEqual([1, 0, 0, 1])
})

test("the derivative goes back to where the values came from, at ties in stable order", () => {
  const f = (x: Tensor) => sum(mul(sort(x).values, tensor([1, 10, 100]) as Tensor)) as Tensor<[]>
  expect(dataOf(grad(f)(tensor([2, 2, 1]) as never) as never)).toEqual([10, 100, 1])
})

test("only float with an axis is sorted", () => {
  expect(() => sort(tensor(1) as Tensor)).toThrow(/sort/)
})
