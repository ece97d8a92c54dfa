/** Quadratic programs: closed forms, optimality of random ones, derivatives in all data by differences, and what has no solution. */
import { describe, expect, it, test } from "vitest"
import { compile, grad, type Tensor, toArray } from "../../../src/core/index.js"
import { quadraticProgram } from "../../../src/implicit/index.js"
import { interiorPoint } from "../../../src/implicit/reductions/interior-point.js"
import { add, dot, mul, sub } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"
import { numbers, outcome, relativeError } from "../../support/outcome.js"
import { draws, jacobianIs, sameOnTargets, secondDerivatives, t } from "./support.js"

const P2 = t([
  [4, 1],
  [1, 2],
])

describe("closed forms", () => {
  it("C27: with an equality, and derivatives", () => {
    const found = (q: Tensor, b = t([1])) => quadraticProgram({ P: P2, q, A: t([[1, 1]]), b })
    const { x, nu, mu } = found(t([1, 1]))
    expect(relativeError([0.25, 0.75, -2.75], numbers([x, nu]))).toBeLessThan(1e-14)
    expect(mu).toBeNull()
    jacobianIs(
      (q) => found(q).x,
      [1, 1],
      [
        [-0.25, 0.25],
        [0.25, -0.25],
      ],
    )
    jacobianIs((b) => found(t([1, 1]), b).x, [1], [[0.25], [0.75]])
  })

  it("without constraints it is a linear solve", () =>
    expect(relativeError([-1 / 7, -3 / 7], numbers(quadraticProgram({ P: P2, q: t([1, 1]) }).x))).toBeLessThan(1e-15))

  it("the symmetric part of P counts", () => {
    const skew = quadraticProgram({
      P: t([
        [4, 2],
        [0, 2],
      ]),
      q: t([1, 1]),
    }).x
    expect(relativeError([-1 / 7, -3 / 7], numbers(skew))).toBeLessThan(1e-15)
  })

  it("a linear program has its vertex, whose derivative in q is 0 (item 6)", () => {
    const found = (q: Tensor) =>
      quadraticProgram({
        P: t([
          [0, 0],
          [0, 0],
        ]),
        q,
        G: t([
          [1, 1],
          [-1, 0],
          [0, -1],
        ]),
        h: t([1, 0, 0]),
      }).x
    expect(relativeError([0, 1], numbers(found(t([-1, -2]))))).toBeLessThan(1e-12)
    jacobianIs(
      found,
      [-1, -2],
      [
        [0, 0],
        [0, 0],
      ],
    )
  })

  it("second derivatives in the data, by every mixture of modes", () => {
    // min p x^2/2 - x, x <= 5: x = 1/p
    const x = (p: Tensor) => quadraticProgram({ P: mul(p, t([[1]])) as Tensor, q: t([-1]), G: t([[1]]), h: t([5]) }).x
    for (const found of secondDerivatives((p) => dot(x(p), t([1])), [2], [1], [1])) expect(found).toBeCloseTo(2 / 8, 12)
  })
})

/** A program with a point strictly inside, of n unknowns, p equalities and m inequalities, as one vector of data. */
const program = (n: number, p: number, m: number, seed: number) => {
  const next = draws(seed)
  const rows = (k: number) => Array.from({ length: k }, () => next(n))
  const times = (M: readonly (readonly number[])[], x: readonly number[]) =>
    M.map((r) => r.reduce((a, v, j) => a + v * (x[j] as number), 0))
  const [L, A, G, inside] = [rows(n), rows(p), rows(m), next(n)]
  const P = L.map((a, i) => L.map((b, j) => a.reduce((s, v, k) => s + v * (b[k] as number), 0) + (i === j ? 0.1 : 0)))
  const room = next(m).map(Math.abs)
  return { P, q: next(n).map((v) => 5 * v), A, b: times(A, inside), G, h: times(G, inside).map((v, i) => v + (room[i] as number)) }
}
const tensors = (d: ReturnType<typeof program>) => ({ P: t(d.P), q: t(d.q), A: t(d.A), b: t(d.b), G: t(d.G), h: t(d.h) })
type Data = ReturnType<typeof tensors>

