/** Laws of layers, solvers, optimisers, vmap and targets: they hold for what is right, and find what is wrong. */
import { describe, expect, test } from "vitest"
import { type AnyOp, apply, defineOp, type Tensor, tensor } from "../../src/core/index.js"
import { anderson, broyden, damped, newton, oneStep, picard, solveFixedPoint } from "../../src/implicit/index.js"
import { awayFromZero, normal } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import { honestStatus } from "../../src/laws/solver.js"
import { convolution, dense, layerNorm, seq } from "../../src/models/layers/index.js"
import {
  adam,
  adamw,
  byPath,
  chain,
  clipByGlobalNorm,
  freeze,
  keepAverage,
  reduceOnPlateau,
  rmsprop,
  scaleBySchedule,
  sgd,
  warmUp,
} from "../../src/models/optim/index.js"
import { add, einsum, exp, foldIn, mean, mul, relu, square, stopGradient, sub, tanh, uniform } from "../../src/ops/index.js"
import { opNamed } from "../ops/reference/law.js"
import { failure } from "./support.js"

const few = { runs: 12 }

describe("laws of layers", () => {
  test("hold for layers of the library", async () => {
    await laws.assert(laws.layer(seq(dense(2, 3, { activation: "tanh" }), layerNorm(3), dense(3, 1)), normal([4, 2])), few)
    await laws.assert(laws.layer(convolution(1, 2, 3, { activation: "relu" }), awayFromZero([1, 3, 3, 1])), few)
  })

  const base = dense(2, 2)
  type P = ReturnType<typeof base.init>
  const wrong: readonly (readonly [string, laws.LayerLike<P, Tensor, Tensor>, string, RegExp])[] = [
    [
      "a counter outside of the key",
      (() => {
        let made = 0
        return { init: (k) => base.init(foldIn(k, made++)), apply: (p, x, c) => base.apply(p, x as never, c) as Tensor }
      })(),
      "layer: initial parameters",
      /parameters made again/,
    ],
    [
      "noise in eval",
      {
        init: base.init,
        apply: (p, x, c) => add(base.apply(p, x as never, c), uniform(c.key, [2])) as Tensor,
      },
      "layer: evaluation is sure",
      /with another key/,
    ],
    [
      "a gradient that is stopped",
      { init: base.init, apply: (p, x, c) => base.apply({ ...p, w: stopGradient(p.w) }, x as never, c) as Tensor },
      "layer in train: gradient: Taylor",
      /the gradient is wrong in argument \[0\]\.w/,
    ],
  ]
  test.each(wrong)("find %s", async (_, layer, law, why) => {
    const found = await failure(laws.layer(layer, normal([3, 2])), few)
    expect(found.law).toBe(law)
    expect(found.why).toMatch(why)
  })
})

describe("laws of solvers", () => {
  test.each([
    picard(),
    damped(picard(), 0.5),
    anderson({ memory: 2 }),
    newton(),
    broyden({ onFailure: "useBest" }),
    picard({ adjoint: oneStep }),
    picard({ rtol: 1e-3, atol: 0 }),
  ])("hold for $method._tag", async (solver) => {
    await laws.assert(laws.solver(solver, { rho: 0.6 }), { runs: 3 })
  })

  test("find a status that is not true, and a residual that is not", async () => {
    const lying: laws.Solve = (f, init, solver) => {
      const solved = solveFixedPoint(f, init, solver)
      return { ...solved, z: add(solved.z as never, 0.01) as never }
    }
    expect((await failure(honestStatus(picard(), lying))).why).toMatch(/it says Converged, and \|f\(z\) - z\| is/)
    const boasting: laws.Solve = (f, init, solver) => {
      const solved = solveFixedPoint(f, init, solver)
      return { ...solved, residual: mul(solved.residual, 0.5) as Tensor }
    }
    expect((await failure(honestStatus(picard({ rtol: 1e-2, atol: 0 }), boasting))).why).toMatch(/it reports a residual of/)
  })
})

