/** What is said of an operator: what it makes possible, what becomes of it in a transpose, and what a false word leads to. */
import { describe, expect, it } from "vitest"
import { closeExpression, compile, grad, type Tensor, tensor, toArray, vjp } from "../../src/core/index.js"
import {
  anderson,
  auto,
  cg,
  chosenLinear,
  decodeSolver,
  dense,
  diagonalOperator,
  exact,
  fixedPoint,
  gmres,
  linearSolve,
  lowerTriangular,
  picard,
  positiveDefinite,
  root,
  type Structure,
  solverCodec,
  symmetric,
  upperTriangular,
} from "../../src/implicit/index.js"
import { add, dot, einsum, mul, neg, sub, sum, vmap } from "../../src/ops/index.js"
import { gaussJordan } from "../ops/reference/solve.js"
import { apply } from "../support/contraction.js"
import { left, right } from "../support/either.js"
import { number, numbers, outcome, relativeError } from "../support/outcome.js"

const M = [
  [4, 1],
  [1, 3],
]
const m = tensor(M) as Tensor
const b = tensor([1, 2]) as Tensor
const close = (expected: readonly number[], found: unknown) => expect(relativeError(expected, numbers(found))).toBeLessThan(1e-10)

const tags = [symmetric, positiveDefinite, lowerTriangular, upperTriangular, diagonalOperator] as const
const structuresIn = (t: Tensor): readonly Structure[] =>
  closeExpression([t])
    .graph.equations.filter((e) => e.op.name === "linearSolve")
    .map((e) => (e.params as { readonly structure: Structure }).structure)

describe("a structure", () => {
  it.each(tags.map((tag) => [tag((x: Tensor) => x).structure, tag] as const))(
    "%s is in the solve as data, through vmap too",
    (name, tag) => {
      expect(
        structuresIn(
          linearSolve(
            tag((x: Tensor) => apply(m, x)),
            b,
          ),
        ),
      ).toEqual([name])
      expect(
        structuresIn(
          vmap((s: Tensor) =>
            linearSolve(
              tag((x: Tensor) => mul(apply(m, x), s) as Tensor),
              b,
            ),
          )(tensor([1, 2]) as Tensor),
        ),
      ).toEqual([name])
    },
  )

  it.each([
    ["lowerTriangular", lowerTriangular, "upperTriangular"],
    ["upperTriangular", upperTriangular, "lowerTriangular"],
    ["symmetric", symmetric, "symmetric"],
    ["positiveDefinite", positiveDefinite, "positiveDefinite"],
    ["diagonal", diagonalOperator, "diagonal"],
  ] as const)("the transpose of %s is %s", (_, tag, expected) => {
    const [, pull] = vjp(
      (r: Tensor) =>
        linearSolve(
          tag((x: Tensor) => apply(m, x)),
          r,
        ),
      b,
    )
    expect(structuresIn(pull(b)[0] as Tensor)).toContain(expected)
  })

  it("of a tree is that of all its leaves together, in their order", () => {
    const right = { a: tensor(3) as Tensor<[]>, v: tensor([1, 2]) as Tensor }
    const x = linearSolve(
      lowerTriangular(({ a, v }: typeof right) => ({ a: mul(a, 2) as Tensor<[]>, v: add(mul(v, 4), a) as Tensor })),
      right,
    )
    close([1.5, (1 - 1.5) / 4, (2 - 1.5) / 4], x)
  })
})

