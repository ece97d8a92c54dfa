/** Solves inside loops: a linear solve in a scan that is transposed, a fixed point in a vmapped whileLoop. */
import { describe, expect, it } from "vitest"
import { evaluate, grad, jvp, type Tensor, tensor, vjp } from "../../src/core/index.js"
import {
  anderson,
  broyden,
  dense,
  exact,
  fixedPoint,
  gmres,
  linearSolve,
  newton,
  perRow,
  solveFixedPoint,
} from "../../src/implicit/index.js"
import { add, checkpoint, cos, dot, indexAxis, jacobian, less, mul, scan, slice, sum, tanh, vmap, whileLoop } from "../../src/ops/index.js"
import { apply, times } from "../support/contraction.js"
import { left } from "../support/either.js"
import { number, numbers, outcome, relativeError } from "../support/outcome.js"

const m0 = tensor([
  [2, 0.5],
  [-0.25, 1.5],
]) as Tensor
const us = tensor([
  [1, 0.2],
  [-0.5, 0.7],
  [0.3, -1],
]) as Tensor

describe.each([
  ["dense", dense()],
  ["gmres", gmres({ rtol: 1e-14 })],
] as const)("a linear solve (%s) inside a scan", (_, solver) => {
  /** Implicit Euler with a step that depends on the state: (M + diag z) z' = z + u. */
  const run = (m: Tensor, z0: Tensor, wrap: <F>(f: F) => F = (f) => f) => {
    const step = wrap((z: Tensor, u: Tensor) =>
      linearSolve((x: Tensor) => add(apply(m, x), mul(z, x)) as Tensor, add(z, u) as Tensor, { solver }),
    )
    return scan((z: Tensor, u: Tensor) => [step(z, u), z] as const, z0, us)[0]
  }
  const z0 = tensor([0.5, 0.1]) as Tensor
  const writtenOut = (m: Tensor, z: Tensor) =>
    [0, 1, 2].reduce(
      (s, i) => linearSolve((x: Tensor) => add(apply(m, x), mul(s, x)) as Tensor, add(s, indexAxis(us, 0, i)) as Tensor, { solver }),
      z,
    )

  it("is solved backwards by the transposed scan", () => {
    const by = (f: (m: Tensor, z: Tensor) => Tensor) => numbers(vjp(f, m0, z0)[1](tensor([1, -2]) as Tensor))
    expect(
      relativeError(
        by(writtenOut),
        by((m, z) => run(m, z)),
      ),
    ).toBeLessThan(1e-13)
    expect(by((m, z) => run(m, z, checkpoint as never))).toEqual(by((m, z) => run(m, z)))
  })

  it("forward and reverse mode agree, first and second order", () => {
    const dm = tensor([
      [0.3, -1],
      [0.5, 0.25],
    ]) as Tensor
    const f = (m: Tensor) => sum(tanh(run(m, z0)))
    const g = grad(f)
    expect(number(jvp(f, [m0], [dm])[1])).toBeCloseTo(number(dot(g(m0) as Tensor<[2]>, dm as Tensor<[2]>)), 12)
    const forwardReverse = numbers(jvp((m: Tensor) => g(m) as Tensor, [m0], [dm])[1])
    const reverseReverse = numbers(grad((m: Tensor) => dot(g(m) as Tensor<[2]>, dm as Tensor<[2]>))(m0))
    expect(relativeError(forwardReverse, reverseReverse)).toBeLessThan(1e-12)
  })

  it("a system that is singular at one turn only is refused", () => {
    const z1 = tensor([-2, 0]) as Tensor // M + diag z has a vanishing corner, and the turn before it none
    const corner = tensor([
      [2, 0],
      [0, 1.5],
    ]) as Tensor
    expect(left(evaluate(run(corner, z1)))).toMatchObject({ _tag: "NotConverged", solves: [{ site: "linearSolve" }] })
  })
})

