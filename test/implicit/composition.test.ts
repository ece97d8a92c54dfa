/** Solves inside solves, what f captures, and states that are trees. */
import { describe, expect, it } from "vitest"
import { closeExpression, grad, jvp, type Tensor, tensor } from "../../src/core/index.js"
import {
  anderson,
  broyden,
  exact,
  fixedPoint,
  gmres,
  newton,
  newtonKrylov,
  oneStep,
  picard,
  type Solver,
} from "../../src/implicit/index.js"
import { add, cast, cos, div, hessian, mul, sin, sum, tanh, vmap } from "../../src/ops/index.js"
import { A, apply, zero2 } from "../support/contraction.js"
import { number, numbers, outcome, relativeError, solveOf } from "../support/outcome.js"

type Scalar = Tensor<[]>
const s = (x: number) => tensor(x) as Scalar
const tight = { atol: 1e-15, rtol: 1e-15 }

describe("captured tensors are the parameters, wherever they hide", () => {
  // z = a z + b has the solution b / (1 - a)
  const value = (a: number, b: number) => b / (1 - a)
  const da = (a: number, b: number) => b / (1 - a) ** 2

  it("an argument, a captured scalar, a captured tree and a nested function give the same gradient", () => {
    const forms: readonly ((p: { readonly a: Scalar; readonly b: Scalar }) => Scalar)[] = [
      ({ a, b }) => fixedPoint((z: Scalar) => add(mul(z, a), b) as Scalar, s(0), anderson(tight)),
      (p) => fixedPoint((z: Scalar) => add(mul(z, p.a), p.b) as Scalar, s(0), anderson(tight)),
      (p) => {
        const step = (q: typeof p) => (z: Scalar) => add(mul(z, q.a), q.b) as Scalar
        return fixedPoint((z: Scalar) => step(p)(z), s(0), anderson(tight))
      },
    ]
    for (const f of forms) expect(relativeError([da(0.5, 1), value(0.5, 1)], numbers(grad(f)({ a: s(0.5), b: s(1) })))).toBeLessThan(1e-14)
  })

  it("a captured expression passes the gradient on", () =>
    expect(
      number(
        grad((t: Scalar) => {
          const a = mul(sin(t), 0.5) as Scalar
          return fixedPoint((z: Scalar) => add(mul(z, a), 1) as Scalar, s(0), newton())
        })(s(0.3)),
      ),
    ).toBeCloseTo(da(0.5 * Math.sin(0.3), 1) * 0.5 * Math.cos(0.3), 13))

  it("whole numbers among what f captures have no derivative, and take none away", () => {
    const layer = (p: { readonly x: Tensor; readonly times: Tensor<[2], "int"> }) =>
      fixedPoint((z: Tensor) => add(div(z, cast(p.times, "float")), p.x) as Tensor, zero2, anderson(tight))
    const times = tensor([2, 5], "int") as Tensor<[2], "int">
    const x = tensor([1, 2]) as Tensor
    // z = x n / (n - 1)
    expect(relativeError([2, 2.5], numbers(layer({ x, times })))).toBeLessThan(1e-14)
    expect(relativeError([2, 1.25], numbers(grad((x: Tensor) => sum(layer({ x, times })))(x)))).toBeLessThan(1e-14)
    const rows = vmap((x: Tensor, times: Tensor<[2], "int">) => grad((x: Tensor) => sum(layer({ x, times })))(x))
    const found = rows(
      tensor([numbers(x), numbers(x)]) as Tensor,
      tensor(
        [
          [2, 5],
          [3, 11],
        ],
        "int",
      ) as Tensor<[2, 2], "int">,
    )
    expect(relativeError([2, 1.25, 1.5, 1.1], numbers(found))).toBeLessThan(1e-14)
    expect(relativeError([2, 1.25], numbers(jvp((x: Tensor) => layer({ x, times }), [x], [tensor([1, 1]) as Tensor])[1]))).toBeLessThan(
      1e-14,
    )
  })

  it("a parameter that f does not use has the gradient zero, not none", () =>
    expect(
      numbers(
        grad((p: { readonly a: Scalar; readonly unused: Tensor }) => fixedPoint((z: Scalar) => mul(z, p.a) as Scalar, s(1), newton()))({
          a: s(0.5),
          unused: zero2,
        }),
      ),
    ).toEqual([0, 0, 0]))

  it("two layers in a row, the second on the first's solution", () => {
    const two = (t: Scalar) => {
      const x = fixedPoint((z: Scalar) => cos(add(z, t)) as Scalar, s(0.5), newton())
      return fixedPoint((z: Scalar) => tanh(add(mul(z, x), t)) as Scalar, s(0.5), newton())
    }
    const h = 1e-5
    expect(number(grad(two)(s(0.2)))).toBeCloseTo((number(two(s(0.2 + h))) - number(two(s(0.2 - h)))) / (2 * h), 8)
  })
})

