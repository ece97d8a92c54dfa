/**
 * checkpointed(steps, snapshots): the gradient of the plain loop, bit for bit (L22), in the memory and with the repeated steps that
 * Griewank and Walther's theorem allows.
 *
 * Theory. With s snapshots (the initial state among them) and no step made more than r times again, C(s + r, s) steps can be reversed;
 * the fewest steps made again in all are t(l, s) = r l - C(s + r, s + 1), for the r with C(s + r - 1, s) < l <= C(s + r, s).
 */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { planMemory } from "../../src/core/compile/memory.js"
import type { Step } from "../../src/core/compile/schedule.js"
import {
  buildSchedule,
  closeBody,
  grad,
  harvestGraph,
  jvp,
  simplifyGraph,
  type Tensor,
  type TensorType,
  tensor,
} from "../../src/core/index.js"
import { interpreterCapabilities } from "../../src/core/targets/interpreter/index.js"
import { firstPart, reach } from "../../src/implicit/adjoints/checkpointed.js"
import {
  type Adjoint,
  checkpointed,
  damped,
  fixedPoint,
  isBiased,
  newton,
  perRow,
  picard,
  solveFixedPoint,
  unrolled,
} from "../../src/implicit/index.js"
import { add, hessian, matmul, mul, square, sum, tanh, vmap } from "../../src/ops/index.js"
import { number, numbers } from "../support/outcome.js"
import { exactTargets, numbersOn } from "../support/targets.js"

const W = tensor([
  [0.3, -0.4, 0.7],
  [0.2, 0.1, -0.6],
  [-0.5, 0.9, 0.25],
]) as Tensor
const x = tensor([
  [0.5, -0.3, 1.1],
  [-2, 0.7, 0.1],
]) as Tensor
interface P {
  readonly W: Tensor
  readonly x: Tensor
  readonly init: Tensor
}
const init = tensor([
  [0.15, -0.1, 0.3],
  [-0.6, 0.2, 0.05],
]) as Tensor
const at: P = { W, x, init }
/** A step that uses W twice, so that the order in which its cotangents are added shows. */
const layer =
  (adjoint: Adjoint, tau = 1) =>
  (p: P) =>
    sum(
      square(
        fixedPoint(
          (z: Tensor) => tanh(add(matmul(tanh(matmul(z, p.W) as Tensor), p.W), p.x) as Tensor) as Tensor,
          p.init,
          tau === 1 ? picard({ adjoint }) : damped(picard({ adjoint }), tau),
        ),
      ),
    ) as Tensor<[]>
const gradient = (adjoint: Adjoint, tau?: number) => numbers(grad(layer(adjoint, tau))(at))

describe("L22: the gradient is that of the plain loop, bit for bit", () => {
  it("for any number of steps and snapshots, to parameters and to the initial state", () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 13 }), fc.integer({ min: 1, max: 5 }), fc.constantFrom(1, 0.5), (steps, snapshots, tau) => {
        expect(gradient(checkpointed(steps, snapshots), tau)).toEqual(gradient(unrolled(steps), tau))
      }),
      {
        numRuns: 12,
        examples: [
          [0, 1, 1],
          [1, 1, 1],
          [2, 1, 1],
          [13, 2, 0.5],
        ],
      },
    ))

  it.each(exactTargets)("on %s", async (target) => {
    const run = (adjoint: Adjoint) => numbersOn(target, () => grad(layer(adjoint))(at))
    const [kept, made] = [await run(unrolled(9)), await run(checkpointed(9, 3))]
    expect(made).toEqual(kept)
    expect(kept.slice(-6).every((v) => v !== 0)).toBe(true) // it reaches the initial state
  })

  it("of a body that ignores what it carries: loops of length 0, 1 and more", () => {
    const f = (steps: number, adjoint: (n: number) => Adjoint) =>
      numbers(
        grad((p: { readonly c: Tensor<[]>; readonly init: Tensor<[]> }) =>
          fixedPoint((_: Tensor<[]>) => mul(p.c, 2) as Tensor<[]>, p.init, picard({ adjoint: adjoint(steps) })),
        )({ c: tensor(3) as Tensor<[]>, init: tensor(5) as Tensor<[]> }),
      )
    for (const steps of [0, 1, 2, 5]) {
      expect(f(steps, (n) => checkpointed(n, 2))).toEqual(steps === 0 ? [0, 1] : [2, 0])
      expect(f(steps, (n) => checkpointed(n, 2))).toEqual(f(steps, unrolled))
    }
  })

  it("C49: known values", () => {
    const one = (p: { readonly b: Tensor<[]>; readonly x0: Tensor<[]> }) =>
      fixedPoint((z: Tensor<[]>) => add(mul(z, 0.5), p.b) as Tensor<[]>, p.x0, picard({ adjoint: checkpointed(4, 2) }))
    const from = { b: tensor(1) as Tensor<[]>, x0: tensor(3) as Tensor<[]> }
    expect(number(one(from))).toBe(2.0625)
    expect(numbers(grad(one)(from))).toEqual([1.875, 0.0625])
  })
})

