/** Steady states, implicit steps, eigenpairs and Lyapunov equations: closed forms, other ops, and refusals. */
import { describe, expect, it, test } from "vitest"
import { grad, type Tensor } from "../../../src/core/index.js"
import { eigenpair, implicitEulerStep, lyapunov, newton, odeSteadyState, picard, steadyState } from "../../../src/implicit/index.js"
import { add, dot, eigh, einsum, indexAxis, mul, neg, sub, sum } from "../../../src/ops/index.js"
import { number, numbers, outcome, relativeError } from "../../support/outcome.js"
import { jacobianIs, s, sameOnTargets, secondDerivatives, t } from "./support.js"

const tight = { atol: 1e-14, rtol: 1e-14 }
type Scalar = Tensor<[]>

describe("a flow with two stable states, u' = u - u^3 + p", () => {
  const flow = (p: Scalar) => (u: Scalar) => add(sub(u, mul(u, mul(u, u))), p) as Scalar
  const followed = (start: number) => (p: Scalar) => odeSteadyState(flow(p), s(start), newton(tight))

  it("Newton's method finds the unstable state that is near, the flow the stable one that it goes to", () => {
    expect(number(steadyState(flow(s(0)), s(0.1), newton()))).toBeCloseTo(0, 10)
    expect(number(followed(0.1)(s(0)))).toBeCloseTo(1, 13)
    expect(number(followed(-0.1)(s(0)))).toBeCloseTo(-1, 13)
  })

  it("has the derivative of the root, -1/h_u, whatever the path", () => {
    for (const start of [0.1, 0.5, 3]) expect(number(grad(followed(start))(s(0)))).toBeCloseTo(0.5, 12)
    // u'' = 6 u u'^2 / (1 - 3u^2) = -... at u = 1: -6/4/2
    const second = secondDerivatives((p) => followed(0.1)(dot(p, t([1])) as Scalar), [0], [1], [1])
    for (const found of second) expect(found).toBeCloseTo(-0.75, 11)
  })

  it("does not depend on where it starts or how it steps", () => {
    const at = (u0: Scalar) => odeSteadyState(flow(s(0)), u0, newton(), { step: 0.01, turns: 200 })
    expect(number(grad(at)(s(0.1)))).toBe(0)
  })

  it("too few turns leave the rest to the solver, which is told of", () => {
    const never = odeSteadyState((u: Scalar) => add(mul(u, u), 1) as Scalar, s(0.1), newton(), { turns: 3 })
    expect(outcome(never).refused).toMatchObject([{ site: "odeSteadyState" }])
  })

  it("is the same on the targets", () => sameOnTargets((p: Scalar) => odeSteadyState(flow(p), s(0.1), newton()), s(0.2)))
})

test("a stiff flow of a tree is followed with few steps", () => {
  interface Pair {
    readonly fast: Scalar
    readonly slow: Tensor
  }
  const h = ({ fast, slow }: Pair): Pair => ({
    fast: mul(sub(sum(slow), fast), 1e6) as Scalar,
    slow: sub(t([1, 2]), mul(slow, add(fast, 1))) as Tensor,
  })
  const { fast, slow } = odeSteadyState(h, { fast: s(0), slow: t([0, 0]) }, newton(tight), { turns: 30 })
  // f = s1 + s2 = 3/(1 + f): f^2 + f = 3
  const f = (Math.sqrt(13) - 1) / 2
  expect(relativeError([f, 1 / (1 + f), 2 / (1 + f)], numbers([fast, slow]))).toBeLessThan(1e-12)
})

describe("implicit Euler", () => {
  const K = [
    [-1, 2],
    [0, -3],
  ]
  it("solves (I - h K) y1 = y0, as a tree too; derivatives in y0 and h", () => {
    const step = (y0: Tensor, h: Scalar | number) => implicitEulerStep((y: Tensor) => einsum("ij,j->i", t(K), y), y0, h, newton(tight))
    // (I - h K) = [[1.5, -1], [0, 2.5]] at h = 1/2
    expect(relativeError([1.2, 0.8], numbers(step(t([1, 2]), 0.5)))).toBeLessThan(1e-14)
    jacobianIs(
      (y0) => step(y0, 0.5),
      [1, 2],
      [
        [1 / 1.5, 1 / 3.75],
        [0, 0.4],
      ],
    )
    // dy1/dh = (I - h K)^-1 K y1
    const dh = [0.4 / 1.5 + -2.4 / 3.75, -2.4 * 0.4]
    expect(
      relativeError(
        dh,
        [0, 1].map((i) => number(grad((h: Scalar) => indexAxis(step(t([1, 2]), h), 0, i) as Scalar)(s(0.5)))),
      ),
    ).toBeLessThan(1e-13)
    const tree = implicitEulerStep(
      ({ a, b }: { a: Scalar; b: Scalar }) => ({ a: sub(mul(b, 2), a) as Scalar, b: mul(b, -3) as Scalar }),
      { a: s(1), b: s(2) },
      0.5,
      newton(tight),
    )
    expect(relativeError([1.2, 0.8], numbers(tree))).toBeLessThan(1e-14)
  })

  it("many steps tend to the exponential", () => {
    let y = s(1)
    for (let k = 0; k < 20; k++) y = implicitEulerStep((y: Scalar) => neg(y) as Scalar, y, 0.05, picard(tight))
    expect(number(y)).toBeCloseTo(1.05 ** -20, 13)
  })

  it("is the same on the targets", () =>
    sameOnTargets((y: Tensor) => sum(implicitEulerStep((y: Tensor) => neg(mul(y, mul(y, y))) as Tensor, y, 0.3, newton())), t([1, -2])))
})

