/** A branch that is not taken, by a row or by any: it adds neither NaN nor a status, to no value and to no gradient. */
import { describe, expect, it } from "vitest"
import { compile, evaluate, grad, jvp, type Tensor, tensor } from "../../src/core/index.js"
import { anderson, fixedPoint, linearSolve, newton, picard } from "../../src/implicit/index.js"
import { add, cond, greater, hessian, indexAxis, less, log, mul, sin, sqrt, square, sum, tanh, vmap } from "../../src/ops/index.js"
import { right } from "../support/either.js"
import { number, numbers, outcome, relativeError } from "../support/outcome.js"

type Scalar = Tensor<[]>
const xs = tensor([0.7, -2, 1.4, -0.3]) as Tensor
const w0 = tensor(1.3) as Scalar
const row = (i: number) => indexAxis(xs, 0, i) as Scalar
const rows = [0, 1, 2, 3]

/** Sums of rows one at a time, by a function of a row. */
const total = (of: (x: Scalar) => Tensor) => rows.map((i) => numbers(of(row(i)))).reduce((a, b) => a.map((x, k) => x + (b[k] as number)))

const programs: Readonly<Record<string, (w: Scalar, x: Scalar) => Scalar>> = {
  "sqrt of what is negative in the other branch": (w, x) =>
    cond(
      greater(x, 0),
      () => sqrt(mul(x, w)) as Scalar,
      () => mul(x, w) as Scalar,
    ),
  "a solve that is NaN for the other rows": (w, x) =>
    cond(
      greater(x, 0),
      () => fixedPoint((z: Scalar) => tanh(add(mul(z, 0.5), sqrt(mul(x, w)))) as Scalar, tensor(0) as Scalar, newton({ name: "branch" })),
      () => sin(mul(x, w)) as Scalar,
    ),
  "a solve that diverges for the other rows": (w, x) =>
    cond(
      less(x, 0),
      () => fixedPoint((z: Scalar) => add(mul(z, mul(x, 0.25)), w) as Scalar, tensor(0) as Scalar, picard({ name: "branch" })),
      () => fixedPoint((z: Scalar) => mul(add(log(x), tanh(mul(z, w))), 0.5) as Scalar, tensor(0) as Scalar, anderson({ name: "other" })),
    ),
  "a linear solve that is singular for the other rows": (w, x) =>
    cond(
      greater(x, 0),
      () => linearSolve((v: Scalar) => mul(v, sqrt(x)) as Scalar, w, { name: "branch" }),
      () => mul(w, w) as Scalar,
    ),
}

describe.each(Object.entries(programs))("%s", (_, f) => {
  const summed = (w: Scalar) => sum(vmap((x: Scalar) => f(w, x))(xs as never) as Tensor) as Scalar

  it("vmap = rows one at a time, bit for bit", () =>
    expect(numbers(vmap((x: Scalar) => f(w0, x))(xs as never))).toEqual(rows.map((i) => number(f(w0, row(i))))))

  it("the gradient of a weight that all rows share is the sum of the rows'", () =>
    expect(
      relativeError(
        total((x) => grad((w: Scalar) => f(w, x))(w0) as Tensor),
        numbers(grad(summed)(w0)),
      ),
    ).toBeLessThan(1e-13))

  it("so is its tangent", () =>
    expect(
      relativeError(
        total((x) => jvp((w: Scalar) => f(w, x), [w0], [tensor(1) as Scalar])[1]),
        numbers(jvp(summed, [w0], [tensor(1) as Scalar])[1]),
      ),
    ).toBeLessThan(1e-13))

  it("so is its second derivative", () => {
    const of = (g: (w: Scalar) => Scalar) => hessian((w: Tensor) => g(sum(w) as Scalar))(tensor([1.3]) as Tensor)
    expect(
      relativeError(
        total((x) => of((w) => f(w, x))),
        numbers(of(summed)),
      ),
    ).toBeLessThan(1e-12)
  })

  it("gradients to the rows are finite and those of rows one at a time, bit for bit", () => {
    const each = (x: Scalar) => grad((v: Scalar) => f(w0, v))(x) as Tensor
    expect(numbers(vmap(each as never)(xs as never))).toEqual(rows.map((i) => number(each(row(i)))))
  })

  it("no status comes from a row that does not take the branch", () => expect(evaluate(grad(summed)(w0))._tag).toBe("Right"))
})

describe("a branch that no row takes", () => {
  const hopeless = (w: Scalar, x: Scalar) =>
    cond(
      greater(x, 100),
      () => fixedPoint((z: Scalar) => add(mul(z, 2), w) as Scalar, tensor(1) as Scalar, picard({ name: "hopeless" })),
      () => square(mul(x, w)) as Scalar,
    )

  it.each(["interpreter", "wasm:f64"] as const)("does not run: no evaluation, no status (%s)", async (target) => {
    const program = compile((w: Scalar, v: Tensor) => vmap((x: Scalar) => grad((q: Scalar) => hopeless(q, x))(w))(v as never) as Tensor, {
      target,
    })
    const { report } = right(await program.run(w0, xs)())
    for (const s of report.solves) expect(s).toMatchObject({ status: "NotRun", evaluations: 0 })
  })

  it("is refused as soon as one row takes it", () => {
    const { refused } = outcome(vmap((x: Scalar) => hopeless(w0, x))(tensor([1, 101]) as never))
    expect(refused).toMatchObject([{ site: "hopeless", status: "Diverged" }])
  })
})
