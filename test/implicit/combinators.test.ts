/** Solvers made of solvers: what each combination means, said in terms of its parts alone. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compile, grad, type Tensor, TraceError, tensor } from "../../src/core/index.js"
import {
  anderson,
  andThen,
  bestSoFar,
  broyden,
  damped,
  fixedPoint,
  iterate,
  newton,
  newtonKrylov,
  orElse,
  perRow,
  picard,
  polish,
  restarted,
  type Solver,
  solveFixedPoint,
} from "../../src/implicit/index.js"
import { add, indexAxis, mul, neg, sqrt, square, sub, sum, tanh, vmap } from "../../src/ops/index.js"
import { affine, c13, times, zero2 } from "../support/contraction.js"
import { right } from "../support/either.js"
import { number, numbers, outcome, relativeError } from "../support/outcome.js"

type Map1 = (z: Tensor) => Tensor
interface Ended {
  readonly z: readonly number[]
  readonly status: number
  readonly residual: number
  readonly evaluations: number
}
const solve = (f: Map1, init: Tensor, solver: Solver): Ended => {
  const s = solveFixedPoint(f, init, { ...solver, onFailure: "useBest" })
  const [z, [status], [residual], [evaluations]] = outcome([s.z, s.status, s.residual, s.evaluations]).values as [
    readonly number[],
    readonly [number],
    readonly [number],
    readonly [number],
  ]
  return { z, status, residual, evaluations }
}
/** `after` as the second half of a solve that began with `before`. */
const following = (before: Ended, after: Ended): Ended => ({ ...after, evaluations: before.evaluations + after.evaluations })

const entry = fc.integer({ min: -16, max: 16 }).map((n) => n / 16)
const vector = fc.array(entry, { minLength: 2, maxLength: 2 })
const matrix = fc.array(vector, { minLength: 2, maxLength: 2 })
const tanhMap = (m: readonly (readonly number[])[], c: readonly number[]): Map1 => {
  const inside = affine(tensor(m) as Tensor, tensor(c) as Tensor)
  return (z) => tanh(inside(z))
}
const few = { numRuns: 6 }

/** Diverges from 0.5, whose residual stays the best one. */
const doubling: Map1 = (z) => add(mul(z, 2), 1) as Tensor
const half = tensor([0.5]) as Tensor

describe("orElse", () => {
  it.each([
    ["newton", newton()],
    ["newtonKrylov", newtonKrylov()],
    ["broyden", broyden()],
  ] as const)("of a method that diverges is %s from its best point", (_, second) =>
    expect(solve(doubling, half, orElse(picard(), second))).toEqual(
      following(solve(doubling, half, picard()), solve(doubling, half, second)),
    ),
  )

  it("of a method that stalls is the second from its best point", () => {
    const flip: Map1 = (z) => neg(z)
    expect(solve(flip, half, orElse(picard(), newton()))).toEqual(following(solve(flip, half, picard()), solve(flip, half, newton())))
  })

  it("of a method that gives a verdict is the second from its best point", () => {
    const shift: Map1 = (z) => add(tanh(z), 1) as Tensor
    const flat = tensor([0]) as Tensor // df/dz = 1 there: Newton calls it singular
    expect(solve(shift, flat, newton())).toMatchObject({ status: 6 })
    expect(solve(shift, flat, orElse(newton(), picard()))).toEqual(following(solve(shift, flat, newton()), solve(shift, flat, picard())))
  })

  it("of a method that meets NaN goes on from the best finite point", () => {
    const f: Map1 = (z) => add(sqrt(sub(z, 1)), mul(z, 0.25)) as Tensor
    const at = tensor([1.2]) as Tensor
    const lost = solve(f, at, picard())
    expect(lost).toMatchObject({ status: 7, z: [1.2] })
    expect(solve(f, at, orElse(picard(), anderson()))).toEqual(following(lost, solve(f, at, anderson())))
  })

  it("of a method that converges is that method", () =>
    expect(solve(c13, zero2, orElse(anderson(), newton()))).toEqual(solve(c13, zero2, anderson())))

  it("of two that fail ends as the second does, and a third takes over from it", () => {
    const none: Map1 = (z) => add(square(z), 1) as Tensor
    const at = tensor([0.3]) as Tensor
    const [a, b] = [solve(none, at, picard()), solve(none, at, picard())]
    expect(solve(none, at, orElse(picard(), picard()))).toEqual(following(a, b))
    expect(solve(doubling, half, orElse(orElse(picard(), picard()), newton())).z).toEqual([-1])
    expect(solve(doubling, half, orElse(picard(), orElse(picard(), newton()))).z).toEqual([-1])
  })

  it("hands over when the evaluations of the first are used up, and gives the second its own", () => {
    const by = orElse(picard({ maxEvaluations: 4 }), anderson({ maxEvaluations: 9 }))
    expect(by.maxEvaluations).toBe(13)
    const first = solve(c13, zero2, picard({ maxEvaluations: 4 }))
    expect(solve(c13, zero2, by)).toEqual(following(first, solve(c13, tensor(first.z) as Tensor, anderson())))
  })

  it("holds on random maps, whatever the first makes of them", () =>
    fc.assert(
      fc.property(matrix, vector, fc.integer({ min: 1, max: 12 }), (m, c, slope) => {
        const inside = tanhMap(m, c)
        const f: Map1 = (z) => mul(inside(z), slope / 2) as Tensor
        const first = solve(f, zero2, picard({ maxEvaluations: 80 }))
        const whole = solve(f, zero2, orElse(picard({ maxEvaluations: 80 }), broyden()))
        expect(whole).toEqual(first.status === 1 ? first : following(first, solve(f, tensor(first.z) as Tensor, broyden())))
      }),
      few,
    ))
})

