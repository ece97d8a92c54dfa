/**
 * Rows C22 to C39 once more, by the functions that reduce a problem to a root: the same values as in rows.ts, and second derivatives, which
 * implicit-values.txt has of C22 only; the others by differentiating the closed form with 50 digits.
 */
import { type Tensor, tensor } from "../../src/core/index.js"
import {
  anderson,
  implicitEulerStep,
  kkt,
  lyapunov,
  minimizer,
  newton,
  newtonKrylov,
  perRow,
  picard,
  projectedGradient,
  projectSimplex,
  proximalGradient,
  proxL1,
  quadraticProgram,
  steadyState,
} from "../../src/implicit/index.js"
import { sinkhorn } from "../../src/models/layers/index.js"
import { add, div, dot, einsum, log, mul, neg, reshape, softplus, square, sub, sum, trace } from "../../src/ops/index.js"
import { at, block, byNewton, type Known, linearOf, type Row, tight, vector } from "./row.js"

const leaf = (x: readonly unknown[]) => tensor(x as never) as Tensor
const times = (m: Tensor, z: Tensor): Tensor => einsum("ij,j->i", m, z)
const unknown = (n: number): readonly Known[] => Array.from({ length: n }, () => null)
const closed = { "closed form": picard(tight) }
const descent = { picard: picard(tight), anderson: anderson({ ...tight, memory: 2 }) }
const dense = { newton: byNewton }
const krylov = { newton: newton(tight), newtonKrylov: newtonKrylov(tight) }

const X = leaf([
  [1, 2],
  [3, 4],
  [5, 6],
])
const H = leaf([
  [2, 1],
  [1, 2],
])
const quadratic = (q: Tensor) => (w: Tensor) => sub(mul(dot(w, times(H, w)), 0.5), dot(q, w)) as Tensor<[]>

const minima: readonly Row[] = [
  {
    id: "C22 min",
    what: "ridge regression as a minimum",
    at: [0.1, 1, 2, 3],
    layer: (solver) => (p) =>
      minimizer(
        (w: Tensor) => {
          const misfit = sum(square(sub(times(X, w), block(p, 1, 3)) as Tensor))
          return mul(add(misfit, mul(mul(sum(square(w)), at(p, 0)), 3)), 0.5) as Tensor<[]>
        },
        leaf([0, 0]),
        solver,
      ),
    value: [0.1284296555750146, 0.396964389959136],
    first: [
      [0.5975390279818251, -0.6168515275345398, -0.1381591749367581, 0.3405331776610235],
      [-0.4881458330564425, 0.5176104300447558, 0.1790231562560809, -0.1595641175325339],
    ],
    second: [
      [0, 0, 0, -6.435477399866926],
      [1, 0, 0, 5.081525410168444],
      [0, 0, 1, 3.356894332875881],
      [0, 2, 0, 0.9139159617166984],
      [1, 0, 3, 1.2035068981894688],
      [1, 1, 2, 0],
    ],
  },
  {
    id: "C29 min",
    what: "logistic regression as a minimum",
    at: [0.5],
    layer: (solver) => (p) =>
      vector(
        minimizer(
          (w: Tensor<[]>) => add(softplus(neg(w)), mul(mul(square(w), at(p, 0)), 0.5)) as Tensor<[]>,
          tensor(0) as Tensor<[]>,
          solver,
        ),
      ),
    value: [0.6748316143423994],
    first: [[-0.9326464478856873]],
    second: [[0, 0, 0, 2.6653071392242686]],
    third: [[0, 0, -11.885524405124918]],
  },
]

const c23 = {
  at: [1, 3, -0.5, 1.2],
  value: [2, 0, 0.2],
  first: [
    [-1, 1, 0, 0],
    [0, 0, 0, 0],
    [-1, 0, 0, 1],
  ],
  second: [
    [0, 0, 0, 0],
    [0, 0, 1, 0],
    [2, 3, 3, 0],
  ],
} as const
const c25 = {
  at: [0.6, 0.5, -0.4],
  value: [0.55, 0.45, 0],
  first: [
    [0.5, -0.5, 0],
    [-0.5, 0.5, 0],
    [0, 0, 0],
  ],
  second: [
    [0, 0, 0, 0],
    [0, 0, 1, 0],
    [1, 1, 2, 0],
  ],
} as const