describe("laws of optimisers", () => {
  test.each([
    sgd({ rate: 0.1, momentum: 0.5, nesterov: true }),
    chain(clipByGlobalNorm(1), adam({ rate: 0.05 }), keepAverage(0.9)),
    adamw({ rate: 0.05, weightDecay: 0.01 }),
    rmsprop({ rate: 0.05, centred: true }),
    chain(sgd({ rate: 0.1 }), scaleBySchedule(warmUp(3)), reduceOnPlateau({ every: 2, patience: 0 })),
  ])("hold for $spec._tag", async (o) => {
    await laws.assert(laws.optimiser(o), few)
  })

  test("hold for parts and groups, told what they are", async () => {
    await laws.assert(laws.optimiser(clipByGlobalNorm(1), { descends: false }), few)
    await laws.assert(
      laws.optimiser(
        byPath([
          { match: "a", of: sgd({ rate: 0.1 }) },
          { match: "b", of: freeze },
        ]),
        { byName: true },
      ),
      few,
    )
  })

  const good = sgd({ rate: 0.1, momentum: 0.5 })
  type S = ReturnType<typeof good.init>
  let remembered = 0
  const wrong: readonly (readonly [string, laws.OptimiserLike, string, RegExp])[] = [
    ["a step uphill", sgd({ rate: -0.1 as never }), "optimiser: descent", /no smaller in 100 steps; is a sign or the rate wrong\?/],
    [
      "a state that grows",
      { init: () => [] as readonly Tensor[], update: (g, s) => [g, [...(s as readonly Tensor[]), tensor(1)]] },
      "optimiser: types",
      /the state after an update is a tree \[_\], expected \[\]/,
    ],
    [
      "memory outside of the state",
      {
        init: good.init,
        update: (g, s, p) => {
          const [updates, next] = good.update(g as { a: Tensor; b: [Tensor] }, s as S, p)
          return [{ ...updates, a: mul(updates.a, 1 + (remembered++ % 7) / 7) }, next]
        },
      },
      "optimiser: storage",
      /a run that was stored after every step/,
    ],
    [
      "one parameter that is treated otherwise",
      {
        init: good.init,
        update: (g, s, p) => {
          const [updates, next] = good.update(g as { a: Tensor; b: [Tensor] }, s as S, p)
          return [{ ...updates, a: mul(updates.a, 2) }, next]
        },
      },
      "optimiser: names",
      /under the other's name/,
    ],
  ]
  test.each(wrong)("find %s", async (_, o, law, why) => {
    const found = await failure(laws.optimiser(o), few)
    expect(found.law).toBe(law)
    expect(found.why).toMatch(why)
  })
})

/** An op's record with one field replaced, under another name. */
const changed = (name: string, as: string, change: Partial<AnyOp>): AnyOp => defineOp({ ...opNamed(name), name: as, ...change } as AnyOp)

describe("laws of vmap", () => {
  const args = [normal([2, 3]), normal([3])] as const
  test("hold for functions of the library", async () => {
    await laws.assert(
      laws.vmap((a: Tensor<[2, 3]>, b: Tensor<[3]>) => tanh(einsum("ij,j->i", a, b) as Tensor), args as never),
      few,
    )
  })

  test("find a batch rule that mixes rows", async () => {
    const good = opNamed("tanh")
    const mixing = changed("tanh", "mixing tanh", {
      batch: (params, inputs, batched, size) => {
        const { outputs, batched: rows } = good.batch(params, inputs, batched, size)
        return {
          outputs: outputs.map((y) => sub(y as Tensor, mul(mean(y as Tensor, [0]), 0.5) as Tensor) as never),
          batched: rows,
        }
      },
    })
    const found = await failure(
      laws.vmap((x: Tensor<[2]>) => apply(mixing, {}, [x])[0] as Tensor, [normal([2])]),
      few,
    )
    expect(found.law).toBe("vmap is map")
    expect(found.counterexample).toContain("rows in [true]\nrow 0")
    expect(found.culprit).toMatchObject({ op: "mixing tanh", rule: "batch" })
  })
})

describe("laws of targets", () => {
  test("hold for a function with a solve in it", async () => {
    const f = (x: Tensor<[3]>) => mean(square(exp(tanh(x))))
    const [report] = await laws.assert(laws.targets(f, [normal([3])], ["wasm", "wasm:f64", "gpu:cpu", "gpu:webasm"]), { runs: 5 })
    expect(report?.worst).toBeGreaterThan(0)
  })

  test("find a program that is another one on the target, and name it", async () => {
    let traced = 0
    const drifting = (x: Tensor<[3]>) => mul(x, 1 + traced++ / 1024)
    const found = await failure(laws.targets(drifting, [awayFromZero([3])], ["wasm"]), { runs: 3 })
    expect(found.why).toMatch(/^output 0 on wasm at \[\d\] is .* allowed /)
  })

  test("a target that is missing is the failure", async () => {
    const found = await failure(
      laws.targets((x: Tensor<[2]>) => relu(x), [awayFromZero([2])], ["gpu:headlessgl"]),
      { runs: 1 },
    )
    expect(found.why).toContain("gpu:headlessgl is not available")
  })
})