describe("C38: the cotangent of a matrix", () => {
  const u = tensor([1, 0]) as Tensor
  const whole = [-0.02479338842975207, -0.1735537190082645, 0.008264462809917355, 0.05785123966942149]

  it("is -b-bar x', also where the operator is said to be symmetric: the derivative is that of the function as written", () => {
    close(
      whole,
      grad((q: Tensor) =>
        dot(
          u,
          linearSolve(
            positiveDefinite((x: Tensor) => apply(q, x)),
            b,
            { solver: cg() },
          ),
        ),
      )(m),
    )
    close(
      whole,
      grad((q: Tensor) =>
        dot(
          u,
          linearSolve(
            symmetric((x: Tensor) => apply(q, x)),
            b,
          ),
        ),
      )(m),
    )
  })

  it("is symmetric where the function makes its matrix so", () => {
    const half = (q: Tensor) => mul(add(q, einsum("ij->ji", q)), 0.5) as Tensor
    const [a, c, d, e] = whole as [number, number, number, number]
    const mixed = (c + d) / 2
    close(
      [a, mixed, mixed, e],
      grad((q: Tensor) =>
        dot(
          u,
          linearSolve(
            positiveDefinite((x: Tensor) => apply(half(q), x)),
            b,
            { solver: cg() },
          ),
        ),
      )(m),
    )
  })
})

describe("C22: a ridge regression by cg", () => {
  const X = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]) as Tensor
  const ridge = (lambda: Tensor, y: Tensor) =>
    linearSolve(
      positiveDefinite((w: Tensor) => add(einsum("ij,i->j", X, apply(X, w)), mul(w, mul(lambda, 3))) as Tensor),
      einsum("ij,i->j", X, y) as Tensor,
      { solver: cg({ rtol: 1e-14 }) },
    )
  const [lambda, y] = [tensor(0.1) as Tensor, tensor([1, 2, 3]) as Tensor]
  it("value and both derivatives", () => {
    close([0.1284296555750146, 0.396964389959136], ridge(lambda, y))
    const first = (i: number) => grad((l: Tensor) => dot(ridge(l, y), tensor([1 - i, i]) as Tensor))
    close([0.5975390279818251], first(0)(lambda))
    close([-0.4881458330564425], first(1)(lambda))
    close([-6.435477399866926], grad((l: Tensor) => sum(first(0)(l)))(lambda))
    close([5.081525410168444], grad((l: Tensor) => sum(first(1)(l)))(lambda))
    close(
      [-0.6168515275345398, -0.1381591749367581, 0.3405331776610235],
      grad((t: Tensor) => dot(ridge(lambda, t), tensor([1, 0]) as Tensor))(y),
    )
  })
})

describe("C17: the root of M x - b is the linear solve, by cg too", () =>
  it("value, and both gradients", () => {
    // z + F(z) with F = b - M z: I - df/dz = M
    const byRoot = (q: Tensor, r: Tensor) =>
      root(
        (x: Tensor) => sub(r, apply(q, x)) as Tensor,
        tensor([0, 0]) as Tensor,
        anderson({ rtol: 1e-14, adjoint: exact(cg(), "positiveDefinite") }),
      )
    const bySolve = (q: Tensor, r: Tensor) =>
      linearSolve(
        positiveDefinite((x: Tensor) => apply(q, x)),
        r,
        { solver: cg() },
      )
    close(numbers(bySolve(m, b)), byRoot(m, b))
    const pull = (f: typeof byRoot) => numbers(vjp(f, m, b)[1](tensor([1, 0]) as Tensor))
    expect(relativeError(pull(bySolve), pull(byRoot))).toBeLessThan(1e-10)
  }))

describe("C16: a rotation, on whose adjoint Picard never converges", () => {
  const [c, s] = [0.5, Math.sqrt(0.75)]
  const turn = tensor([
    [c, -s],
    [s, c],
  ]) as Tensor
  it("has the adjoint (1/2, -sqrt(3)/2) by every other linear solver", () => {
    const start = tensor([1 - c + 2 * s, 2 - s - 2 * c]) as Tensor
    for (const linear of [dense(), gmres(), auto()]) {
      const solve = (r: Tensor) =>
        fixedPoint(
          (z: Tensor) => add(apply(turn, z), r) as Tensor,
          tensor([3, 1]) as Tensor,
          anderson({ memory: 2, adjoint: exact(linear) }),
        )
      close([0.5, -s], vjp(solve, start)[1](tensor([1, 0]) as Tensor)[0])
    }
  })
})