describe("andThen", () => {
  it("is the second from the best point of so many evaluations of the first", () =>
    fc.assert(
      fc.property(matrix, vector, fc.integer({ min: 1, max: 5 }), (m, c, n) => {
        const f = tanhMap(m, c)
        const first = solve(f, zero2, anderson({ maxEvaluations: n }))
        fc.pre(first.status !== 1)
        expect(solve(f, zero2, andThen(anderson(), n, newton()))).toEqual(following(first, solve(f, tensor(first.z) as Tensor, newton())))
      }),
      few,
    ))

  it("is associative: a for m, b for k, then c", () =>
    fc.assert(
      fc.property(matrix, vector, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }), (m, c, first, second) => {
        const f = tanhMap(m, c)
        const [a, b, last] = [picard(), anderson({ memory: 2 }), broyden()]
        const left = andThen(andThen(a, first, b), first + second, last)
        const grouped = andThen(a, first, andThen(b, second, last))
        expect(solve(f, zero2, left)).toEqual(solve(f, zero2, grouped))
      }),
      few,
    ))

  it("ends where the first does, when that fails before", () =>
    expect(solve(doubling, half, andThen(picard(), 200, newton()))).toEqual(solve(doubling, half, picard())))

  it("ends at the handover, where the first still polishes what has converged", () => {
    const rough = picard({ atol: 1e-2, rtol: 1e-2 })
    const { evaluations } = solve(c13, zero2, rough)
    const ended = (n: number) => solve(c13, zero2, andThen(polish(rough, 5), n, newton()))
    expect(ended(evaluations)).toEqual(solve(c13, zero2, rough))
    expect(ended(evaluations + 2)).toEqual(solve(c13, zero2, { ...polish(rough, 5), maxEvaluations: evaluations + 2 }))
  })
})

describe("restarted", () => {
  it.each([
    ["picard has nothing to forget", picard(), 1],
    ["damping neither", damped(picard(), 0.5), 2],
    ["a memory that outlasts the solve is never emptied", anderson(), 1000],
  ] as const)("%s, bit for bit", (_, of, every) => expect(solve(c13, zero2, restarted(of, every))).toEqual(solve(c13, zero2, of)))

  it("anderson that forgets every turn is picard", () => {
    const [by, plain] = [solve(c13, zero2, restarted(anderson(), 1)), solve(c13, zero2, picard())]
    expect(by.evaluations).toBe(plain.evaluations)
    expect(relativeError(plain.z, by.z)).toBeLessThan(1e-15)
  })

  it("lets products that are under way end: Newton-Krylov still takes steps", () =>
    expect(solve(c13, zero2, restarted(newtonKrylov(), 1))).toMatchObject({ status: 1 }))
})

describe("bestSoFar", () => {
  // 0.9, then away from the fixed point 1: residuals 0.1, 0.2, 0.4, ...
  const away: Map1 = (z) => sub(mul(z, 3), 2) as Tensor
  const at = tensor([0.9]) as Tensor

  it("of iterate is the iterate with the smallest residual", () => {
    expect(solve(away, at, iterate(4)).z[0]).toBeCloseTo(1 - 0.1 * 3 ** 4, 12)
    const best = solve(away, at, bestSoFar(iterate(4)))
    expect(best).toMatchObject({ z: [0.9], evaluations: 5 })
    expect(best.residual).toBeCloseTo(0.2, 12)
  })

  it("is Converged when its best point meets the tolerance, whatever comes after", () => {
    // 2^k -> 0 exactly once below 1/8, and then away from it
    const f: Map1 = (z) => add(mul(z, 1.5), 1e-13) as Tensor
    const zero = tensor([0]) as Tensor
    expect(solve(f, zero, bestSoFar(iterate(80)))).toMatchObject({ status: 1, z: [0], evaluations: 81 })
    expect(solve(f, zero, iterate(80)).status).not.toBe(1)
    expect(solve(away, at, bestSoFar(iterate(4))).status).not.toBe(1)
  })

  it("is idempotent, and says nothing of other solvers", () => {
    const twice = { ...iterate(4), method: { _tag: "bestSoFar", of: bestSoFar(iterate(4)).method } } as const
    expect(bestSoFar(bestSoFar(iterate(4)))).toEqual(bestSoFar(iterate(4)))
    expect(solve(away, at, twice)).toEqual(solve(away, at, bestSoFar(iterate(4))))
    expect(solve(c13, zero2, bestSoFar(anderson()))).toEqual(solve(c13, zero2, anderson()))
  })
})

