/** The layer against plain loops, its gradients by laws, and the promises of its variants. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { grad, type Tensor, toNested } from "../../../src/core/index.js"
import { normal as normals, permutation } from "../../../src/laws/arbitraries/index.js"
import * as laws from "../../../src/laws/index.js"
import {
  adjointOf,
  cell,
  refinement,
  type SlotAttentionParams,
  slotAttention,
  slotSolver,
  type VariantName,
} from "../../../src/models/slot-attention/index.js"
import { add, key, mean, mul, normal, square, sum, take } from "../../../src/ops/index.js"
import { numbers, relativeError } from "../../support/outcome.js"
import type { Matrix } from "../layers/loops.js"
import * as reference from "./reference.js"
import { count, draw, layerOf, nested, paramsOf, scenes, settled, sizes } from "./support.js"

const context = { key: key(3), mode: "train" } as const
const inputs = draw(1, scenes, count, sizes.inputs)
const noise = toNested(settled(normal(context.key, [scenes, sizes.slots, sizes.width]))) as unknown as readonly Matrix[]

/** Applications of the refinement that each variant makes of n. */
const applications: readonly (readonly [VariantName, (n: number) => number])[] = [
  ["unrolled", (n) => n],
  ["truncated", (n) => n],
  ["oneStep", (n) => n + 1],
  ["neumann", (n) => n + 1],
  ["exact", (n) => n],
]

describe("values", () => {
  const p = paramsOf()
  const plain = nested(p) as reference.PlainParams
  const expected = (n: number) =>
    (toNested(inputs) as unknown as readonly Matrix[]).map((scene, b) => {
      const { keys, values } = reference.remember(plain, scene)
      const slots = reference.repeated(n, (z) => reference.refine(plain, keys, values, z), reference.initialSlots(plain, noise[b]!))
      const next = reference.refine(plain, keys, values, slots)
      return { slots, next, attention: reference.attention(plain, keys, slots) }
    })

  test.each(applications)("%s: slots and attention of the last state", (variant, times) => {
    for (const n of [1, 3]) {
      const made = layerOf(variant, n).apply(p, inputs, context)
      const scenesExpected = expected(times(n))
      expect(
        relativeError(
          scenesExpected.flatMap((s) => s.slots.flat()),
          numbers(made.slots),
        ),
      ).toBeLessThan(1e-11)
      expect(
        relativeError(
          scenesExpected.flatMap((s) => s.attention.flat()),
          numbers(made.attention),
        ),
      ).toBeLessThan(1e-11)
    }
  })

  test("the residual is that of the state where the solve stopped, relative to the slots", () => {
    const distance = (a: Matrix, b: Matrix) => Math.hypot(...a.flat().map((x, i) => x - b.flat()[i]!))
    const size = (a: Matrix) => Math.hypot(...a.flat())
    const [stopped, after] = [expected(3), expected(4)]
    const relative = (last: typeof stopped) => stopped.map((s, b) => distance(s.next, s.slots) / size(last[b]!.slots))
    expect(relativeError(relative(stopped), numbers(layerOf("unrolled", 3).apply(p, inputs, context).residual))).toBeLessThan(1e-10)
    expect(relativeError(relative(after), numbers(layerOf("oneStep", 3).apply(p, inputs, context).residual))).toBeLessThan(1e-10)
  })

  test("the residual of slots that are exactly zero is no NaN, and no gradient passes a residual", () => {
    // one feature, normalised, is 0: so are the values, and slots that values replace
    const solver = slotSolver(2, adjointOf("unrolled", 2))
    const layer = slotAttention({ inputs: 1, slots: 2, width: 3, hidden: 2, update: "replace", mlp: false, solver })
    const made = layer.apply(layer.init(key(1)), draw(1, 2, 4, 1), context)
    expect(numbers(made.slots).every((x) => x === 0)).toBe(true)
    expect(numbers(made.residual)).toEqual([0, 0])
    const told = (q: SlotAttentionParams) => sum(layerOf("unrolled", 2).apply(q, inputs, context).residual)
    expect(numbers(grad(told)(p as never)).every((x) => x === 0)).toBe(true)
  })

  test("a scene's slots do not depend on the batch that it is in", () => {
    const both = numbers(layerOf("oneStep", 2).apply(p, inputs, context).slots)
    const first = toNested(inputs) as unknown as readonly Matrix[]
    const alone = layerOf("oneStep", 2).apply(p, draw(1, 1, count, sizes.inputs), context)
    expect(first[0]).toEqual((toNested(draw(1, 1, count, sizes.inputs)) as unknown as readonly Matrix[])[0])
    expect(relativeError(both.slice(0, sizes.slots * sizes.width), numbers(alone.slots))).toBeLessThan(1e-12)
  })

  test("an image's features are a set of pixels", () => {
    const image = draw(1, scenes, 2, 3, sizes.inputs)
    expect(numbers(layerOf("oneStep", 2).apply(p, image, context).slots)).toEqual(
      numbers(layerOf("oneStep", 2).apply(p, inputs, context).slots),
    )
  })

  test("a slot that no input chose stays finite", () => {
    const far = { ...p, cell: { ...p.cell, query: settled(mul(p.cell.query, 1e6) as Tensor) } }
    for (const x of numbers(layerOf("unrolled", 2).apply(far, inputs, context).slots)) expect(x).toSatisfy(Number.isFinite)
  })
})