test("random programs of 10 unknowns, 2 equalities and 15 inequalities: the conditions of optimality hold", async () => {
  const run = compile(
    (d: Data) => {
      const { x, nu, mu } = quadraticProgram(d)
      return [x, nu as Tensor, mu as Tensor] as const
    },
    { target: "wasm:f64" },
  )
  for (let seed = 1; seed <= 20; seed++) {
    const d = program(10, 2, 15, seed)
    const [x, nu, mu] = right(await run(tensors(d))()).map((v) => [...(toArray(v as Tensor) as Float64Array)]) as [
      number[],
      number[],
      number[],
    ]
    const product = (M: readonly (readonly number[])[], v: readonly number[]) =>
      M.map((r) => r.reduce((a, c, j) => a + c * (v[j] as number), 0))
    const transposed = (M: readonly (readonly number[])[], v: readonly number[]) =>
      x.map((_, j) => M.reduce((a, r, i) => a + (r[j] as number) * (v[i] as number), 0))
    const [pull, push] = [transposed(d.A, nu), transposed(d.G, mu)]
    product(d.P, x).forEach((v, i) => void expect(v + (d.q[i] as number) + (pull[i] as number) + (push[i] as number)).toBeCloseTo(0, 9))
    product(d.A, x).forEach((v, i) => void expect(v).toBeCloseTo(d.b[i] as number, 9))
    product(d.G, x).forEach((v, i) => {
      const slack = (d.h[i] as number) - v
      expect(Math.min(slack, mu[i] as number)).toBeGreaterThan(-1e-9)
      expect(Math.min(slack, mu[i] as number)).toBeLessThan(1e-9)
    })
  }
  run.dispose()
})

test("the interior-point method alone comes close, from the inside", async () => {
  const run = compile((d: Data) => [interiorPoint(d), quadraticProgram(d).x] as const, { target: "wasm:f64" })
  for (const seed of [1, 2, 3]) {
    const [{ x, mu, s }, solution] = right(await run(tensors(program(10, 2, 15, seed)))())
    for (const v of numbers([mu, s])) expect(v).toBeGreaterThan(0)
    expect(relativeError(numbers(solution), numbers(x))).toBeLessThan(1e-4)
  }
  run.dispose()
})

test("the gradient in all data is that of differences of the program solved again", async () => {
  const d = program(4, 1, 5, 3)
  const weights = t([1, -2, 0.5, 3])
  const loss = ({ x, nu, mu }: ReturnType<typeof quadraticProgram>) =>
    add(add(dot(x, weights), dot(nu as Tensor, t([0.7]))), dot(mu as Tensor, t([1, 2, 3, 4, 5]))) as Tensor<[]>
  const of = (data: Data) => loss(quadraticProgram(data))
  const value = compile(of, { target: "wasm:f64" })
  const gradient = numbers(grad(of)(tensors(d)))
  const at = async (data: typeof d) => (toArray(right(await value(tensors(data))()) as Tensor) as Float64Array)[0] as number
  const h = 1e-6
  const differences: number[] = []
  // in the order of leaves: A, G, P, b, h, q
  for (const name of ["A", "G", "P", "b", "h", "q"] as const)
    for (const [i, row] of d[name].entries())
      for (const [j, entry] of [row].flat().entries()) {
        const moved = (by: number) => ({
          ...d,
          [name]: d[name].map((r, k) => (k !== i ? r : Array.isArray(r) ? r.with(j, entry + by) : entry + by)),
        })
        differences.push(((await at(moved(h))) - (await at(moved(-h)))) / (2 * h))
      }
  value.dispose()
  expect(relativeError(differences, gradient)).toBeLessThan(1e-7)
})

