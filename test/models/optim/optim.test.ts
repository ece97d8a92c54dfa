/** Optimisers against plain arithmetic. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { evaluate, type Tensor, tensor, toNumber } from "../../../src/core/index.js"
import {
  adam,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  clipByInfinityNorm,
  globalNorm,
  infinityNorm,
  mapTrees,
  type OptimiserSpec,
  optimiserCodec,
  optimiserOf,
  scaleBySchedule,
  warmUp,
} from "../../../src/models/optim/index.js"
import { decodeAs } from "../../../src/models/schema/index.js"
import { left, right } from "../../support/either.js"
import { numbers, relativeError } from "../../support/outcome.js"

const leaves = <T>(tree: T): T => right(evaluate(tree as never)) as T
const tree = (w: readonly number[], b: number) => ({ w: tensor([...w]) as Tensor, b: [tensor(b) as Tensor] })

describe("adam", () => {
  test("makes the updates of the paper", () => {
    const options = { rate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1e-3 }
    const gradients = [tree([1, -2], 3), tree([0.5, 0], -1), tree([0, 4], 0)]
    let params = tree([1, 1], 1)
    let state = leaves(adam(options).init(params))
    let expected = [1, 1, 1]
    let [m, v] = [
      [0, 0, 0],
      [0, 0, 0],
    ]
    gradients.forEach((g, i) => {
      const [updates, next] = adam(options).update(g, state, params)
      params = leaves(applyUpdates(params, updates))
      state = leaves(next)
      const plain = numbers(g)
      m = m.map((x, k) => 0.8 * x + 0.2 * plain[k]!)
      v = v.map((x, k) => 0.9 * x + 0.1 * plain[k]! ** 2)
      expected = expected.map((x, k) => x - (0.1 * (m[k]! / (1 - 0.8 ** (i + 1)))) / (Math.sqrt(v[k]! / (1 - 0.9 ** (i + 1))) + 1e-3))
      expect(relativeError(expected, numbers(params))).toBeLessThan(1e-12)
    })
    expect(toNumber(state.count)).toBe(3)
  })

  test("its first step has the size of the rate, whatever the gradient's", () =>
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.boolean(), (g, negative) => {
        const sign = negative ? -1 : 1
        const optimiser = adam({ rate: 0.01, epsilon: 1e-12 })
        const params = { w: tensor([0]) as Tensor }
        const [updates] = optimiser.update({ w: tensor([sign * g]) as Tensor }, optimiser.init(params), params)
        expect(numbers(updates)[0]).toBeCloseTo(-sign * 0.01, 8)
      }),
      { numRuns: 20 },
    ))
})

describe("clipping", () => {
  test("scales what is longer than the limit, and nothing else", () => {
    const g = tree([3, 0], 4)
    const update = (limit: number) => numbers(clipByGlobalNorm(limit).update(g, null, g)[0])
    expect(numbers(globalNorm(g))).toEqual([5])
    expect(relativeError([0.8, 0.6, 0], update(1))).toBeLessThan(1e-15)
    expect(update(5)).toEqual([4, 3, 0])
    expect(update(6)).toEqual([4, 3, 0])
  })

  test("by the largest magnitude, whatever the number of parameters", () => {
    const g = tree([3, -8], 4)
    expect(numbers(infinityNorm(g))).toEqual([8])
    expect(numbers(clipByInfinityNorm(2).update(g, null, g)[0])).toEqual([1, 0.75, -2])
    expect(numbers(clipByInfinityNorm(8).update(g, null, g)[0])).toEqual([4, 3, -8])
    expect(numbers(infinityNorm({ w: null }))).toEqual([0])
  })

  test.each([clipByGlobalNorm(1), clipByInfinityNorm(1)])("leaves a gradient of zero zero", (clip) => {
    const g = tree([0, 0], 0)
    expect(numbers(clip.update(g, null, g)[0])).toEqual([0, 0, 0])
  })
})

describe("chains", () => {
  const spec: OptimiserSpec = {
    _tag: "chain",
    of: [clipByGlobalNorm(2).spec, adam({ rate: 0.1 }).spec, scaleBySchedule(warmUp(3)).spec],
  }

  test("apply their parts in order", () => {
    const g = tree([3, 0], 4)
    const parts = [clipByGlobalNorm(1), clipByGlobalNorm(0.5)]
    expect(relativeError([0.4, 0.3, 0], numbers(chain(...parts).update(g, [null, null], g)[0]))).toBeLessThan(1e-15)
  })

  test("come from their descriptions", () => {
    expect(right(decodeAs(optimiserCodec, "optimiser", JSON.parse(JSON.stringify(spec))))).toEqual(spec)
    const g = tree([3, 0], 4)
    const made = optimiserOf(spec)
    expect(made.spec).toEqual(spec)
    const direct = chain(clipByGlobalNorm(2), adam({ rate: 0.1 }), scaleBySchedule(warmUp(3)))
    const update = (o: typeof made) => numbers(o.update(g, o.init(g), g))
    expect(update(made)).toEqual(update(direct as typeof made))
    expect(left(decodeAs(optimiserCodec, "optimiser", { _tag: "chain", of: [{ _tag: "adam", rat: 1 }] })).message).toMatch(
      /optimiser\.of\.0: unknown key "rat"; did you mean "rate"\?/,
    )
  })
})

describe("trees", () => {
  test("of another structure are refused with both", () => {
    expect(() => mapTrees("adam", (a) => a as Tensor, tree([1], 1), { w: tensor([1]) })).toThrow(
      /adam: expected trees of one structure, found \{b: \[_\], w: _\} and \{w: _\}/,
    )
  })
  test("with whole numbers among the leaves are refused", () => {
    expect(() => globalNorm({ w: tensor([1], "int") })).toThrow(/globalNorm: expected floats only, found int at \.w/)
  })
})
