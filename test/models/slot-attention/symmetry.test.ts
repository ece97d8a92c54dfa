/** The complete layer's symmetries, as laws: slots are exchangeable, inputs are a set, in value and in gradient. */
import type * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { grad, type Tensor } from "../../../src/core/index.js"
import { normal as normals, permutation } from "../../../src/laws/arbitraries/index.js"
import * as laws from "../../../src/laws/index.js"
import { adjointOf, refinement, type Slots, slotAttention, slotSolver, variantNames } from "../../../src/models/slot-attention/index.js"
import { add, cast, einsum, iota, key, mean, mul, reshape, square, take } from "../../../src/ops/index.js"
import { failure } from "../../laws/support.js"
import { numbers } from "../../support/outcome.js"
import { count, draw, layerOf, paramsOf, sizes } from "./support.js"

type Inputs = Tensor<[1, 6, 3]>
type Start = Tensor<[2, 4]>
type Order = Tensor<[number], "int">
interface Given {
  /** Initial slots. */
  readonly start: Start
  readonly x: Inputs
}

const context = { key: key(3), mode: "train" } as const
const params = paramsOf()
const permuted = <T extends Tensor>(t: T, order: Order, axis: number): T => take(t as Tensor, order as never, axis) as Tensor as T

/** The layer with its initial slots given, and everything that it gives. */
const complete = (variant: (typeof variantNames)[number], n = 2) => {
  const solver = slotSolver(n, adjointOf(variant, n))
  const layer = slotAttention({ ...sizes, initial: "learned", solver })
  return ({ start, x }: Given): Slots => layer.apply({ ...params, mu: start, logSigma: null }, x as never, context)
}

const given = [{ start: normals([2, 4]) as fc.Arbitrary<Start>, x: normals([1, 6, 3]) as fc.Arbitrary<Inputs> }] as const
const few = { runs: 10 }

/** The group of all orders of the slots. */
const ofSlots = { group: permutation(2), onArguments: (g: Order, { start, x }: Given): [Given] => [{ start: permuted(start, g, 0), x }] }
/** The group of all orders of the inputs. */
const ofInputs = { group: permutation(count), onArguments: (g: Order, { start, x }: Given): [Given] => [{ start, x: permuted(x, g, 1) }] }

test("with random initial slots the layer is the one with those slots given", () => {
  const random = layerOf("unrolled", 2)
  const x = draw(1, 1, count, sizes.inputs) as Inputs
  const { start } = refinement(random.spec, params, x, context)
  const there = complete("unrolled")({ start: reshape(start, [sizes.slots, sizes.width]) as Start, x })
  expect(numbers(there.slots)).toEqual(numbers(random.apply(params, x as never, context).slots))
})

describe.each(variantNames)("%s", (variant) => {
  const layer = complete(variant)

  test("permuted initial slots in, the same permutation of slots and attention out", () =>
    laws.assert(
      laws.equivariance(layer, given, {
        ...ofSlots,
        onResult: (g, { slots, attention, residual }) => ({ slots: permuted(slots, g, 1), attention: permuted(attention, g, 1), residual }),
      }),
      few,
    ))

  test("inputs are a set: slots stay, the attention to each input goes with it", () =>
    laws.assert(
      laws.equivariance(layer, given, {
        ...ofInputs,
        onResult: (g, { slots, attention, residual }) => ({ slots, attention: permuted(attention, g, 2), residual }),
      }),
      few,
    ))

  test("gradients go with what they are of", async () => {
    const slope = (at: Given) => grad((g: Given) => mean(square(layer(g).slots)))(at as never) as unknown as Given
    await laws.assert(
      laws.equivariance(slope, given, { ...ofSlots, onResult: (g, { start, x }) => ({ start: permuted(start, g, 0), x }) }),
      few,
    )
    await laws.assert(
      laws.equivariance(slope, given, { ...ofInputs, onResult: (g, { start, x }) => ({ start, x: permuted(x, g, 1) }) }),
      few,
    )
  })
})

describe("what is not symmetric is caught", () => {
  const layer = complete("oneStep")

  test("slots that know their place", async () => {
    const place = mul(cast(iota(2), "float"), 0.25)
    const numbered = ({ start, x }: Given) => layer({ start: add(start, einsum("k,kd->kd", place, start)) as Start, x }).slots
    const found = await failure(laws.equivariance(numbered, given, { ...ofSlots, onResult: (g, z) => permuted(z, g, 1) }), few)
    expect(found.why).toMatch(/^f\(g x\), against g f\(x\),/)
  })

  test("inputs that know theirs", async () => {
    const place = mul(cast(iota(count), "float"), 0.25)
    const numbered = ({ start, x }: Given) => layer({ start, x: add(x, einsum("n,bnf->bnf", place, x)) as Inputs }).slots
    expect((await failure(laws.equivariance(numbered, given, ofInputs), few)).law).toBe("equivariance")
  })
})
