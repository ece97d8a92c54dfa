/** What holds of any solver on any contraction: the equation counts, not how its state is written down or what else is asked of it. */
import { type AnyTensor, constant, evaluate, solveStatuses, type Tensor, toArray, vjp } from "../../core/index.js"
import { linearSolve, root, type Solver, solveFixedPoint } from "../../implicit/index.js"
import { add, concat, einsum, mul, reshape, slice, square, sub, take, tanh, zerosLike } from "../../ops/index.js"
import { drawn } from "../arbitraries/draw.js"
import { contraction, normal, permutation } from "../arbitraries/index.js"
import { allOf, fails, holds, type Law, type Verdict, vacuous } from "../law.js"
import { close, magnitude } from "../numbers.js"
import { valuesOf } from "../run.js"
import { inputs, showArguments } from "../tree.js"
import { AGREE, FLOOR, tight } from "./layer.js"

const SIZE = 4
const CONVERGED = solveStatuses.indexOf("Converged")
const float = { elem: "float", shape: [SIZE] } as const

type Args = readonly [A: Tensor, c: Tensor, order: Tensor<[number], "int">]

interface Case {
  readonly args: Args
  /** A cotangent of the solution, and an offset of the state. */
  readonly u: Tensor
  readonly offset: Tensor
  /** Evaluations of f. */
  readonly budget: number
}

type Check = (solver: Solver, c: Case, solve: typeof solveFixedPoint) => Verdict

const product = (A: Tensor, z: Tensor): Tensor => einsum("ij,j->i", A, z)
const map =
  (A: Tensor, c: Tensor) =>
  (z: Tensor): Tensor =>
    tanh(add(product(A, z), c)) as Tensor
const affine =
  (A: Tensor, c: Tensor) =>
  (z: Tensor): Tensor =>
    add(product(A, z), c) as Tensor

const isExact = ({ adjoint }: Solver): boolean => adjoint._tag === "exact"

/** The value at a case, and the gradient along u to what the map is made of. */
const seen = ({ args: [A, c], u }: Case, f: (A: Tensor, c: Tensor) => Tensor, gradient: boolean) => {
  const [z, pull] = vjp(([a, b]: readonly [Tensor, Tensor]) => f(a, b), [A, c] as const)
  return valuesOf([z, ...(gradient ? (pull(u)[0] as readonly AnyTensor[]) : [])])
}

const agree = (
  what: string,
  c: Case,
  one: (A: Tensor, c: Tensor) => Tensor,
  other: (A: Tensor, c: Tensor) => Tensor,
  gradient: boolean,
): Verdict => {
  const [a, b] = [seen(c, one, gradient), seen(c, other, gradient)]
  const part = ["the solution", "the gradient to A", "the gradient to c"]
  return allOf(
    a.map((x, k) =>
      close({ what: `${part[k]} ${what}`, shape: [x.length] }, x, b[k] as Float64Array, magnitude([...a, ...b], FLOOR), AGREE),
    ),
  )
}

const plain =
  (solver: Solver, solve: typeof solveFixedPoint) =>
  (A: Tensor, c: Tensor): Tensor =>
    solve(map(A, c), zerosLike(c), solver).z

const piece = (z: Tensor, from: number, to: number) => slice(z, { start: [from], end: [to] }) as Tensor

/** The state as a tree: its last number first, the others as a column. */
interface Tree {
  readonly last: Tensor
  readonly rest: { readonly column: Tensor }
}
const treeOf = (z: Tensor): Tree => ({
  last: piece(z, SIZE - 1, SIZE),
  rest: { column: reshape(piece(z, 0, SIZE - 1), [SIZE - 1, 1]) as Tensor },
})
const flatOf = ({ last, rest }: Tree): Tensor => concat([reshape(rest.column, [SIZE - 1]), last], 0) as Tensor

const treeIndependence: Check = (solver, c, solve) =>
  agree(
    "of the state as a tree",
    c,
    plain(tight(solver), solve),
    (A, b) => flatOf(solve((t: Tree) => treeOf(map(A, b)(flatOf(t))), treeOf(zerosLike(b)), tight(solver)).z),
    true,
  )

const twice: Check = (solver, c, solve) =>
  agree(
    "of f after f",
    c,
    plain(tight(solver), solve),
    (A, b) => solve((z: Tensor) => map(A, b)(map(A, b)(z)), zerosLike(b), tight(solver)).z,
    isExact(solver),
  )

const threeWays: Check = (solver, c, solve) => {
  const one = (A: Tensor, b: Tensor) => solve(affine(A, b), zerosLike(b), tight(solver)).z
  return allOf([
    agree(
      "as a root",
      c,
      one,
      (A, b) => root((z: Tensor) => sub(affine(A, b)(z), z) as Tensor, zerosLike(b), tight(solver)),
      isExact(solver),
    ),
    agree("as a linear system", c, one, (A, b) => linearSolve((z: Tensor) => sub(z, product(A, z)) as Tensor, b), isExact(solver)),
  ])
}

/** What a solver found in a number of evaluations, whatever it calls it. */
const found = (solver: Solver, solve: typeof solveFixedPoint, f: (z: Tensor) => Tensor, start: Tensor, maxEvaluations: number) => {
  const told = solve(f, start, { ...solver, atol: 0, rtol: 0, maxEvaluations, onFailure: "useBest" })
  const [z, residual, status] = valuesOf([told.z, told.residual, told.status]) as [Float64Array, Float64Array, Float64Array]
  return { z, residual: residual[0] as number, status: status[0] as number }
}

