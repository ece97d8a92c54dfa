/** Warm starts: the end of one solve as the beginning of the next. */
import { describe, expect, it } from "vitest"
import { compile, grad, type Tensor, TraceError, tensor } from "../../src/core/index.js"
import {
  anderson,
  broyden,
  damped,
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
  truncated,
  unrolled,
  type Warm,
} from "../../src/implicit/index.js"
import { add, mul, sqrt, sum, tanh, vmap } from "../../src/ops/index.js"
import { times } from "../support/contraction.js"
import { right } from "../support/either.js"
import { number, numbers, outcome } from "../support/outcome.js"

const n = 6
const W = tensor(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => 0.6 * Math.cos(3 * i * j + i - j)))) as Tensor
const x = tensor(Array.from({ length: n }, (_, i) => Math.sin(2 * i + 1))) as Tensor
const layer =
  (x: Tensor, w: Tensor = W) =>
  (z: Tensor) =>
    tanh(add(times(z, w), x)) as Tensor
const zero = mul(x, 0)
const first = <S extends Solver>(by: S) => solveFixedPoint(layer(x), zero, by, { warm: null }).warm

const solvers: readonly (readonly [string, Solver])[] = [
  ["picard", picard()],
  ["damped anderson", damped(anderson(), 0.8)],
  ["broyden", broyden()],
  ["newton", newton()],
  ["newtonKrylov", newtonKrylov()],
  ["orElse", orElse(anderson(), newton())],
  ["restarted", restarted(broyden(), 30)],
]

it("of a solver that remembers nothing is its state, by row too", () => {
  const xs = tensor([numbers(x), numbers(mul(x, 2))]) as Tensor
  const { warm } = solveFixedPoint(layer(xs), mul(xs, 0), perRow(picard()), { warm: null })
  expect(warm.memory).toEqual({ "perRow(of picard)": {} })
  expect(numbers(solveFixedPoint(layer(xs), mul(xs, 0), perRow(picard()), { warm }).evaluations)).toEqual([1, 1])
})