describe("a solve inside f of another", () => {
  // inner: y = z y / 4 + c, y = c / (1 - z / 4); outer: z = (y + d) / 2
  const nested = (inner: Solver, outer: Solver) => (p: { readonly c: Scalar; readonly d: Scalar }) =>
    fixedPoint(
      (z: Scalar) => {
        const y = fixedPoint((y: Scalar) => add(mul(mul(y, z), 0.25), p.c) as Scalar, s(0), inner)
        return mul(add(y, p.d), 0.5) as Scalar
      },
      s(0),
      outer,
    )
  // 2 z - d = c / (1 - z / 4): z^2/2 - (2 + d/4) z + c + d = 0
  const closed = (c: number, d: number) => {
    const m = 2 + d / 4
    return m - Math.sqrt(m * m - 2 * (c + d))
  }
  const [c, d] = [0.6, 0.3]
  const m = 2 + d / 4
  const root = Math.sqrt(m * m - 2 * (c + d))
  const dc = 1 / root
  const dd = 1 / 4 - (m / 4 - 1) / root
  const dcc = 1 / root ** 3
  const at = { c: s(c), d: s(d) }

  it.each([
    ["picard in picard", picard({ ...tight, name: "inner" }), picard({ ...tight, name: "outer" })],
    ["anderson in anderson", anderson({ ...tight, name: "inner" }), anderson({ ...tight, name: "outer" })],
    ["newton in newton", newton({ name: "inner" }), newton({ name: "outer" })],
    ["broyden in newtonKrylov", broyden({ ...tight, name: "inner" }), newtonKrylov({ ...tight, name: "outer" })],
  ] as const)("%s: value, gradient to both parameters, second derivative", (_, inner, outer) => {
    const f = nested(inner, outer)
    expect(number(f(at))).toBeCloseTo(closed(c, d), 13)
    expect(relativeError([dc, dd], numbers(grad(f)(at)))).toBeLessThan(1e-12)
    const second = (t: Tensor) => f({ c: sum(t), d: s(d) })
    expect(number(hessian(second)(tensor([c])))).toBeCloseTo(dcc, 10)
  })

  it("one step of the outer passes the gradient through the inner", () => {
    const f = nested(newton(), picard({ ...tight, adjoint: oneStep }))
    const z = closed(c, d)
    expect(number(grad((t: Scalar) => f({ c: t, d: s(d) }))(s(c)))).toBeCloseTo(0.5 / (1 - z / 4), 12)
  })

  it("an inner solve counts only for the iterate that the outer one returns", () => {
    // at the outer start z = 8 the inner solve y = 2 y + c diverges; at the solution it converges
    const f = (z: Scalar) => {
      const y = fixedPoint((y: Scalar) => add(mul(mul(y, z), 0.25), s(c)) as Scalar, s(0), picard({ name: "inner" }))
      return mul(add(y, s(d)), 0.5) as Scalar
    }
    const { values, solves, refused } = outcome(fixedPoint(f, s(8), newton({ name: "outer", maxEvaluations: 50 })))
    expect(solves.map((r) => [r.site, r.status])).toEqual([
      ["outer", "Converged"],
      ["inner", "Converged"],
    ])
    expect(refused).toEqual([])
    expect(values[0]?.[0]).toBeCloseTo(closed(c, d), 9)
  })

  it("an inner solve that fails at the solution is refused with its own name", () => {
    const f = (z: Scalar) => {
      const y = fixedPoint((y: Scalar) => add(y, 1) as Scalar, s(0), picard({ name: "hopeless" }))
      return add(mul(z, 0.5), mul(y, 0)) as Scalar
    }
    expect(outcome(fixedPoint(f, s(1), picard({ name: "outer" }))).refused).toMatchObject([{ site: "hopeless", status: "Stalled" }])
  })
})

