/** One diverging row among rows that converge: reported under useBest and harmless to the others, a Left under reject. */
import { describe, expect, it } from "vitest"
import { compile, evaluate, grad, type Tensor, tensor, toArray } from "../../src/core/index.js"
import { anderson, broyden, fixedPoint, newtonKrylov, type Policy, picard, type Solver } from "../../src/implicit/index.js"
import { add, indexAxis, mul, sum, vmap } from "../../src/ops/index.js"
import { left, right } from "../support/either.js"
import { numbers, relativeError } from "../support/outcome.js"

// z = w z^2 / 2 + c has no solution for 2 w c > 1: that row runs away. Near 0 the others contract.
const cs = tensor([0.1, 3, -0.8, 0.3]) as Tensor
const solve = (w: Tensor<[]>, c: Tensor<[]>, solver: Solver) =>
  fixedPoint((z: Tensor<[]>) => add(mul(mul(mul(z, z), 0.5), w), c) as Tensor<[]>, tensor(0) as Tensor<[]>, solver)
const w0 = tensor(0.9) as Tensor<[]>
const row = (i: number) => indexAxis(cs, 0, i) as Tensor<[]>
const good = [0, 2, 3]

const methods: readonly (readonly [string, (onFailure: Policy) => Solver])[] = [
  ["picard", (onFailure) => picard({ onFailure, name: "layer" })],
  ["anderson", (onFailure) => anderson({ onFailure, name: "layer", memory: 1 })],
  ["broyden with line search", (onFailure) => broyden({ onFailure, name: "layer" })],
  ["newtonKrylov", (onFailure) => newtonKrylov({ onFailure, name: "layer" })],
]

describe.each(methods)("%s", (_, make) => {
  const all = (onFailure: Policy) => (w: Tensor<[]>) => vmap((c: Tensor<[]>) => solve(w, c, make(onFailure)))(cs as never) as Tensor

  it("useBest: the row is reported", async () => {
    const { report } = right(await compile(all("useBest"), { target: "interpreter" }).run(w0)())
    const [told] = report.solves
    expect(told?.site).toBe("layer")
    expect(["Diverged", "Stalled", "Exhausted", "NonFinite"]).toContain(told?.status)
    expect(told?.residual).toBeGreaterThan(0.1)
  })

  it("useBest: the others equal their separate solves, bit for bit", () => {
    const together = numbers(all("useBest")(w0))
    for (const i of good) expect(together[i]).toBe(numbers(solve(w0, row(i), make("reject")))[0])
  })

  it("useBest: gradients of the others equal theirs, and the sum over rows is finite", () => {
    const each = (c: Tensor<[]>) => grad((w: Tensor<[]>) => solve(w, c, make("useBest")))(w0) as Tensor
    const rows = numbers(vmap(each as never)(cs as never))
    for (const i of good) expect(rows[i]).toBe(numbers(each(row(i)))[0])
    const shared = numbers(grad((w: Tensor<[]>) => sum(all("useBest")(w)))(w0))
    expect(relativeError([rows.reduce((s, x) => s + x, 0)], shared)).toBeLessThan(1e-13)
  })

  it("reject: the program is a Left that names the solve", async () => {
    expect(left(evaluate(all("reject")(w0)))).toMatchObject({ _tag: "NotConverged", solves: [{ site: "layer" }] })
    const run = compile(all("reject"), { target: "interpreter" })
    expect(left(await run(w0)())).toMatchObject({ _tag: "NotConverged" })
  })

  it("reject: without that row it is a Right", () => {
    const others = tensor(good.map((i) => toArray(cs)[i] as number)) as Tensor
    const made = vmap((c: Tensor<[]>) => solve(w0, c, make("reject")))(others as never)
    expect(evaluate(made as never)._tag).toBe("Right")
  })
})