describe("every order and every transform", () => {
  const scalar = (adjoint: Adjoint) => (c: Tensor) =>
    sum(fixedPoint((z: Tensor) => tanh(add(mul(z, c), 0.5)) as Tensor, mul(c, 0.1) as Tensor, picard({ adjoint }))) as Tensor<[]>
  const c = tensor([0.7, -0.4]) as Tensor

  it("Hessians are those of the plain loop", () => {
    const [kept, made] = [numbers(hessian(scalar(unrolled(6)))(c)), numbers(hessian(scalar(checkpointed(6, 2)))(c))]
    made.forEach((v, i) => void expect(v).toBeCloseTo(kept[i] as number, 13))
    expect(kept[0]).not.toBe(0)
  })

  it("so are tangents, and rows of vmap", () => {
    const tangent = (adjoint: Adjoint) => numbers(jvp(scalar(adjoint), [c], [tensor([1, 2]) as Tensor]))
    expect(tangent(checkpointed(6, 2))).toEqual(tangent(unrolled(6)))
    const rows = (adjoint: Adjoint) => numbers(grad((v: Tensor) => sum(vmap(scalar(adjoint))(v)))(W))
    expect(rows(checkpointed(6, 2))).toEqual(rows(unrolled(6)))
  })

  it("status and residual are told as for the plain loop", () => {
    const told = (adjoint: Adjoint) => numbers(solveFixedPoint((z: Tensor) => mul(z, 0.5) as Tensor, x, perRow(picard({ adjoint }))))
    expect(told(checkpointed(5, 2))).toEqual(told(unrolled(5)))
  })

  it("is unbiased, and refuses methods that are no repeated application", () => {
    expect(isBiased(picard({ adjoint: checkpointed(3, 1) }))).toBe(false)
    expect(() => checkpointed(3, 0)).toThrow("checkpointed: snapshots: expected a whole number of at least 1, found 0")
    expect(() => fixedPoint((z: Tensor) => mul(z, 0) as Tensor, x, newton({ adjoint: checkpointed(2, 1) }))).toThrow(
      /checkpointed: newton is not repeated application/,
    )
  })
})

/** The fewest steps made again, from the theorem. */
const fewest = (steps: number, snapshots: number): number => {
  let r = 0
  while (reach(snapshots, r) < steps) r++
  return r * steps - reach(snapshots + 1, r - 1)
}