describe("a false word is never a wrong number", () => {
  const full = [
    [2, 1, -1],
    [0.5, 3, 1],
    [1, -0.25, 4],
  ]
  const refused = (
    tag: (f: (x: Tensor) => Tensor) => ReturnType<(typeof tags)[number]>,
    matrix: readonly (readonly number[])[],
    r: readonly number[],
  ) =>
    outcome(linearSolve(tag((x: Tensor) => apply(tensor(matrix) as Tensor, x)) as never, tensor(r) as Tensor, { name: "system" })).refused

  it.each([
    ["lowerTriangular", lowerTriangular<Tensor>],
    ["upperTriangular", upperTriangular<Tensor>],
    ["diagonal", diagonalOperator<Tensor>],
  ] as const)("%s of a full matrix, of any size", (_, tag) => {
    for (const c of [1, 1e-9, 1e9])
      expect(
        refused(
          tag as never,
          full.map((row) => row.map((x) => x * c)),
          [1, 2, 3],
        ),
      ).toMatchObject([{ site: "system", status: "Breakdown" }])
  })

  it.each([
    ["lowerTriangular", lowerTriangular<Tensor>],
    ["upperTriangular", upperTriangular<Tensor>],
    ["diagonal", diagonalOperator<Tensor>],
  ] as const)("%s with a zero on the diagonal is Singular", (_, tag) =>
    expect(
      refused(
        tag as never,
        [
          [1, 0],
          [0, 0],
        ],
        [1, 1],
      ),
    ).toMatchObject([{ site: "system", status: "Singular" }]),
  )

  it("C27: cg meets a direction without curvature in an indefinite KKT system", () => {
    const KKT = [
      [4, 1, 1],
      [1, 2, 1],
      [1, 1, 0],
    ]
    const solve = (solver: "cg" | "gmres") => {
      const op = (x: Tensor) => apply(tensor(KKT) as Tensor, x)
      const r = tensor([-1, -1, 1]) as Tensor
      return outcome(
        solver === "cg"
          ? linearSolve(positiveDefinite(op), r, { solver: cg(), name: "system" })
          : linearSolve(symmetric(op), r, { solver: gmres(), name: "system" }),
      )
    }
    expect(solve("cg").refused).toMatchObject([{ status: "Breakdown" }])
    expect(relativeError([0.25, 0.75, -2.75], solve("gmres").values[0] ?? [])).toBeLessThan(1e-10)
  })

  it("a negative definite operator is no positive one", () =>
    expect(
      outcome(
        linearSolve(
          positiveDefinite((x: Tensor) => neg(apply(m, x)) as Tensor),
          b,
          { solver: cg() },
        ),
      ).refused,
    ).toMatchObject([{ status: "Breakdown" }]))
})

describe("chosenLinear", () => {
  it("is the stated rule", () => {
    const dearer = auto({ rtol: 1e-6 })
    expect(chosenLinear(auto(), 64)).toEqual([{ _tag: "dense" }])
    expect(chosenLinear(dearer, 65)).toEqual([{ _tag: "gmres", rtol: 1e-6 }, { _tag: "dense" }])
    expect(chosenLinear(auto(), 512, "symmetric")).toEqual([{ _tag: "gmres" }, { _tag: "dense" }])
    expect(chosenLinear(auto(), 513)).toEqual([{ _tag: "gmres" }])
    expect(chosenLinear(auto(), 512, "general", 17)).toEqual([{ _tag: "gmres" }])
    expect(chosenLinear(auto(), 64, "positiveDefinite")).toEqual([{ _tag: "dense" }])
    expect(chosenLinear(dearer, 513, "positiveDefinite")).toEqual([{ _tag: "cg", rtol: 1e-6 }])
    expect(chosenLinear(auto(), 9999, "lowerTriangular")).toEqual([{ _tag: "substitution", lower: true }])
    expect(chosenLinear(auto(), 2, "upperTriangular")).toEqual([{ _tag: "substitution", lower: false }])
    expect(chosenLinear(auto(), 2, "diagonal")).toEqual([{ _tag: "diagonal" }])
    expect(chosenLinear(gmres(), 2, "diagonal")).toEqual([gmres()])
  })
})