describe("what has no solution, or no derivative", () => {
  const box = {
    G: t([
      [1, 0],
      [-1, 0],
    ]),
    h: t([-1, -1]),
  }
  const three = {
    G: t([
      [1, 1],
      [-1, 0],
      [0, -1],
    ]),
    h: t([-1, 0, 0]),
  }
  it.each([
    ["two half planes", box],
    ["a gap of a thousandth", { ...box, h: t([0.999, -1]) }],
    ["three half planes", three],
    [
      "a line beside a corner",
      {
        A: t([[1, 1]]),
        b: t([3]),
        G: t([
          [1, 0],
          [0, 1],
        ]),
        h: t([1, 1]),
      },
    ],
    ["far away", { ...box, h: t([-1e6, -1e6]) }],
  ] as const)("constraints that exclude each other are told so: %s", async (_, constraints) => {
    for (const target of ["wasm:f64", "wasm"] as const) {
      const run = compile((q: Tensor) => quadraticProgram({ P: P2, q, ...constraints }).x, { target })
      const failure = left(await run(t([1, 1]))())
      expect(failure).toMatchObject({ _tag: "NotConverged" })
      expect(failure.message).toMatch(
        /^quadraticProgram: expected constraints A x = b, G x <= h with a point in common; found .*: loosen h/,
      )
      run.dispose()
    }
  })

  it.each([
    [
      "one point",
      {
        G: t([
          [1, 1],
          [-1, 0],
          [0, -1],
        ]),
        h: t([0, 0, 0]),
      },
    ],
    ["a line", { ...box, h: t([1, -1]) }],
    ["a point a million away", { G: t([[-1, 0]]), h: t([-1e6]) }],
    ["no bound that counts", { G: t([[1, 0]]), h: t([1e6]) }],
  ] as const)("constraints with a point in common are not accused: %s", (_, constraints) => {
    const { solves } = outcome(quadraticProgram({ P: P2, q: t([1, 1]), ...constraints }).x)
    expect(solves.find(({ site }) => site === "quadraticProgram: constraints")).toMatchObject({ status: "NotRun" })
  })

  it("a free direction: refused", () =>
    expect(
      outcome(
        quadraticProgram({
          P: t([
            [1, 0],
            [0, 0],
          ]),
          q: t([1, 0]),
          G: t([[1, 0]]),
          h: t([1]),
        }).x,
      ).refused,
    ).toMatchObject([{ status: "Singular" }]))

  it("an active constraint without force: a value, and no derivative", () => {
    const x = (q: Tensor) => quadraticProgram({ P: t([[1]]), q, G: t([[1]]), h: t([1]) }).x
    expect(numbers(x(t([-1])))[0]).toBeCloseTo(1, 6)
    expect(outcome(grad((q: Tensor) => dot(x(q), t([1])))(t([-1]))).refused).toMatchObject([{ status: "Singular" }])
    expect(numbers(grad((q: Tensor) => dot(x(q), t([1])))(t([-1.001])))[0]).toBeCloseTo(0, 12)
    expect(numbers(grad((q: Tensor) => dot(x(q), t([1])))(t([-0.999])))[0]).toBeCloseTo(-1, 12)
  })

  it.each([
    [
      () => quadraticProgram({ P: t([[1, 2]]), q: t([1]) }),
      /expected P of float\[n, n\] and q of float\[n\], found float\[1, 2\] and float\[1\]/,
    ],
    [
      () => quadraticProgram({ P: P2, q: t([1, 1]), A: t([[1, 1]]) }),
      /expected A and b of float\[k, 2\] and float\[k\], found float\[1, 2\] and nothing/,
    ],
    [
      () => quadraticProgram({ P: P2, q: t([1, 1]), G: t([[1]]), h: t([1]) }),
      /expected G and h of float\[k, 2\] and float\[k\], found float\[1, 1\]/,
    ],
  ])("wrong shapes are named: %#", (call, message) => expect(call).toThrow(message))
})

test("value and gradient are the same on the targets", () => {
  const d = program(3, 1, 3, 5)
  return sameOnTargets((q: Tensor) => dot(quadraticProgram({ ...tensors(d), q }).x, t([1, 2, -1])) as Tensor<[]>, t(d.q), 1e-3)
})

test("additivity (item 6): the gradient of a sum is the sum of the gradients", () => {
  const d = program(3, 1, 3, 8)
  const along = (w: readonly number[]) => (q: Tensor) => dot(quadraticProgram({ ...tensors(d), q }).x, t(w)) as Tensor<[]>
  const [a, b] = [along([1, 2, 3]), along([-3, 0.5, 1])]
  const whole = numbers(grad((q: Tensor) => add(a(q), b(q)) as Tensor<[]>)(t(d.q)))
  const parts = numbers(sub(add(grad(a)(t(d.q)) as Tensor, grad(b)(t(d.q)) as Tensor), 0))
  expect(relativeError(parts, whole)).toBeLessThan(1e-10)
})