describe("a warm start", () => {
  it.each(solvers)("of %s at the solution costs one evaluation and changes nothing", (_, by) => {
    const warm = first(by)
    const again = solveFixedPoint(layer(x), zero, by, { warm })
    expect(number(again.evaluations)).toBe(1)
    expect(numbers(again.z)).toEqual(numbers(warm.z))
    expect(numbers(again.warm)).toEqual(numbers(warm))
  })

  it.each([
    ["broyden", broyden({ memory: 40 })],
    ["broyden without line search", broyden({ memory: 40, lineSearch: false })],
    ["anderson", anderson({ memory: 6 })],
    ["restarted broyden", restarted(broyden({ memory: 40 }), 50)],
    ["polished broyden", polish(broyden({ memory: 40 }), 1)],
  ] as const)("of %s solves a problem nearby in fewer evaluations than its state alone", (_, by) => {
    const warm = first(by)
    const near = layer(mul(x, 1.02), mul(W, 1.01))
    const [cold, fromState, fromWarm] = [
      solveFixedPoint(near, zero, by),
      solveFixedPoint(near, warm.z, by),
      solveFixedPoint(near, zero, by, { warm }),
    ].map((s) => number(s.evaluations)) as [number, number, number]
    expect(fromWarm).toBeLessThan(fromState)
    expect(fromState).toBeLessThan(cold)
  })

  it("is a value that goes through compiled programs, a row each", async () => {
    const xs = tensor([numbers(x), numbers(mul(x, -2))]) as Tensor
    const by = perRow(broyden())
    const step = (xs: Tensor, warm: Warm<Tensor> | null) => {
      const s = solveFixedPoint(layer(xs), mul(xs, 0), by, { warm })
      return [s.warm, s.evaluations] as const
    }
    const run = compile(step, { target: "wasm:f64" })
    const [warm] = right(await run(xs, null)())
    const [, evaluations] = right(await run(xs, warm)())
    expect(numbers(evaluations)).toEqual([1, 1])
    const cold = vmap((x: Tensor) => solveFixedPoint(layer(x), mul(x, 0), broyden(), { warm: null }).warm)(xs)
    expect(outcome(cold.z).values[0]).toEqual(outcome(solveFixedPoint(layer(xs), mul(xs, 0), by).z).values[0])
    const again = vmap((x: Tensor, warm: Warm<Tensor>) => solveFixedPoint(layer(x), mul(x, 0), broyden(), { warm }).evaluations)(xs, cold)
    expect(numbers(again)).toEqual([1, 1])
  })

  it("has no gradient, and takes none away from what f captured", () => {
    const warm = first(broyden())
    const value = (x: Tensor, warm: Warm<Tensor>) => sum(solveFixedPoint(layer(x), zero, broyden(), { warm }).z)
    expect(numbers(grad((w: Warm<Tensor>) => value(x, w))(warm)).every((g) => g === 0)).toBe(true)
    expect(numbers(grad((x: Tensor) => value(x, warm))(x))).toEqual(
      numbers(grad((x: Tensor) => sum(solveFixedPoint(layer(x), warm.z, broyden()).z))(x)),
    )
    const told = (x: Tensor) => sum(solveFixedPoint(layer(x), zero, broyden(), { warm: null }).warm.z)
    expect(numbers(grad(told)(x)).every((g) => g === 0)).toBe(true)
  })

  it("that is not finite is not begun from, in its row alone", () => {
    const by = perRow(broyden())
    const xs = tensor([numbers(x), numbers(x)]) as Tensor
    const { warm } = solveFixedPoint(layer(xs), mul(xs, 0), by, { warm: null })
    const spoilt: Warm<Tensor> = { ...warm, z: mul(warm.z, sqrt(tensor([[1], [-1]]) as Tensor)) as Tensor }
    const again = solveFixedPoint(layer(xs), mul(xs, 0), by, { warm: spoilt })
    const cold = solveFixedPoint(layer(xs), mul(xs, 0), by)
    expect(numbers(again.evaluations)).toEqual([1, numbers(cold.evaluations)[1]])
    expect(numbers(again.z)).toEqual(numbers(cold.z))
  })

  it("costs nothing where it is not asked for", () => {
    const plain = solveFixedPoint(layer(x), zero, broyden())
    expect("warm" in plain).toBe(false)
  })
})

describe("a warm start of another solve is refused", () => {
  const warm = first(broyden())
  it.each([
    [
      "another solver",
      () => solveFixedPoint(layer(x), zero, anderson(), { warm }),
      "it was made by broyden(memory 20, lineSearch true), and this solver is anderson(memory 5, mixing 1)",
    ],
    ["another memory", () => solveFixedPoint(layer(x), zero, broyden({ memory: 3 }), { warm }), "this solver is broyden(memory 3"],
    [
      "another state",
      () => solveFixedPoint((z: Tensor) => mul(z, 0.5), tensor([1, 2]) as Tensor, broyden(), { warm }),
      "its state holds float[6], this one float[2]",
    ],
    [
      "another structure",
      // @ts-expect-error a warm start belongs to the type of its state
      () => solveFixedPoint(([z]: readonly [Tensor]) => [mul(z, 0.5)] as const, [zero] as const, broyden(), { warm }),
      "its state has the structure _, this one [_]",
    ],
    [
      "a memory that was cut",
      () => solveFixedPoint(layer(x), zero, broyden(), { warm: { ...warm, memory: { "broyden(memory 20, lineSearch true)": {} } } }),
      "its memory is not one of broyden",
    ],
    ["unrolled", () => solveFixedPoint(layer(x), zero, picard({ adjoint: unrolled(3) }), { warm }), "unrolled"],
  ] as const)("%s", (_, solve, message) => {
    expect(solve).toThrow(TraceError)
    expect(solve).toThrow(message)
  })

  it("but truncated begins warm: its first steps are a solve", () => {
    const by = picard({ adjoint: truncated(8, 2) })
    const warm = first(by)
    expect(Object.keys(warm.memory)).toEqual([`iterate(count 6)`])
    expect(numbers(solveFixedPoint(layer(x), zero, by, { warm }).z)).toEqual(
      numbers(solveFixedPoint(layer(x), warm.z, { ...by, method: iterate(8).method }).z),
    )
  })
})