describe("a state of several leaves", () => {
  interface Two {
    readonly x: Scalar
    readonly y: Scalar
  }
  const at = { a: s(1), b: s(2) }
  // C42: x = y/2 + a, y = x/2 + b
  const c42 = (solver: Solver) => (p: typeof at) =>
    fixedPoint(
      ({ x, y }: Two) => ({ x: add(mul(y, 0.5), p.a) as Scalar, y: add(mul(x, 0.5), p.b) as Scalar }),
      { x: s(0), y: s(0) },
      solver,
    )
  const flat = (solver: Solver) =>
    fixedPoint(
      (z: Tensor) =>
        add(
          apply(
            tensor([
              [0, 0.5],
              [0.5, 0],
            ]) as Tensor,
            z,
          ),
          tensor([1, 2]),
        ) as Tensor,
      zero2,
      solver,
    )

  it.each([
    ["picard", picard(tight)],
    ["anderson", anderson({ memory: 2 })],
    ["broyden", broyden({ lineSearch: false })],
    ["newton", newton()],
    ["newtonKrylov", newtonKrylov()],
  ] as const)("C42 by %s: the iterates of the state as one vector, bit for bit", (_, solver) => {
    const { values, solves } = outcome(c42(solver)(at))
    expect(values.flat()).toEqual(numbers(flat(solver)))
    expect(solves[0]?.evaluations).toBe(solveOf(flat(solver), "fixedPoint").evaluations)
    expect(relativeError([8 / 3, 10 / 3], values.flat())).toBeLessThan(1e-10)
  })

  it.each([
    ["dense", exact()],
    ["gmres", exact(gmres())],
  ] as const)("C42: the Jacobian, adjoint by %s", (_, adjoint) => {
    const pull = (of: (z: Two) => Scalar) => numbers(grad((p: typeof at) => of(c42(anderson({ adjoint }))(p)))(at))
    expect(
      relativeError(
        [4 / 3, 2 / 3],
        pull((z) => z.x),
      ),
    ).toBeLessThan(1e-13)
    expect(
      relativeError(
        [2 / 3, 4 / 3],
        pull((z) => z.y),
      ),
    ).toBeLessThan(1e-13)
  })

  it("the order and the names of leaves do not matter", () => {
    const other = fixedPoint(
      ([second, { first }]: readonly [Scalar, { readonly first: Scalar }]) =>
        [add(mul(first, 0.5), 2) as Scalar, { first: add(mul(second, 0.5), 1) as Scalar }] as const,
      [s(0), { first: s(0) }] as const,
      broyden(),
    )
    const [y, x] = numbers(other)
    expect(relativeError(numbers(c42(broyden())(at)), [x as number, y as number])).toBeLessThan(1e-15)
  })

  it("leaves may differ in shape", () => {
    const f = ({ m, v }: { readonly m: Tensor; readonly v: Scalar }) => ({
      m: add(mul(m, 0.25), v) as Tensor,
      v: mul(sum(m), 0.05) as Scalar,
    })
    const init = {
      m: tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]) as Tensor,
      v: s(1),
    }
    const [solution, tangent] = jvp(
      (v0: Scalar) => fixedPoint((z: typeof init) => ({ ...f(z), v: add(f(z).v, v0) as Scalar }), init, anderson()),
      [s(0.5)],
      [s(1)],
    )
    // v = 0.3 m + v0, m = v / 0.75
    const v = 0.5 / (1 - 0.3 / 0.75)
    expect(relativeError([...Array(6).fill(v / 0.75), v], numbers(solution))).toBeLessThan(1e-10)
    expect(relativeError([...Array(6).fill((2 * v) / 0.75), 2 * v], numbers(tangent))).toBeLessThan(1e-10)
  })

  it("has to be float, and keep its structure and its shapes", () => {
    expect(() => fixedPoint((z: Tensor<[2], "int">) => z as never, tensor([1, 2], "int") as never, picard())).toThrow(
      /the state must be float, found int\[2\]/,
    )
    expect(() => fixedPoint((z: { readonly a: Scalar }) => ({ ...z, b: z.a }) as never, { a: s(1) }, picard())).toThrow(
      /structure \{a: _\}, f returned \{a: _, b: _\}/,
    )
    expect(() => fixedPoint((z: Tensor) => sum(z) as never, zero2, picard())).toThrow(/goes in as float\[2\] and comes out as float\[\]/)
  })
})

describe("memory", () => {
  it("the gradient is no larger for more iterations", () => {
    const size = (maxEvaluations: number) => {
      const g = grad((a: Tensor) => sum(fixedPoint((z: Tensor) => tanh(add(apply(a, z), 1)) as Tensor, zero2, picard({ maxEvaluations }))))(
        A,
      )
      return closeExpression([g as Tensor]).graph.equations.length
    }
    expect(size(10)).toBe(size(1000))
  })
})