const kinks: readonly Row[] = [
  { id: "C23 prox", what: "the soft threshold itself", ...c23, layer: () => (p) => proxL1(block(p, 1, 3), at(p, 0)), solvers: closed },
  {
    id: "C24 prox",
    what: "lasso by the proximal gradient, the step a parameter",
    at: [1, 5, 2.2, 0.25],
    layer: (solver) => (p) =>
      proximalGradient(
        quadratic(block(p, 1, 2)),
        (v: Tensor, eta) => proxL1(v, mul(at(p, 0), eta) as Tensor),
        at(p, 3),
        leaf([0, 0]),
        solver,
      ),
    solvers: descent,
    value: [2, 0],
    first: [
      [-0.5, 0.5, 0, 0],
      [0, 0, 0, 0],
    ],
    second: [
      [0, 0, 0, 0],
      [0, 0, 1, 0],
      [0, 3, 1, 0],
      [1, 2, 2, 0],
    ],
  },
  { id: "C25 proj", what: "the projection on the simplex itself", ...c25, layer: () => (p) => projectSimplex(p), solvers: closed },
  {
    id: "C25 grad",
    what: "the same as a minimum on the simplex, by projected gradient",
    ...c25,
    layer: (solver) => (p) =>
      projectedGradient(
        (z: Tensor) => mul(sum(square(sub(z, p) as Tensor)), 0.5) as Tensor<[]>,
        (z: Tensor) => projectSimplex(z),
        0.5,
        leaf([1, 0, 0]),
        solver,
      ),
    solvers: { picard: picard(tight) },
  },
]

const c27 = {
  at: [1, 1, 1],
  value: [0.25, 0.75, -2.75],
  first: [
    [0.25, -0.25, 0.25],
    [0.75, 0.25, -0.25],
    [-1.75, -0.25, -0.75],
  ],
  second: [
    [0, 0, 0, 0],
    [1, 0, 1, 0],
    [2, 1, 2, 0],
  ],
} as const
const P27 = leaf([
  [4, 1],
  [1, 2],
])

const optimality: readonly Row[] = [
  {
    id: "C26 kkt",
    what: "the argmax of <z, p> + entropy on the simplex, with its multiplier",
    at: [1, 2, 3],
    layer: (solver) => (z) => {
      const objective = (p: Tensor) => sub(dot(p, log(p)), dot(z, p)) as Tensor<[]>
      const { x, nu } = kkt({ objective, equality: (p) => sub(sum(p), 1) as Tensor<[]> }, leaf([0.1, 0.3, 0.6]), solver)
      return vector(x, nu)
    },
    solvers: krylov,
    value: [0.09003057317038046, 0.2447284710547977, 0.6652409557748219, 2.40760596444438],
    first: [
      [0.08192506906499323, -0.0220330445201743, -0.05989202454481893],
      [-0.0220330445201743, 0.1848364465099787, -0.1628034019898044],
      [-0.05989202454481893, -0.1628034019898044, 0.2226954265346234],
      [0.09003057317038046, 0.2447284710547977, 0.6652409557748219],
    ],
    second: [
      [0, 0, 0, 0.06717354721510453],
      [0, 1, 2, 0.0293145671904599],
      [1, 0, 2, 0.0293145671904599],
      [1, 1, 0, -0.01124881792396521],
      [2, 2, 2, -0.0735968102545256],
    ],
  },
  {
    id: "C27 kkt",
    what: "a quadratic program with an equality, by its conditions",
    ...c27,
    layer: (solver) => (p) => {
      const objective = (x: Tensor) => add(mul(dot(x, times(P27, x)), 0.5), dot(block(p, 1, 2), x)) as Tensor<[]>
      const { x, nu } = kkt({ objective, equality: (x) => sub(sum(x), at(p, 0)) as Tensor<[]> }, leaf([0, 0]), solver)
      return vector(x, nu)
    },
    solvers: krylov,
  },
  {
    id: "C27 qp",
    what: "the same as a quadratic program",
    ...c27,
    layer: (solver) => (p) => {
      const { x, nu } = quadraticProgram({ P: P27, q: block(p, 1, 2), A: leaf([[1, 1]]), b: block(p, 0, 1) }, solver)
      return vector(x, nu as Tensor)
    },
    solvers: krylov,
  },
  {
    id: "C25 qp",
    what: "projection on the simplex as a quadratic program, one bound active",
    ...c25,
    layer: (solver) => (z) =>
      quadraticProgram(
        {
          P: leaf([
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
          ]),
          q: neg(z),
          A: leaf([[1, 1, 1]]),
          b: leaf([1]),
          G: leaf([
            [-1, 0, 0],
            [0, -1, 0],
            [0, 0, -1],
          ]),
          h: leaf([0, 0, 0]),
        },
        solver,
      ).x,
    solvers: dense,
  },
]