describe("eigenpair", () => {
  const A = [
    [2, 1, 0],
    [1, 3, -1],
    [0, -1, 5],
  ]
  const symmetric = (a: Tensor) => mul(add(a, einsum("ij->ji", a)), 0.5) as Tensor
  const near = { value: s(5.4), vector: t([0.1, 0.4, -0.9]) }
  const found = (a: Tensor) => eigenpair(symmetric(a), near, newton(tight))
  // eigh makes the largest component positive, the start above makes it negative
  const byEigh = (a: Tensor) => {
    const { values, vectors } = eigh(symmetric(a))
    return { value: indexAxis(values, 0, 2) as Scalar, vector: neg(indexAxis(vectors, 1, 2)) as Tensor }
  }
  const mixed = ({ value, vector }: ReturnType<typeof found>) => add(mul(value, value), dot(vector, t([1, -2, 3]))) as Scalar

  it("is the pair of eigh, and so are its first derivatives", () => {
    expect(
      relativeError(numbers([byEigh(t(A)).value, byEigh(t(A)).vector]), numbers([found(t(A)).value, found(t(A)).vector])),
    ).toBeLessThan(1e-13)
    const [own, other] = [found, byEigh].map((f) => numbers(grad((a: Tensor) => mixed(f(a)))(t(A)))) as [
      readonly number[],
      readonly number[],
    ]
    expect(relativeError(other, own)).toBeLessThan(1e-12)
  })

  it("and its second derivatives, by every mixture of modes", () => {
    const flat = (f: (a: Tensor) => ReturnType<typeof found>) => (a: Tensor) => mixed(f(a.shape.length === 2 ? a : a))
    const direction = (f: (a: Tensor) => ReturnType<typeof found>) => (p: Tensor) =>
      flat(f)(
        add(
          t(A),
          mul(
            dot(p, t([1])),
            t([
              [1, 2, 3],
              [0, -1, 1],
              [2, 0, 1],
            ]),
          ),
        ) as Tensor,
      )
    const expected = secondDerivatives(direction(byEigh), [0], [1], [1])
    secondDerivatives(direction(found), [0], [1], [1]).forEach((x, i) => void expect(x / (expected[i] as number)).toBeCloseTo(1, 10))
  })

  it("of a matrix that is not symmetric: mu' = y'A'v / y'v", () => {
    // [[2, 1], [0, 5]]: mu = 5, v = (1, 3)/sqrt(10), y = (0, 1)
    const value = (a: Tensor) => eigenpair(a, { value: s(5.1), vector: t([0.3, 1]) }, newton(tight)).value
    expect(
      relativeError(
        [0, 0, 1 / 3, 1],
        numbers(
          grad(value)(
            t([
              [2, 1],
              [0, 5],
            ]),
          ),
        ),
      ),
    ).toBeLessThan(1e-13)
  })

  it("at a multiple eigenvalue a derivative is refused", () => {
    const value = (a: Tensor) => eigenpair(a, { value: s(2), vector: t([1, 0]) }, newton()).value
    expect(
      outcome(
        grad(value)(
          t([
            [2, 0],
            [0, 2],
          ]),
        ),
      ).refused,
    ).toMatchObject([{ site: "eigenpair'", status: "Singular" }])
  })

  it("is the same on the targets, and names wrong shapes", async () => {
    await sameOnTargets((a: Tensor) => mixed(eigenpair(symmetric(a), near, newton())), t(A))
    expect(() => eigenpair(t([[1, 2]]), near, newton())).toThrow(
      /eigenpair: expected A of float\[n, n\] and a vector of float\[n\], found float\[1, 2\]/,
    )
  })
})

describe("lyapunov", () => {
  const A = [
    [0.5, 0.2],
    [0, 0.3],
  ]
  it("X - A X A' = Q for a Q that is not symmetric", () => {
    const Q = t([
      [1, 2],
      [-1, 3],
    ])
    const X = lyapunov(t(A), Q)
    const left = sub(X, einsum("ik,jk->ij", einsum("ij,jk->ik", t(A), X), t(A))) as Tensor
    expect(relativeError(numbers(Q), numbers(left))).toBeLessThan(1e-14)
  })

  it("is the covariance that x <- A x + noise settles at", () => {
    let X = t([
      [0, 0],
      [0, 0],
    ])
    for (let k = 0; k < 60; k++)
      X = add(
        einsum("ik,jk->ij", einsum("ij,jk->ik", t(A), X), t(A)),
        t([
          [1, 0.5],
          [0.5, 2],
        ]),
      ) as Tensor
    expect(
      relativeError(
        numbers(X),
        numbers(
          lyapunov(
            t(A),
            t([
              [1, 0.5],
              [0.5, 2],
            ]),
          ),
        ),
      ),
    ).toBeLessThan(1e-14)
  })

  it("is refused where there is none, and names wrong shapes", () => {
    expect(outcome(lyapunov(t([[1]]), t([[1]]))).refused).toMatchObject([{ site: "lyapunov", status: "Singular" }])
    expect(() => lyapunov(t([[1]]), t([1]))).toThrow(/lyapunov: expected A and Q of float\[n, n\], found float\[1, 1\] and float\[1\]/)
  })

  it("is the same on the targets", () =>
    sameOnTargets(
      (a: Tensor) =>
        sum(
          mul(
            lyapunov(
              a,
              t([
                [1, 0],
                [0, 2],
              ]),
            ),
            t([
              [1, 2],
              [3, 4],
            ]),
          ),
        ),
      t(A),
    ))
})