describe("polish", () => {
  const rough = picard({ atol: 1e-2, rtol: 1e-2 })
  const f: Map1 = (z) => add(tanh(mul(z, 0.5)), 1) as Tensor
  const one = tensor([1]) as Tensor

  it("takes Newton steps from what converged, at one evaluation each and one for the Jacobian", () => {
    const found = solve(f, one, rough)
    const by = solve(f, one, polish(rough, 3))
    expect(found.residual).toBeGreaterThan(1e-6)
    expect(by.residual).toBeLessThan(1e-15)
    expect(by).toMatchObject({ status: 1, evaluations: found.evaluations + 4 })
    const step = solve(f, tensor(found.z) as Tensor, newton({ maxEvaluations: 2, atol: 0, rtol: 0 }))
    expect(solve(f, one, polish(rough, 1)).z).toEqual(step.z)
  })

  it("makes the gradient that of the solution, where the rough one is that of a point nearby", () => {
    const gradient = (by: Solver) =>
      number(grad((a: Tensor) => sum(fixedPoint((z: Tensor) => add(tanh(mul(z, a)), 1) as Tensor, one, by)))(tensor(0.5) as Tensor))
    const exact = gradient(newton({ atol: 1e-15, rtol: 1e-15 }))
    expect(Math.abs(gradient(rough) / exact - 1)).toBeGreaterThan(1e-5)
    expect(Math.abs(gradient(polish(rough, 3)) / exact - 1)).toBeLessThan(1e-14)
  })

  it("stands by what converged where the Jacobian is singular or the budget is up", () => {
    const touching: Map1 = (z) => add(z, square(sub(z, 1))) as Tensor // df/dz = 1 at its fixed point
    const at = tensor([1]) as Tensor
    expect(solve(touching, at, polish(rough, 2))).toMatchObject({ status: 1, z: [1], residual: 0 })
    const { evaluations } = solve(f, one, rough)
    expect(solve(f, one, { ...polish(rough, 2), maxEvaluations: evaluations })).toEqual(solve(f, one, rough))
  })

  it("is told of a failure like the method alone", () =>
    expect(solve(doubling, half, polish(picard(), 2))).toEqual(solve(doubling, half, picard())))
})

describe("a part without a stopping test", () => {
  it.each([
    ["orElse", () => orElse(iterate(3), newton())],
    ["andThen", () => andThen(damped(iterate(3), 0.5), 2, newton())],
    ["polish", () => polish(perRow(iterate(3)), 1)],
  ] as const)("is refused by %s", (name, made) => {
    expect(made).toThrow(TraceError)
    expect(made).toThrow(`${name} asks how its parts end`)
  })
})

const combined: readonly (readonly [string, Solver])[] = [
  ["orElse of different needs", orElse(picard({ maxEvaluations: 3 }), orElse(newtonKrylov({ maxEvaluations: 6 }), newton()))],
  ["andThen", andThen(anderson({ memory: 2 }), 3, broyden({ memory: 3 }))],
  ["restarted", restarted(anderson({ memory: 3 }), 3)],
  ["bestSoFar", bestSoFar(iterate(3))],
  ["polish", polish(picard({ atol: 1e-2, rtol: 1e-2 }), 2)],
]

describe.each(combined)("rows of %s", (_, solver) => {
  const W = tensor([
    [0.4, -0.6, 0.2],
    [0.5, 0.3, -0.1],
    [-0.1, 0.3, 0.5],
  ]) as Tensor
  const xs = tensor([
    [0, 0, 0],
    [0.1, -0.2, 0.3],
    [3, 2, -4],
  ]) as Tensor
  const layer = (x: Tensor) => (z: Tensor) => tanh(add(times(z, W), x)) as Tensor
  const rows = (x: Tensor, by: Solver) => {
    const s = solveFixedPoint(layer(x), mul(x, 0), { ...by, onFailure: "useBest" })
    return [s.z, s.status, s.residual, s.evaluations] as const
  }
  const together = outcome(rows(xs, perRow(solver))).values

  it("are each as alone, by perRow and by vmap, bit for bit", () => {
    expect(outcome(vmap((x: Tensor) => rows(x, solver))(xs)).values).toEqual(together)
    for (let i = 0; i < 3; i++) {
      const [z, ...told] = outcome(rows(indexAxis(xs, 0, i) as Tensor, solver)).values
      expect(z).toEqual(together[0]?.slice(3 * i, 3 * i + 3))
      expect(told.flat()).toEqual(together.slice(1).map((t) => t[i]))
    }
  })

  it("run on wasm", async () => {
    const run = compile((x: Tensor) => rows(x, perRow(solver)), { target: "wasm:f64" })
    const [z, status, , evaluations] = right(await run(xs)())
    expect(relativeError(together[0] as readonly number[], numbers(z))).toBeLessThan(1e-9)
    expect([numbers(status), numbers(evaluations)]).toEqual([together[1], together[3]])
  })
})