/** Steps are compared as long as rounding has not made them its own. */
const NEAR = 1e-6
const sameStep = (what: string, one: Float64Array, other: Float64Array, residual: number): Verdict =>
  residual < 1e-4 ? vacuous : close({ what, shape: [one.length] }, one, other, magnitude([one, other], 1), NEAR)

const inverseOf = (p: Tensor<[number], "int">): Tensor<[number], "int"> => {
  const list = [...toArray(p)]
  return constant(
    { elem: "int", shape: [SIZE] },
    Float64Array.from(list, (_, i) => list.indexOf(i)),
  ) as Tensor<[number], "int">
}
const vector = (x: Float64Array): Tensor => constant(float, x) as Tensor

const order: Check = (solver, { args: [A, c, p], budget }, solve) => {
  const f = map(A, c)
  const inverse = inverseOf(p)
  const g = (z: Tensor) => take(f(take(z, inverse) as Tensor), p) as Tensor
  const [one, other] = [found(solver, solve, f, c, budget), found(solver, solve, g, take(c, p) as Tensor, budget)]
  const moved = valuesOf([take(vector(one.z), p)])[0] as Float64Array
  return sameStep(
    `the state after ${budget} evaluations, its numbers in another order,`,
    moved,
    other.z,
    Math.min(one.residual, other.residual),
  )
}

const translation: Check = (solver, { args: [A, c], offset, budget }, solve) => {
  const f = map(A, c)
  const g = (z: Tensor) => add(f(sub(z, offset) as Tensor), offset) as Tensor
  const [one, other] = [found(solver, solve, f, c, budget), found(solver, solve, g, add(c, offset) as Tensor, budget)]
  const moved = valuesOf([add(vector(one.z), offset)])[0] as Float64Array
  return sameStep(`the state after ${budget} evaluations, from another origin,`, moved, other.z, Math.min(one.residual, other.residual))
}

const best: Check = (solver, { args: [A, c], budget }, solve) => {
  const f = (z: Tensor) => add(product(A, square(z) as Tensor), c) as Tensor
  const [less, more] = [budget, budget + 1].map((n) => found(solver, solve, f, c, n)) as [
    ReturnType<typeof found>,
    ReturnType<typeof found>,
  ]
  return more.residual <= less.residual || more.status === CONVERGED
    ? holds()
    : fails(`after ${budget} evaluations the residual is ${less.residual}, after one more it is ${more.residual}`)
}

const noGradientOfFailure: Check = (solver, { args: [A, c], u, budget }, solve) => {
  // steep enough that many have no solution, and few evaluations
  const hard = { ...solver, maxEvaluations: budget, onFailure: "reject" as const }
  const layer = ([a, b]: readonly [Tensor, Tensor]) =>
    solve((z: Tensor) => add(mul(product(a, square(z) as Tensor), 3), b) as Tensor, b, hard).z
  const outcome = evaluate(vjp(layer, [A, c] as const)[1](u)[0])
  if (outcome._tag === "Left")
    return outcome.left._tag === "NotConverged" ? holds() : fails(`it ended as ${outcome.left._tag}: ${outcome.left.message}`)
  const handed = outcome.right.flatMap((t) => [...toArray(t as Tensor)])
  if (!handed.every(Number.isFinite)) return fails(`a gradient is handed out that is [${handed}]`)
  const told = solveFixedPoint((z: Tensor) => add(mul(product(A, square(z) as Tensor), 3), c) as Tensor, c, {
    ...hard,
    onFailure: "useBest",
  })
  const [status] = valuesOf([told.status]) as [Float64Array]
  return status[0] === CONVERGED
    ? holds()
    : fails(`a gradient is handed out for a solve that ended as ${solveStatuses[status[0] as number]}`)
}

/** Names, theorems and checks, in the order of their cost. */
const LAWS: readonly (readonly [string, string, Check])[] = [
  ["best iterate", "The residual that is returned is the least of those met: with more evaluations it does not grow.", best],
  ["order of unknowns", "P f(P' z) has the steps of f, in another order: no method treats one unknown unlike another.", order],
  [
    "translation",
    "f(z - t) + t has the steps of f, moved by t: a step is an affine combination of points, its weights sum to one (Walker and Ni 2011).",
    translation,
  ],
  [
    "no gradient of a failure",
    "Left has no gradient, and Right none that is not a number: a derivative exists at a solution only.",
    noGradientOfFailure,
  ],
  ["tree independence", "flatten . solve . unflatten = solve: norms and inner products are over all leaves together.", treeIndependence],
  ["f after f", "(I - A^2)^-1 (I + A) B = (I - A)^-1 B: f after f has the solution and the gradient of f.", twice],
  ["three ways", "For affine f, fixedPoint(f) = root(f - id) = linearSolve(I - A), gradients too.", threeWays],
]

/** The laws of a solver on contractions of spectral radius `rho`. */
export const equationLaws = (solver: Solver, rho: number, solve: typeof solveFixedPoint = solveFixedPoint): readonly Law<Case>[] => {
  const all = inputs<Args>([contraction(SIZE, rho), normal([SIZE]), permutation(SIZE)])
  const draw = () => all
  return LAWS.map(
    ([name, theorem, check]): Law<Case> => ({
      name: `solver: ${name}`,
      theorem,
      arbitrary: drawn(
        (d): Case => ({ args: d.from(draw), u: vector(d.direction(float)), offset: vector(d.direction(float)), budget: d.int(1, 6) }),
      ),
      show: ({ args, budget }) => `${budget} evaluations\n${showArguments(args)}`,
      check: (c) => check(solver, c, solve),
    }),
  )
}