describe.each([
  ["newton", newton()],
  ["anderson", anderson({ memory: 2, adjoint: exact(gmres()) })],
  ["broyden", broyden()],
] as const)("a solve (%s) inside a vmapped whileLoop", (_, solver) => {
  /** Goes on until the state is small; the number of turns differs from row to row. */
  const run = (w: Tensor<[]>, x: Tensor<[]>) =>
    whileLoop(
      ({ n }: { readonly n: Tensor<[]>; readonly z: Tensor<[]> }) => less(n, x),
      ({ n, z }) => ({
        n: add(n, 1) as Tensor<[]>,
        z: fixedPoint((y: Tensor<[]>) => cos(add(mul(y, w), z)) as Tensor<[]>, tensor(0.5) as Tensor<[]>, solver),
      }),
      { n: tensor(0) as Tensor<[]>, z: x },
    ).z
  const xs = tensor([2, 0, 5, 3.5]) as Tensor
  const w0 = tensor(0.6) as Tensor<[]>
  const each = (of: (x: Tensor<[]>) => Tensor) => [0, 1, 2, 3].map((i) => number(of(indexAxis(xs, 0, i) as Tensor<[]>)))

  it("gives what each row gives alone, bit for bit", () =>
    expect(numbers(vmap((x: Tensor<[]>) => run(w0, x))(xs as never))).toEqual(each((x) => run(w0, x))))

  it("has tangents, those of rows alone, bit for bit", () => {
    const push = (x: Tensor<[]>) => jvp((w: Tensor<[]>) => run(w, x), [w0], [tensor(1) as Tensor<[]>])[1]
    expect(numbers(vmap(push as never)(xs as never))).toEqual(each(push))
    expect(numbers(push(indexAxis(xs, 0, 1) as Tensor<[]>))).toEqual([0])
  })

  it("has a Jacobian by forward mode, and a reverse mode that says what to use instead", () => {
    const f = (w: Tensor) => vmap((x: Tensor<[]>) => run(sum(w) as Tensor<[]>, x))(xs as never) as Tensor
    expect(numbers(jacobian(f)(tensor([0.6]) as Tensor))).toEqual(
      each((x) => jvp((w: Tensor<[]>) => run(w, x), [w0], [tensor(1) as Tensor<[]>])[1]),
    )
    expect(() => grad((w: Tensor) => sum(f(w)))(tensor([0.6]) as Tensor)).toThrow(/use scan with a fixed length, or fixedPoint/)
  })
})

describe("perRow(broyden)", () => {
  it("equals the rows solved one at a time: values, statuses, counts and gradients, bit for bit", () => {
    const w = tensor([
      [0.84, -1.32, 0.18],
      [0.48, 0.66, -1.02],
      [-0.54, 0.3, 0.36],
    ]) as Tensor
    const rows = tensor(Array.from({ length: 6 }, (_, i) => [0.4 * i - 1, Math.sin(i), 0.25 * i])) as Tensor
    const solver = perRow(broyden({ memory: 3, onFailure: "useBest" }))
    const solve = (x: Tensor) => {
      const layer = (v: Tensor) => solveFixedPoint((z: Tensor) => tanh(add(times(z, w), v)) as Tensor, mul(v, 0), solver)
      const s = layer(x)
      return [s.z, s.status, s.residual, s.evaluations, grad((v: Tensor) => sum(layer(v).z))(x) as Tensor] as const
    }
    const together = outcome(solve(rows)).values
    const alone = Array.from({ length: 6 }, (_, i) => outcome(solve(slice(rows, { start: [i], end: [i + 1] }))).values)
    expect(together).toEqual(together.map((_, k) => alone.flatMap((v) => v[k] as readonly number[])))
    // the line search works: w is no contraction, and rows take different numbers of evaluations
    expect(new Set(together[3]).size).toBeGreaterThan(3)
    expect(together[1]).toEqual([1, 1, 1, 1, 1, 1])
  })
})
