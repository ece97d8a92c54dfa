/** Transformations of gradients against plain loops over the same formulas; groups, averages, storage. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { compile, evaluate, type Tensor, tensor } from "../../../src/core/index.js"
import {
  adam,
  adamw,
  addDecayedWeights,
  applyUpdates,
  averageOf,
  byPath,
  chain,
  clipByGlobalNorm,
  clipByInfinityNorm,
  cosineDecay,
  exponentialDecay,
  freeze,
  keepAverage,
  type Optimiser,
  type OptimiserSpec,
  optimiserCodec,
  optimiserOf,
  product,
  reduceOnPlateau,
  rmsprop,
  scaleBySchedule,
  sgd,
  type Told,
  warmUp,
} from "../../../src/models/optim/index.js"
import { decodeAs } from "../../../src/models/schema/index.js"
import { left, right } from "../../support/either.js"
import { numbers, relativeError } from "../../support/outcome.js"

const leaves = <T>(tree: T): T => right(evaluate(tree as never)) as T
const entry = fc.integer({ min: -16, max: 16 }).map((n) => n / 8)
const point = fc.array(entry, { minLength: 3, maxLength: 3 })
const walk = fc.array(point, { minLength: 1, maxLength: 5 })

/** Parameters after each of a few updates. */
const path = (optimiser: unknown, start: readonly number[], gradients: readonly (readonly number[])[], values?: readonly number[]) => {
  const made = optimiser as Optimiser
  let params = { w: tensor([...start]) as Tensor }
  let state = leaves(made.init(params))
  return gradients.map((g, i) => {
    const told: Told = values === undefined ? {} : { value: tensor(values[i] as number) as Tensor<[]> }
    const [updates, next] = made.update({ w: tensor([...g]) as Tensor }, state, params, told)
    params = leaves(applyUpdates(params, updates))
    state = leaves(next)
    return { at: numbers(params), state, params }
  })
}

/** `each(k)` makes the plain update of one number: (gradient, parameter) to its change. */
const agrees = (optimiser: unknown, each: () => (g: number, p: number) => number) =>
  fc.assert(
    fc.property(point, walk, (start, gradients) => {
      const found = path(optimiser, start, gradients)
      const plain = start.map((p0, k) => {
        const change = each()
        let p = p0
        return gradients.map((g) => {
          p += change(g[k] as number, p)
          return p
        })
      })
      found.forEach(({ at }, i) => {
        const expected = plain.map((p) => p[i] as number)
        expect(relativeError(expected, at)).toBeLessThan(1e-12)
      })
    }),
    { numRuns: 20 },
  )

describe("updates by the book", () => {
  test("sgd", () => agrees(sgd({ rate: 0.1 }), () => (g) => -0.1 * g))

  test("momentum", () =>
    agrees(sgd({ rate: 0.1, momentum: 0.9 }), () => {
      let v = 0
      return (g) => {
        v = 0.9 * v + g
        return -0.1 * v
      }
    }))

  test("nesterov", () =>
    agrees(sgd({ rate: 0.1, momentum: 0.9, nesterov: true }), () => {
      let v = 0
      return (g) => {
        v = 0.9 * v + g
        return -0.1 * (g + 0.9 * v)
      }
    }))

  test("adamw", () =>
    agrees(adamw({ rate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.2 }), () => {
      let [m, v, t] = [0, 0, 0]
      return (g, p) => {
        t++
        m = 0.8 * m + 0.2 * g
        v = 0.9 * v + 0.1 * g * g
        return -0.1 * 0.2 * p - (0.1 * m) / (1 - 0.8 ** t) / (Math.sqrt(v / (1 - 0.9 ** t)) + 1e-3)
      }
    }))

  test("adamw without decay is adam", () =>
    fc.assert(
      fc.property(point, walk, (start, gradients) => {
        const ends = [adamw({ rate: 0.1, weightDecay: 0 }), adam({ rate: 0.1 })].map((o) => path(o, start, gradients).map(({ at }) => at))
        expect(ends[0]).toEqual(ends[1])
      }),
      { numRuns: 10 },
    ))

  test.each([false, true])("rmsprop with momentum, centred %s", (centred) =>
    agrees(rmsprop({ rate: 0.1, decay: 0.8, epsilon: 1e-2, momentum: 0.5, centred }), () => {
      let [m, v, b] = [0, 0, 0]
      return (g) => {
        m = 0.8 * m + 0.2 * g
        v = 0.8 * v + 0.2 * g * g
        b = 0.5 * b + g / (Math.sqrt(Math.max(0, v - (centred ? m * m : 0))) + 1e-2)
        return -0.1 * b
      }
    }),
  )

  test("rmsprop without momentum", () =>
    agrees(rmsprop({ rate: 0.1, decay: 0.8, epsilon: 1e-2 }), () => {
      let v = 0
      return (g) => {
        v = 0.8 * v + 0.2 * g * g
        return (-0.1 * g) / (Math.sqrt(v) + 1e-2)
      }
    }))

  test("a penalty on the weights", () => agrees(chain(addDecayedWeights(0.3), sgd({ rate: 0.1 })), () => (g, p) => -0.1 * (g + 0.3 * p)))
})