describe("symmetries", () => {
  const memory = { keys: draw(5, 1, sizes.width, count), values: draw(6, 1, count, sizes.width) }
  const p = paramsOf().cell
  const refine = (m: typeof memory) => (z: Tensor<[1, 2, 4]>) =>
    cell(sizes, p, m, context)(cell(sizes, p, m, context)(z)) as Tensor<[1, 2, 4]>
  const slots = normals([1, 2, 4]) as fc.Arbitrary<Tensor<[1, 2, 4]>>

  test("slots are exchangeable: permuted slots in, the same permutation out", () =>
    laws.assert(
      laws.equivariance(refine(memory), [slots], {
        group: permutation(2),
        onArguments: (g, z) => [take(z as Tensor, g as never, 1) as Tensor<[1, 2, 4]>],
        onResult: (g, z) => take(z as Tensor, g as never, 1) as Tensor<[1, 2, 4]>,
      }),
      { runs: 10 },
    ))

  test("inputs are a set: their order does not count", () =>
    fc.assert(
      fc.asyncProperty(permutation(count), slots, async (g, z) => {
        const shuffled = { keys: take(memory.keys, g as never, 2), values: take(memory.values, g as never, 1) }
        expect(relativeError(numbers(refine(memory)(z)), numbers(refine(shuffled as typeof memory)(z)))).toBeLessThan(1e-11)
      }),
      { numRuns: 10 },
    ))
})

describe("gradients", () => {
  const loss = (variant: VariantName, n: number) => (p: SlotAttentionParams) =>
    mean(square(layerOf(variant, n).apply(p, inputs, context).slots))
  const p = paramsOf()
  const initial = ({ mu, logSigma }: SlotAttentionParams) => numbers([mu, logSigma])
  const rest = ({ mu: _mu, logSigma: _sigma, ...others }: SlotAttentionParams) => numbers(others)

  test("unrolled is the derivative of the finite program, to second order", () =>
    laws.assert(
      laws.gradient(
        (x: Tensor<[1, 4, 3]>, query: Tensor<[4, 4]>, mu: Tensor<[4]>) => {
          const made = layerOf("unrolled", 2).apply({ ...p, mu, cell: { ...p.cell, query } }, x as never, context)
          return add(mean(square(made.slots)), mean(square(made.attention)))
        },
        [normals([1, 4, 3]), normals([4, 4]), normals([4])],
      ),
      { runs: 5 },
    ))

  test.each(["oneStep", "truncated", "neumann", "exact"] as const)("%s: exactly nothing reaches the initial slots", (variant) => {
    const g = grad(loss(variant, 2))(p as never) as unknown as SlotAttentionParams
    expect(initial(g).every((x) => x === 0)).toBe(true)
    expect(rest(g).some((x) => x !== 0)).toBe(true)
  })

  test("unrolled: the initial slots learn", () => {
    expect(initial(grad(loss("unrolled", 2))(p as never) as unknown as SlotAttentionParams).every((x) => x !== 0)).toBe(true)
  })

  test("oneStep is one application at the stopped state, with keys and values differentiated", () => {
    const layer = layerOf("unrolled", 3)
    const stopped = settled(layer.apply(p, inputs, context).slots)
    const once = (q: SlotAttentionParams) => mean(square(refinement(layer.spec, q, inputs, context).step(stopped)))
    const expected = rest(grad(once)(p as never) as unknown as SlotAttentionParams)
    expect(relativeError(expected, rest(grad(loss("oneStep", 3))(p as never) as unknown as SlotAttentionParams))).toBeLessThan(1e-11)
  })

  test("truncated is oneStep with one refinement less before it", () => {
    const [a, b] = [grad(loss("truncated", 4))(p as never), grad(loss("oneStep", 3))(p as never)]
    expect(relativeError(numbers(a), numbers(b))).toBeLessThan(1e-11)
  })

  describe("where the refinement contracts", () => {
    const small = paramsOf(0.4)
    const restOf = (variant: VariantName, n: number) => rest(grad(loss(variant, n))(small as never) as unknown as SlotAttentionParams)
    const exact = restOf("exact", 60)

    test("exact is the limit of unrolled", () => {
      expect(relativeError(exact, restOf("unrolled", 60))).toBeLessThan(1e-8)
    })

    test("neumann is nearer to it than oneStep", () => {
      const [far, near] = [relativeError(exact, restOf("oneStep", 60)), relativeError(exact, restOf("neumann", 60))]
      expect(near).toBeLessThan(far / 4)
      expect(far).toBeLessThan(1)
    })
  })
})
