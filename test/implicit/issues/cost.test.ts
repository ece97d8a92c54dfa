/** Precision, memory and cost. Items as in docs/peers-faults.md. */
import { describe, expect, it } from "vitest"
import { closeBody, compile, evaluate, type Graph, grad, openSession, type Tensor, tensor, toArray } from "../../../src/core/index.js"
import { anderson, auto, exact, fixedPoint, linearSolve, newton, picard, type Solver } from "../../../src/implicit/index.js"
import { autoencoderSight } from "../../../src/models/families/index.js"
import { type Context, dense } from "../../../src/models/layers/index.js"
import { adam } from "../../../src/models/optim/index.js"
import {
  adjointOf,
  jacobians,
  type SlotAutoencoderParams,
  type SlotAutoencoderSpec,
  slotAttention,
  slotAutoencoder,
  slotSolver,
} from "../../../src/models/slot-attention/index.js"
import { type State, train } from "../../../src/models/training/index.js"
import { add, cos, iota, key, max, mean, mul, normal, relu, square, sub, sum, tanh } from "../../../src/ops/index.js"
import { settled } from "../../models/slot-attention/support.js"
import { A, affine, b, c13, zero2 } from "../../support/contraction.js"
import { left, right } from "../../support/either.js"
import { inTurns, solverList } from "../../support/implicit-lists.js"
import { number, numbers, outcome, solveOf } from "../../support/outcome.js"

type Scalar = Tensor<[]>

// https://github.com/google/jaxopt/issues/338, .../419
describe("28: a projection is on the simplex to rounding, whatever its size", () => {
  it("ten thousand numbers, by the root of its multiplier", () => {
    const n = 10_000
    const x = mul(cos(mul(tensor(Array.from({ length: n }, (_, i) => i)), 1.7)), 3) as Tensor
    const project = (v: Tensor) => {
      // sum(relu(v - nu)) = 1; Newton from below is monotone for a convex function
      const nu = fixedPoint(
        (t: Scalar) => add(t, sub(sum(relu(sub(v, t))), 1)) as Scalar,
        sub(max(v), 1) as Scalar,
        newton({ atol: 1e-13, rtol: 0 }),
      )
      return relu(sub(v, nu)) as Tensor
    }
    const p = numbers(project(x))
    expect(p.every((y) => y >= 0)).toBe(true)
    // the sum of some thousand numbers of at most one rounds by a few units
    expect(Math.abs(p.reduce((s, y) => s + y, 0) - 1)).toBeLessThan(1e-12)
  })
})

// https://github.com/patrick-kidger/optimistix/issues/155, .../207, https://github.com/google/jaxopt/issues/547, https://github.com/jax-ml/jax/issues/6286
describe("37: precision is the target's, and nothing is promoted", () => {
  it.each([
    ["interpreter", 1e-10, 0],
    ["wasm:f64", 1e-10, 0],
    ["wasm", 1e-4, 1e-9],
  ] as const)("on %s", async (target, most, least) => {
    const program = compile((z0: Scalar) => fixedPoint((z: Scalar) => cos(z) as Scalar, z0, anderson()), { target })
    const found = number(right(await program(tensor(1) as Scalar)()))
    program.dispose()
    const error = Math.abs(found - 0.7390851332151606)
    expect(error).toBeLessThan(most)
    expect(error).toBeGreaterThanOrEqual(least)
    expect(found === Math.fround(found)).toBe(target === "wasm")
  })

  it("a state of whole numbers is refused, and so is a map that casts", () => {
    expect(() => fixedPoint((z: Tensor) => z, iota(3) as never, picard())).toThrow(/must be float, found int\[3\]/)
    expect(() => fixedPoint((_: Tensor) => iota(2) as never, zero2, picard())).toThrow(/float\[2\].*int\[2\]/s)
  })
})

/** Equations of a graph and of all bodies in it. */
const size = (graph: Graph): number =>
  graph.equations.reduce(
    (n, { params }) =>
      n + 1 + Object.values((params ?? {}) as Record<string, unknown>).reduce<number>((m, v) => m + (isGraph(v) ? size(v) : 0), 0),
    0,
  )
const isGraph = (v: unknown): v is Graph => typeof v === "object" && v !== null && "equations" in v

// https://github.com/facebookresearch/higher/issues/6, .../25, .../37, .../75, https://github.com/metaopt/torchopt/pull/113,
// https://github.com/patrick-kidger/optimistix/issues/218, https://github.com/optiland/optiland/pull/554
describe("38: what the backward pass keeps does not depend on the number of iterations", () => {
  const made = (solver: Solver) =>
    size(
      closeBody("test", [{ elem: "float", shape: [2] }], ([c]) => [
        grad((v: Tensor) => sum(tanh(fixedPoint(affine(A, v), zero2, solver))))(c as Tensor),
      ]).graph,
    )
  it.each(inTurns(3))("by $one.name with $two.name", ({ one, two }) => {
    const of = (maxEvaluations: number) => made({ ...one.value, adjoint: two.value, maxEvaluations })
    expect(of(1000)).toBe(of(10))
  })

  it("nor do the bytes of the compiled program", async () => {
    const bytes = async (maxEvaluations: number) => {
      const program = compile(
        grad((c: Tensor) => sum(fixedPoint(affine(A, c), zero2, anderson({ maxEvaluations })))),
        { target: "wasm" },
      )
      const told = right(await program.explain(b)())
      program.dispose()
      return told.match(/[\d.]+ [kMG]?B\b/g)
    }
    const [few, many] = [await bytes(10), await bytes(1000)]
    expect(few).not.toBeNull()
    expect(many).toEqual(few)
  })
})