describe("reduceOnPlateau", () => {
  test("waits, halves, and has a floor", () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -4, max: 8 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: 1, max: 3 }),
        (values, patience, every) => {
          const rule = reduceOnPlateau({ factor: 0.5, patience, every, threshold: 0.1, floor: 0.2 })
          const found = path(
            chain(rule, sgd({ rate: 1 })),
            [0],
            values.map(() => [-1]),
            values,
          )
          let [scale, best, since, total, p] = [1, Number.POSITIVE_INFINITY, 0, 0, 0]
          values.forEach((value, i) => {
            total += value
            if ((i + 1) % every === 0) {
              const mean = total / every
              total = 0
              if (mean < best - 0.1 * (Number.isFinite(best) ? Math.abs(best) : 0)) [best, since] = [mean, 0]
              else if (++since > patience) [scale, since] = [Math.max(0.2, scale / 2), 0]
            }
            p += scale
            expect(found[i]?.at[0]).toBeCloseTo(p, 10)
          })
        },
      ),
      { numRuns: 30 },
    ))

  test("needs a value to watch", () => {
    expect(() => path(reduceOnPlateau(), [1], [[1]])).toThrow(/reduceOnPlateau: expected a value to watch/)
  })
})

describe("groups", () => {
  const params = { encoder: [{ w: tensor([1, 2]), b: tensor([3]) }], head: { w: tensor([4]), b: tensor([5]) } }
  const groups = byPath([
    { match: "encoder", of: freeze },
    { match: "**.b", of: sgd({ rate: 10 }) },
    { match: "head.*", of: sgd({ rate: 1 }) },
  ])

  test("take what the groups before them left", () => {
    const [updates] = groups.update(params, groups.init(params), params)
    expect(numbers(updates)).toEqual([0, 0, 0, -50, -4]) // encoder.0.b, encoder.0.w, head.b, head.w
  })

  test("a parameter in no group, and a group without parameters, are refused", () => {
    expect(() => byPath([{ match: "encoder", of: freeze }]).init(params)).toThrow(/no group takes the parameter head\.b; end the groups/)
    expect(() =>
      byPath([
        { match: "**", of: freeze },
        { match: "encodr.0.w", of: freeze },
      ]).init(params),
    ).toThrow(/"encodr\.0\.w" takes no parameter that the groups before it left; the nearest is encoder\.0\.w/)
  })

  test.each([
    ["a.*.c", "a.b.c", true],
    ["a.*.c", "a.b.b.c", false],
    ["a.**.c", "a.c", true],
    ["a.**.c", "a.b.c.b.c", true],
    ["a.**.c", "a.b.c.b", true], // what lies below a.b.c
    ["**.c.d", "a.c.c.d", true],
    ["b", "a.b", false],
    ["**", "a", true],
  ])("%s takes %s: %s", (match, at, taken) => {
    const nested = at.split(".").reduceRight<unknown>((tree, name) => ({ [name]: tree }), tensor(1))
    const init = () => byPath([{ match, of: freeze }]).init(nested)
    if (taken) expect(init).not.toThrow()
    else expect(init).toThrow(/no group takes/)
  })
})