describe("the split", () => {
  it("reach(s, r) is C(s + r, s)", () => {
    expect([reach(1, 4), reach(3, 2), reach(5, 3), reach(4, 0), reach(3, -1)]).toEqual([5, 10, 56, 1, 0])
  })

  it("repeats the fewest steps: those of the theorem, and of a search over all splits", () => {
    const best = new Map<string, number>()
    const search = (l: number, s: number): number => {
      if (l <= 1) return 0
      const known = best.get(`${l} ${s}`)
      if (known !== undefined) return known
      const last = s === 1 ? l - 1 : 1
      let least = Number.POSITIVE_INFINITY
      for (let m = last; m < l; m++) least = Math.min(least, m + search(l - m, Math.max(1, s - 1)) + search(m, s))
      best.set(`${l} ${s}`, least)
      return least
    }
    const split = (l: number, s: number): number => {
      if (l <= 1) return 0
      const m = firstPart(l, s)
      return m + split(l - m, Math.max(1, s - 1)) + split(m, s)
    }
    for (let s = 1; s <= 6; s++)
      for (let l = 1; l <= 60; l++) {
        expect([l, s, split(l, s)]).toEqual([l, s, fewest(l, s)])
        expect([l, s, search(l, s)]).toEqual([l, s, fewest(l, s)])
      }
  })
})

describe("what the compiled program does", () => {
  const [rows, width] = [64, 32]
  const state: TensorType = { elem: "float", shape: [rows, width] }
  const weight: TensorType = { elem: "float", shape: [width, width] }
  const scheduleOf = (adjoint: Adjoint) => {
    const { graph } = closeBody("test", [weight, state], ([w, z]) => [
      grad((v: Tensor) => sum(square(fixedPoint((c: Tensor) => tanh(matmul(c, v) as Tensor) as Tensor, z as Tensor, picard({ adjoint })))))(
        w as Tensor,
      ) as Tensor,
    ])
    return buildSchedule(simplifyGraph(harvestGraph(graph).graph), interpreterCapabilities)
  }
  const contractions = (steps: readonly Step[]): number =>
    steps.reduce(
      (n, s) =>
        n +
        (s.t === "loop" ? s.count * contractions(s.body) : s.t === "kernel" && s.nest.reduce !== null && s.name.includes("einsum") ? 1 : 0),
      0,
    )
  /** A step backwards takes as many contractions in both programs; the rest are evaluations of f, one each. */
  const evaluations = (steps: number, snapshots: number) =>
    contractions(scheduleOf(checkpointed(steps, snapshots)).steps) - contractions(scheduleOf(unrolled(steps)).steps) + steps
  const peak = (adjoint: Adjoint) => planMemory(scheduleOf(adjoint)).peak / (rows * width)

  it.each([
    [1, 1],
    [5, 1],
    [4, 3],
    [10, 3],
    [11, 3],
    [20, 3],
    [24, 4],
  ])("%i steps with %i snapshots: as many evaluations as the theorem allows", (steps, snapshots) => {
    expect(evaluations(steps, snapshots)).toBe(steps + fewest(steps, snapshots))
  })

  it("no more states are kept when the steps are more: one a snapshot, where the plain loop keeps two a step", () => {
    const grown = peak(unrolled(48)) - peak(unrolled(16))
    expect(grown).toBe(2 * 32)
    expect(peak(checkpointed(48, 3)) - peak(checkpointed(16, 3))).toBeLessThan(1)
    const [three, six] = [peak(checkpointed(48, 3)), peak(checkpointed(48, 6))]
    expect(six - three).toBeLessThanOrEqual(3)
    expect(three).toBeLessThan(3 + 8) // three snapshots, and what one step forwards and backwards takes
  })
})

it("regions too deep to be compiled are refused, with the snapshots that would do", () => {
  const f = (z: Tensor) => mul(z, 0.5) as Tensor
  const by = (steps: number, snapshots: number) => () =>
    fixedPoint(f, tensor([1]) as Tensor, picard({ adjoint: checkpointed(steps, snapshots) }))
  expect(by(1000, 1)).toThrow(
    "checkpointed: 1000 steps with 1 snapshot would be made again 999 times, one inside the other, at most 256 can be; take 2 snapshots or more",
  )
  expect(by(60, 1)).not.toThrow()
})