describe("auto where GMRES fails", () => {
  const N = 70
  const draw = (i: number, j: number) => {
    const x = Math.sin(i * 12.9898 + j * 78.233) * 43758.5453
    return 2 * (x - Math.floor(x)) - 1
  }
  /** A cyclic shift, on which GMRES(30) makes no progress, and noise that makes it nothing special. */
  const shift = Array.from({ length: N }, (_, i) => Array.from({ length: N }, (_x, j) => ((j + 1) % N === i ? 1 : 0) + draw(i, j) / 400))
  const rights = [Array.from({ length: N }, (_, i) => draw(i, N)), Array(N).fill(0), Array.from({ length: N }, (_, i) => draw(i, N + 1))]
  const solver = auto({ maxEvaluations: 100 })

  it("falls back on LU in the rows that failed, and says Converged", async () => {
    const solve = (r: Tensor, s: Tensor) =>
      linearSolve((x: Tensor) => add(mul(apply(tensor(shift) as Tensor, x), s), mul(x, sub(1, s))) as Tensor, r, { solver, name: "system" })
    const program = compile(vmap(solve), { target: "wasm:f64" })
    // the third system is the identity, which GMRES solves at once
    const { value, report } = right(await program.run(tensor(rights) as Tensor, tensor([1, 1, 0]) as Tensor)())
    const expected = [...gaussJordan(shift, rights[0] as number[]), ...(rights[1] as number[]), ...(rights[2] as number[])]
    expect(relativeError(expected, [...toArray(value)])).toBeLessThan(1e-10)
    expect(report.solves).toMatchObject([{ status: "Converged" }])
  })

  it("GMRES alone fails there, and a singular operator is Singular after all", () => {
    const alone = linearSolve((x: Tensor) => apply(tensor(shift) as Tensor, x), tensor(rights[0] as number[]) as Tensor, {
      solver: gmres({ maxEvaluations: 100 }),
    })
    expect(outcome(alone).refused).toHaveLength(1)
    const flat = linearSolve((x: Tensor) => sub(x, mul(sum(x), 1 / N)) as Tensor, tensor(rights[0] as number[]) as Tensor, { solver })
    expect(outcome(flat).refused).toMatchObject([{ status: "Singular" }])
  })
})

describe("exact with a structure", () => {
  it("takes cg for a gradient step on a convex function", () => {
    const step = (r: Tensor) =>
      fixedPoint(
        (z: Tensor) => sub(z, mul(sub(apply(m, z), r), 0.2)) as Tensor,
        tensor([0, 0]) as Tensor,
        picard({ adjoint: exact(cg(), "positiveDefinite") }),
      )
    close([...gaussJordan(M, [1, 0])], vjp(step, b)[1](tensor([1, 0]) as Tensor)[0])
    expect(number(sum(step(b)))).toBeCloseTo(8 / 11, 9)
  })

  it("is read back from its data, and refused where cg has no definite system", () => {
    const solver = picard({ adjoint: exact(cg({ rtol: 1e-9 }), "positiveDefinite") })
    expect(right(decodeSolver(JSON.parse(JSON.stringify(solverCodec.encode(solver)))))).toEqual(solver)
    expect(left(decodeSolver({ ...solver, adjoint: { _tag: "exact", linear: { _tag: "cg" } } })).message).toContain(
      'solver.adjoint (exact): cg needs the structure "positiveDefinite"; gmres needs none',
    )
    expect(
      left(decodeSolver({ ...solver, adjoint: { _tag: "exact", linear: { _tag: "iteration", method: { _tag: "newton" } } } })).message,
    ).toContain("newton needs the whole matrix: use dense()")
  })
})