describe("averages of parameters", () => {
  test("are their weighted mean, free of the start", () =>
    fc.assert(
      fc.property(point, walk, (start, gradients) => {
        const optimiser = chain(sgd({ rate: 0.5 }), keepAverage(0.75))
        const found = path(optimiser, start, gradients)
        const weights = found.map((_, i) => 0.75 ** (found.length - 1 - i))
        const total = weights.reduce((a, b) => a + b, 0)
        const expected = start.map((_, k) => found.reduce((sum, { at }, i) => sum + (weights[i] as number) * (at[k] as number), 0) / total)
        expect(relativeError(expected, numbers(averageOf(optimiser, found.at(-1)?.state)))).toBeLessThan(1e-12)
      }),
      { numRuns: 20 },
    ))

  test("of an optimiser that keeps none are refused", () => {
    expect(() => averageOf(sgd({ rate: 1 }), null)).toThrow(/averageOf: expected an optimiser with keepAverage in it, found sgd/)
  })
})

const single: fc.Arbitrary<OptimiserSpec> = fc.constantFrom<OptimiserSpec>(
  sgd({ rate: 0.1 }).spec,
  sgd({ rate: 0.1, momentum: 0.5, nesterov: true }).spec,
  adam({ rate: 0.1 }).spec,
  adamw({ rate: 0.1 }).spec,
  rmsprop({ rate: 0.1, centred: true, momentum: 0.5 }).spec,
  clipByGlobalNorm(1).spec,
  clipByInfinityNorm(1).spec,
  addDecayedWeights(0.1).spec,
  scaleBySchedule(product(warmUp(2), cosineDecay({ from: 1, to: 3 }))).spec,
  scaleBySchedule(exponentialDecay({ every: 2, factor: 0.5, staircase: true })).spec,
  reduceOnPlateau({ every: 1, patience: 0 }).spec,
  keepAverage(0.9).spec,
  freeze.spec,
)
const specs: fc.Arbitrary<OptimiserSpec> = fc.array(single, { minLength: 1, maxLength: 3 }).chain((of) =>
  fc.constantFrom<OptimiserSpec>(
    { _tag: "chain", of },
    {
      _tag: "byPath",
      groups: [
        { match: "w", of: { _tag: "chain", of } },
        { match: "**", of: of[0] as OptimiserSpec },
      ],
    },
  ),
)

describe("descriptions", () => {
  test("give the same optimiser after storage, inside a compiled step too", () =>
    fc.assert(
      fc.asyncProperty(specs, point, async (spec, g) => {
        const stored = right(decodeAs(optimiserCodec, "optimiser", JSON.parse(JSON.stringify(spec))))
        expect(stored).toEqual(spec)
        const params = { w: tensor([1, -2, 3]) as Tensor, b: [tensor(4) as Tensor] }
        const gradients = { w: tensor([...g]) as Tensor, b: [tensor(0.5) as Tensor] }
        const told = { value: tensor(2) as Tensor<[]> }
        const two = (optimiser: Optimiser, at: typeof params) => {
          const [, state] = optimiser.update(gradients, optimiser.init(at), at, told)
          return optimiser.update(gradients, state, at, told)
        }
        const made = optimiserOf(spec)
        expect(made.spec).toEqual(spec)
        const direct = numbers(two(made, params))
        expect(numbers(two(optimiserOf(stored), params))).toEqual(direct)
        const compiled = right(await compile((at: typeof params) => two(made, at), { target: "wasm:f64" })(params as never)())
        expect(relativeError(direct, numbers(compiled))).toBeLessThan(1e-12)
      }),
      { numRuns: 25 },
    ))

  test("what is no optimiser is refused by name", () => {
    const message = (spec: unknown) => left(decodeAs(optimiserCodec, "optimiser", spec)).message
    expect(message({ _tag: "adm", rate: 1 })).toContain('did you mean "adam"')
    expect(message({ _tag: "byPath", groups: [{ match: "w", of: { _tag: "sgd", rate: -1 } }] })).toContain(
      "optimiser.groups.0.of.rate: expected a number above 0, found -1",
    )
  })
})