const flows: readonly Row[] = [
  {
    id: "C30 ot",
    what: "Sinkhorn 2 x 2 as a layer, the gauge fixed by the mean; P11, P12",
    at: [1],
    layer: (solver) => (p) => {
      const cost = div(
        leaf([
          [
            [0, 1],
            [1, 0],
          ],
        ]),
        at(p, 0),
      ) as Tensor
      return block(reshape(sinkhorn({ solver: perRow(solver) }).apply(null, cost, { mode: "eval" }), [4]) as Tensor, 0, 2)
    },
    value: [0.36552928931500244, 0.1344707106849976],
    first: [[-0.098305966620740926], [0.098305966620740926]],
    second: [
      [0, 0, 0, 0.15118305940500765],
      [1, 0, 0, -0.15118305940500765],
    ],
  },
  {
    id: "C33 flow",
    what: "PageRank as the state at which surfers' flow stands still",
    at: [0.85],
    layer: (solver) => (p) => {
      const links = leaf([
        [0, 0, 1],
        [0.5, 0, 0],
        [0.5, 1, 0],
      ])
      const flow = (x: Tensor) => sub(add(mul(times(links, x), at(p, 0)), div(sub(1, at(p, 0)) as Tensor, 3)), x) as Tensor
      return steadyState(flow, leaf([0, 0, 0]), solver)
    },
    value: [0.3877897117015263, 0.2148106274731487, 0.397399660825325],
    first: [[0.08257276805072985], [-0.10434505106101], [0.02177228301028016]],
    second: [
      [0, 0, 0, -0.012048518630892051],
      [1, 0, 0, 0.077452147632600724],
      [2, 0, 0, -0.065403629001708673],
    ],
  },
  {
    id: "C34 flow",
    what: "Bellman as the state at which values stand still",
    at: [0.9, 1, 0],
    layer: (solver) => (p) => {
      const P = leaf([
        [0.9, 0.1],
        [0.2, 0.8],
      ])
      const flow = (V: Tensor) => sub(add(block(p, 1, 2), mul(times(P, V), at(p, 0))), V) as Tensor
      return steadyState(flow, leaf([0, 0]), solver)
    },
    value: [7.567567567567568, 4.864864864864865],
    first: [
      [68.37107377647918, 7.567567567567568, 2.432432432432432],
      [63.25785244704164, 4.864864864864865, 5.135135135135135],
    ],
    second: [
      [0, 0, 0, 1339.7824413164077],
      [1, 0, 0, 1320.4351173671846],
      [0, 0, 1, 68.371073776479182],
      [1, 2, 0, 36.742147552958364],
      [0, 1, 2, 0],
    ],
  },
  {
    id: "C36 lin",
    what: "Lyapunov X = A X A' + Q as a linear solve, in A and Q; X and its trace",
    at: [0.5, 0.2, 0, 0.3, 1, 0, 0, 1],
    layer: (solver) => (p) => {
      const found = lyapunov(block(p, 0, 2, 2), block(p, 4, 2, 2), linearOf(solver))
      return vector(reshape(found, [4]) as Tensor, trace(found) as Tensor)
    },
    value: [1.412626589097177, 0.07756948933419522, 0.07756948933419522, 1.098901098901099, 1.412626589097177 + 1.098901098901099],
    first: [
      unknown(8),
      unknown(8),
      unknown(8),
      unknown(8),
      [
        1.9321731709274962, 0.79293255763843999, 0.28129075043406387, 0.85794986285499233, 1.3333333333333333, 0.15686274509803922,
        0.15686274509803922, 1.1781943546649429,
      ],
    ],
    second: [
      [4, 0, 0, 8.953822063530999],
      [4, 0, 1, 1.5439539314971841],
      [4, 1, 1, 3.9646627881922],
      [4, 0, 3, 0.4294539557119436],
      [4, 2, 1, 1.6164108061138366],
      [4, 0, 4, 1.7777777777777778],
      [4, 7, 1, 0.79293255763843999],
    ],
  },
  {
    id: "C39 step",
    what: "an implicit Euler step of y' = -k y: y0, k, h",
    at: [1, 2, 0.1],
    layer: (solver) => (p) => vector(implicitEulerStep((y: Tensor<[]>) => neg(mul(at(p, 1), y)) as Tensor<[]>, at(p, 0), at(p, 2), solver)),
    value: [1 / 1.2],
    first: [[1 / 1.2, -0.1 / 1.44, -2 / 1.44]],
    second: [
      [0, 0, 0, 0],
      [0, 0, 1, -0.1 / 1.44],
      [0, 2, 0, -2 / 1.44],
      [0, 1, 1, 0.02 / 1.728],
      [0, 2, 2, 8 / 1.728],
      [0, 1, 2, -0.8 / 1.728],
    ],
  },
]

export const reductionRows: readonly Row[] = [...minima, ...kinks, ...optimality, ...flows]