// https://github.com/patrick-kidger/optimistix/issues/93
describe("39: the automatic choice builds no matrix that is large", () => {
  it.each([65, 600])("of %i unknowns: products only, and few", (n) => {
    const slopes = tensor(Array.from({ length: n }, (_, i) => 0.9 * Math.cos(i))) as Tensor
    const loss = (c: Tensor) =>
      sum(fixedPoint((z: Tensor) => add(mul(z, slopes), c) as Tensor, c, anderson({ adjoint: exact(auto()), name: "wide" })))
    const { evaluations, status } = solveOf(grad(loss)(tensor(Array.from({ length: n }, () => 1)) as Tensor), "wide'")
    expect(status).toBe("Converged")
    expect(evaluations).toBeLessThan(65)
  })

  it("of 64 unknowns it builds one, and of a linear solve the same", () => {
    const n = 64
    const x = linearSolve((v: Tensor) => mul(v, 2), tensor(Array.from({ length: n }, () => 1)) as Tensor)
    expect(solveOf(x, "linearSolve").evaluations).toBe(n + 1)
  })
})

// https://github.com/google-research/google-research/issues/567
describe("41: slot attention trains without its gradient blowing up", () => {
  it("300 updates on toy scenes: every gradient is finite, and the spectral radius is told", async () => {
    const spec: SlotAutoencoderSpec = {
      _tag: "slotAutoencoder",
      encoder: dense(3, 4).spec,
      attention: slotAttention({ inputs: 4, slots: 2, width: 4, hidden: 5, solver: slotSolver(3, adjointOf("oneStep", 3)) }).spec,
      decoder: { _tag: "broadcastDecoder", height: 2, width: 3, inputs: 4, hidden: 5, layers: 1, channels: 3, frequencies: 0 },
    }
    const model = slotAutoencoder(spec)
    const optimiser = adam({ rate: 0.01 })
    const context: Context = { key: key(3), mode: "train" }
    const images = right(evaluate(normal(key(9), [4, 2, 3, 3]) as Tensor)) as Tensor
    const loss = (params: SlotAutoencoderParams, batch: Tensor) =>
      [mean(square(sub(model.apply(params, batch, context).reconstruction, batch))) as Scalar, {}] as const
    const session = right(await openSession("wasm")())
    const look = session.compile((params: SlotAutoencoderParams) => {
      const { spec: own, params: of, refinement } = autoencoderSight(spec, 3).slotMap(params, images, context)
      return jacobians(own, of, refinement, { iterations: 3, powers: 16 }, context).radii
    })
    const params = settled(model.init(key(4)))
    const state: State<SlotAutoencoderParams> = [params, settled(optimiser.init(params))]
    const [seen, losses]: [number[], number[]] = [[], []]
    let told: readonly number[] = []
    // a step whose loss or gradient is not finite is a Left
    for await (const step of train({ session, loss, optimiser, seed: 0, batch: () => images }, { step: 0, state })) {
      const { metrics, state: now } = right(step)
      seen.push(metrics.gradientNorm as number)
      losses.push(metrics.loss as number)
      if (seen.length < 300) continue
      told = numbers(right(await look(now[0] as never)()))
      break
    }
    session.close()
    expect(seen.every(Number.isFinite)).toBe(true)
    expect(Math.max(...seen)).toBeLessThan(100)
    expect(losses[299]).toBeLessThan(losses[0] as number)
    expect(told).toHaveLength(4)
    expect(told.every((r) => Number.isFinite(r) && r >= 0)).toBe(true)
  })
})

// https://github.com/xuchen-ethz/snarf/issues/1, https://github.com/xuchen-ethz/snarf/issues/12
describe("42: the best iterate is a value, which later iterates can't touch", () => {
  it.each(solverList)("by $name: the best of a longer search is no worse than that of a shorter one", ({ value }) => {
    const f = (z: Tensor) => add(mul(mul(z, z), 0.9), tensor([0.4, -0.3])) as Tensor
    const best = (maxEvaluations: number) =>
      outcome(fixedPoint(f, tensor([1.3, -1.2]) as Tensor, { ...value, maxEvaluations, onFailure: "useBest" })).solves[0]
        ?.residual as number
    const all = [1, 2, 4, 8, 16].map(best)
    all.forEach((r, i) => void (i > 0 && expect(r).toBeLessThanOrEqual(all[i - 1] as number)))
  })

  it("what is handed out is a copy", () => {
    const z = fixedPoint(c13, zero2, picard())
    const [first, second] = [right(evaluate(z)), right(evaluate(z))]
    const before = [...toArray(second)]
    toArray(first).fill(7)
    expect([...toArray(second)]).toEqual(before)
    expect(left(evaluate(fixedPoint((v: Tensor) => add(v, 1) as Tensor, zero2, picard())))._tag).toBe("NotConverged")
  })
})
