// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: values as the conformance list prints them
/**
 * The conformance list of shared/reference/implicit.md, section 3.2, as far as the solvers and ops of today reach; values from
 * implicit-values.txt (50 digits, rounded to float64). What is left out, and why, is said at the end.
 */
import { type Tensor, tensor } from "../../src/core/index.js"
import {
  anderson,
  broyden,
  damped,
  fixedPoint,
  linearSolve,
  neumann,
  newtonKrylov,
  picard,
  root,
  type Solver,
  shine,
  unrolled,
} from "../../src/implicit/index.js"
import {
  abs,
  add,
  cos,
  div,
  dot,
  einsum,
  exp,
  less,
  log,
  mul,
  neg,
  relu,
  reshape,
  sigmoid,
  sin,
  square,
  sub,
  sum,
  take,
  tanh,
  where,
} from "../../src/ops/index.js"
import { at, block, byAnderson, byNewton, linearOf, type Row, standard, tight, vector } from "./row.js"
import { reductionRows } from "./rows-of-reductions.js"

type Scalar = Tensor<[]>
const scalar = (x: number) => tensor(x) as Scalar
const leaf = (x: readonly unknown[]) => tensor(x as never) as Tensor

/** A layer of one number: x = f(x, p) from a start. */
const one = (start: number, f: (x: Scalar, p: Tensor) => Tensor) => (solver: Solver) => (p: Tensor) =>
  vector(fixedPoint((x: Scalar) => f(x, p) as Scalar, scalar(start), solver))
const oneRoot = (start: number, F: (x: Scalar, p: Tensor) => Tensor) => (solver: Solver) => (p: Tensor) =>
  vector(root((x: Scalar) => F(x, p) as Scalar, scalar(start), solver))
const many = (start: readonly number[], f: (z: Tensor, p: Tensor) => Tensor) => (solver: Solver) => (p: Tensor) =>
  fixedPoint((z: Tensor) => f(z, p), leaf(start), solver)
const manyRoot = (start: readonly number[], F: (z: Tensor, p: Tensor) => Tensor) => (solver: Solver) => (p: Tensor) =>
  root((z: Tensor) => F(z, p), leaf(start), solver)

const times = (m: Tensor, z: Tensor): Tensor => einsum("ij,j->i", m, z)
/** z = A z + b with A in parameters 0 to 3 and b in 4 and 5; the solution, and <u, z>. */
const affine2 = (u: readonly number[]) => (solver: Solver) => (p: Tensor) => {
  const z = fixedPoint((z: Tensor) => add(times(block(p, 0, 2, 2), z), block(p, 4, 2)) as Tensor, leaf([0, 0]), solver)
  return vector(z, dot(leaf(u), z))
}
const unknown = (n: number) => Array.from({ length: n }, () => null)
/** x shrunk towards 0 by t; derivative 0 where nothing is left. */
const softThreshold = (x: Tensor, t: Tensor): Tensor => {
  const left = sub(abs(x), t)
  return where(less(left, 0), mul(x, 0), where(less(x, 0), neg(left), left)) as Tensor
}

const scalars: readonly Row[] = [
  {
    id: "C01",
    what: "x = cos x + t",
    at: [0],
    layer: one(0.5, (x, p) => add(cos(x), at(p, 0))),
    value: [0.7390851332151606],
    first: [[0.5975100456753035]],
    second: [[0, 0, 0, -0.1576631141037715]],
  },
  {
    id: "C02",
    what: "x = (x + a/x) / 2",
    at: [2],
    layer: one(1, (x, p) => mul(add(x, div(at(p, 0), x)), 0.5)),
    value: [1.414213562373095],
    first: [[0.3535533905932738]],
    second: [[0, 0, 0, -0.08838834764831844]],
    third: [[0, 0, 0.06629126073623883]],
  },
  {
    id: "C03",
    what: "x = a x + b, a = 1/2",
    at: [0.5, 1],
    layer: one(0, (x, p) => add(mul(x, at(p, 0)), at(p, 1))),
    value: [2],
    first: [[4, 2]],
    second: [
      [0, 0, 0, 16],
      [0, 0, 1, 4],
      [0, 1, 0, 4],
    ],
  },
  {
    id: "C05",
    what: "x = a x + b, a = 2: no contraction",
    at: [2, 1],
    layer: one(0, (x, p) => add(mul(x, at(p, 0)), at(p, 1))),
    solvers: { ...standard, broyden: broyden(tight), newtonKrylov: newtonKrylov(tight) },
    value: [-1],
    first: [[1, -1]],
  },
  {
    id: "C06",
    what: "x = tanh(w x + u)",
    at: [0.5, 1],
    layer: one(0, (x, p) => tanh(add(mul(x, at(p, 0)), at(p, 1)))),
    value: [0.8952191961798104],
    first: [[0.1973722984962791, 0.2204737111743476]],
    second: [
      [0, 1, 1, -0.4865724044684632],
      [0, 1, 0, -0.3869802994925456],
      [0, 0, 1, -0.3869802994925456],
    ],
  },
  {
    id: "C07",
    what: "Kepler E = M + e sin E",
    at: [0.5, 1],
    layer: one(1, (E, p) => add(at(p, 1), mul(at(p, 0), sin(E)))),
    value: [1.498701133517848],
    first: [[1.034667232373456, 1.037362021893646]],
    second: [
      [0, 1, 1, -0.5567130326685878],
      [0, 1, 0, -0.477750955724713],
      [0, 0, 1, -0.477750955724713],
    ],
  },
  {
    id: "C09",
    what: "y = tanh(y + c)",
    at: [1],
    layer: one(0.5, (y, p) => tanh(add(y, at(p, 0)))),
    value: [0.9611797513715395],
    first: [[0.08240745211871367]],
  },
  {
    id: "C10",
    what: "x^3 = a",
    at: [8],
    layer: oneRoot(1.9, (x, p) => sub(mul(mul(x, x), x), at(p, 0))),
    value: [2],
    first: [[1 / 12]],
    second: [[0, 0, 0, -1 / 144]],
  },
  {
    id: "C11",
    what: "x = 1 + p/x",
    at: [1],
    layer: one(1.5, (x, p) => add(div(at(p, 0), x), 1)),
    value: [1.618033988749895],
    first: [[0.4472135954999579]],
    second: [[0, 0, 0, -0.1788854381999832]],
  },
  {
    id: "C29",
    what: "logistic regression, l w = sigma(-w)",
    at: [0.5],
    layer: oneRoot(0, (w, p) => sub(sigmoid(neg(w)), mul(at(p, 0), w))),
    value: [0.6748316143423994],
    first: [[-0.9326464478856873]],
  },
  {
    id: "C31",
    what: "mean field m = tanh(beta m), upper branch",
    at: [2],
    layer: one(0.5, (m, p) => tanh(mul(m, at(p, 0)))),
    value: [0.9575040240772687],
    first: [[0.09554739061382994]],
  },
  {
    id: "C31'",
    what: "the same from the start 0: the middle branch",
    at: [2],
    layer: one(0, (m, p) => tanh(mul(m, at(p, 0)))),
    value: [0],
    first: [[0]],
  },
  {
    id: "C39",
    what: "implicit Euler y = y0 - h k y",
    at: [1, 2],
    layer: one(0, (y, p) => sub(at(p, 0), mul(mul(at(p, 1), y), 0.1))),
    value: [0.8333333333333333],
    first: [[0.8333333333333333, -0.06944444444444444]],
  },
  {
    id: "C40",
    what: "the constant map f(z, c) = c",
    at: [3],
    layer: one(-7, (_, p) => at(p, 0)),
    solvers: { ...standard, picard: picard(tight), broyden: broyden(tight) },
    value: [3],
    first: [[1]],
    second: [[0, 0, 0, 0]],
  },
  {
    id: "C49",
    what: "unrolled(4) of x = a x + b from x0",
    at: [1, 3],
    layer: (solver) => (p) => vector(fixedPoint((x: Scalar) => add(mul(x, 0.5), at(p, 0)) as Scalar, at(p, 1), solver)),
    solvers: { unrolled: picard({ adjoint: unrolled(4) }) },
    value: [2.0625],
    first: [[1.875, 0.0625]],
    second: [[0, 0, 1, 0]],
  },
]

const c13 = { at: [0.2, 0.3, -0.1, 0.4, 1, 2], z: [2.352941176470588, 2.941176470588235] }
const neumannRow = (k: number, lambda: readonly number[]): Row => ({
  id: "C47",
  what: `C13 with the adjoint neumann(${k})`,
  at: c13.at,
  layer: affine2([1, 1]),
  solvers: { anderson: { ...byAnderson, adjoint: neumann(k) } },
  value: [...c13.z, 5.294117647058824],
  first: [unknown(6), unknown(6), [...lambda.flatMap((l) => c13.z.map((z) => l * z)), ...lambda]],
})

/** C50: the gradient is lambda z' and lambda, here of the inverse that Broyden's method ends with. */
const shineValues = [1.46240862463, 2.23719882306]
const shineRow: Row = {
  id: "C50",
  what: "C13 with the adjoint shine: what the approximation is, not the exact gradient",
  at: c13.at,
  layer: affine2([1, 1]),
  solvers: { broyden: broyden({ ...tight, adjoint: shine() }) },
  value: [...c13.z, 5.294117647058824],
  first: [unknown(6), unknown(6), [...shineValues.flatMap((l) => c13.z.map((z) => l * z)), ...shineValues]],
}

const affine: readonly Row[] = [
  {
    id: "C13",
    what: "z = A z + b, A not symmetric, u = (1, 1)",
    at: c13.at,
    layer: affine2([1, 1]),
    solvers: { ...standard, broyden: broyden(tight), newtonKrylov: newtonKrylov(tight) },
    value: [...c13.z, 5.294117647058824],
    first: [
      unknown(6),
      unknown(6),
      [2.306805074971165, 2.883506343713956, 5.074971164936563, 6.343713956170704, 0.9803921568627451, 2.156862745098039],
    ],
  },
  {
    id: "C14",
    what: "A = [[1/2, 10], [0, 1/2]]: transient growth",
    at: [0.5, 10, 0, 0.5, 1, 1],
    layer: affine2([1, 1]),
    solvers: { ...standard, picard: picard(tight) },
    value: [42, 2, 44],
    first: [unknown(6), unknown(6), [84, 4, 1764, 84, 2, 42]],
  },
  {
    id: "C16",
    what: "a rotation by 60 degrees about (1, 2): spectral radius 1",
    at: [0.5, -Math.sqrt(0.75), Math.sqrt(0.75), 0.5, 0.5 + 2 * Math.sqrt(0.75), 1 - Math.sqrt(0.75)],
    layer: affine2([1, 0]),
    value: [1, 2, 1],
    first: [unknown(6), unknown(6), [0.5, 1, -0.8660254037844386, -1.732050807568877, 0.5, -0.8660254037844386]],
  },
  neumannRow(0, [1, 1]),
  neumannRow(1, [1.1, 1.7]),
  neumannRow(2, [1.05, 2.01]),
  neumannRow(5, [0.98295, 2.15709]),
  shineRow,
  {
    id: "C33",
    what: "PageRank: 1 to {2, 3}, 2 to 3, 3 to 1",
    at: [0.85],
    layer: many([0, 0, 0], (x, p) => {
      const links = leaf([
        [0, 0, 1],
        [0.5, 0, 0],
        [0.5, 1, 0],
      ])
      return add(mul(times(links, x), at(p, 0)), div(sub(1, at(p, 0)) as Tensor, 3)) as Tensor
    }),
    value: [0.3877897117015263, 0.2148106274731487, 0.397399660825325],
    first: [[0.08257276805072985], [-0.10434505106101], [0.02177228301028016]],
  },
  {
    id: "C34",
    what: "Bellman V = r + gamma P V",
    at: [0.9, 1, 0],
    layer: many([0, 0], (V, p) => {
      const P = leaf([
        [0.9, 0.1],
        [0.2, 0.8],
      ])
      return add(block(p, 1, 2), mul(times(P, V), at(p, 0))) as Tensor
    }),
    value: [7.567567567567568, 4.864864864864865],
    first: [
      [68.37107377647918, 7.567567567567568, 2.432432432432432],
      [63.25785244704164, 4.864864864864865, 5.135135135135135],
    ],
  },
  {
    id: "C36",
    what: "Lyapunov X = A X A' + Q, and the trace of X",
    at: [1, 0, 0, 1],
    layer: (solver) => (p) => {
      const A = leaf([
        [0.5, 0.2],
        [0, 0.3],
      ])
      const Q = block(p, 0, 2, 2)
      const X = fixedPoint((X: Tensor) => add(einsum("ik,jk->ij", einsum("ij,jk->ik", A, X), A), Q) as Tensor, mul(Q, 0), solver)
      return vector(
        reshape(X, [4]) as Tensor,
        sum(
          mul(
            X,
            leaf([
              [1, 0],
              [0, 1],
            ]),
          ) as Tensor,
        ),
      )
    },
    value: [1.412626589097177, 0.07756948933419522, 0.07756948933419522, 1.098901098901099, 1.412626589097177 + 1.098901098901099],
    first: [unknown(4), unknown(4), unknown(4), unknown(4), [1.333333333333333, 0.1568627450980392, 0.1568627450980392, 1.178194354664943]],
  },
  {
    id: "C42",
    what: "x = y/2 + a, y = x/2 + b as two leaves",
    at: [1, 2],
    layer: (solver) => (p) => {
      interface Two {
        readonly x: Scalar
        readonly y: Scalar
      }
      const f = ({ x, y }: Two) => ({ x: add(mul(y, 0.5), at(p, 0)) as Scalar, y: add(mul(x, 0.5), at(p, 1)) as Scalar })
      const z = fixedPoint(f, { x: scalar(0), y: scalar(0) }, solver)
      return vector(z.x, z.y)
    },
    value: [2.666666666666667, 3.333333333333333],
    first: [
      [1.333333333333333, 0.6666666666666667],
      [0.6666666666666667, 1.333333333333333],
    ],
  },
  {
    id: "C46",
    what: "z = tanh(W z + x): the smallest honest DEQ, u = (1, 1)",
    at: [0.3, -0.4, 0.2, 0.1, 0.5, -0.3],
    layer: (solver) => (p) => {
      const z = fixedPoint((z: Tensor) => tanh(add(times(block(p, 0, 2, 2), z), block(p, 4, 2)) as Tensor), leaf([0, 0]), solver)
      return vector(z, sum(z))
    },
    value: [0.6462087496024601, -0.1872473684202378, 0.6462087496024601 - 0.1872473684202378],
    first: [
      unknown(6),
      unknown(6),
      [0.5219796240622211, -0.1512503676788097, 0.4671582701128525, -0.1353651691782188, 0.8077569738622956, 0.7229216107027995],
    ],
  },
]

const c38 = {
  at: [4, 1, 1, 3, 1, 2],
  value: [0.09090909090909091, 0.6363636363636364, 0.09090909090909091],
  first: [
    unknown(6),
    unknown(6),
    [-0.02479338842975207, -0.1735537190082645, 0.008264462809917355, 0.05785123966942149, 0.2727272727272727, -0.09090909090909091],
  ],
}

const roots: readonly Row[] = [
  {
    id: "C17",
    what: "the root of M x - b, with the numbers of C38",
    at: c38.at,
    layer: (solver) => (p) => {
      const x = root((x: Tensor) => sub(times(block(p, 0, 2, 2), x), block(p, 4, 2)) as Tensor, leaf([0, 0]), solver)
      return vector(x, at(x, 0))
    },
    value: c38.value,
    first: c38.first,
  },
  {
    id: "C19",
    what: "y = reverse(sqrt(x + 2), -sqrt(x)): more outputs than inputs",
    at: [1, 2, 3],
    layer: manyRoot([-1.5, -1.5, -1.2, 2, 2, 2], (y, p) => {
      const reversed = take(square(y), tensor([5, 4, 3, 2, 1, 0], "int")) as Tensor
      return sub(vector(add(p, 2) as Tensor, p), reversed) as Tensor
    }),
    value: [-1.732050807568877, -1.414213562373095, -1, 2.23606797749979, 2, 1.732050807568877],
    first: [
      [0, 0, -0.2886751345948129],
      [0, -0.3535533905932738, 0],
      [-0.5, 0, 0],
      [0, 0, 0.223606797749979],
      [0, 0.25, 0],
      [0.2886751345948129, 0, 0],
    ],
  },
  {
    id: "C21",
    what: "(x - y)(x^2 + y^2 + 1) = 0 elementwise",
    at: [0.3, -2],
    layer: manyRoot([0, 0], (y, p) => mul(sub(p, y), add(add(square(p), square(y)), 1))),
    solvers: { newton: byNewton },
    value: [0.3, -2],
    first: [
      [1, 0],
      [0, 1],
    ],
    second: [
      [0, 0, 0, 0],
      [1, 1, 1, 0],
    ],
  },
  {
    id: "C22",
    what: "ridge regression as the root of its gradient",
    at: [0.1, 1, 2, 3],
    layer: manyRoot([0, 0], (w, p) => {
      const X = leaf([
        [1, 2],
        [3, 4],
        [5, 6],
      ])
      return neg(add(einsum("ji,j->i", X, sub(times(X, w), block(p, 1, 3)) as Tensor), mul(w, mul(at(p, 0), 3)))) as Tensor
    }),
    value: [0.1284296555750146, 0.396964389959136],
    first: [
      [0.5975390279818251, -0.6168515275345398, -0.1381591749367581, 0.3405331776610235],
      [-0.4881458330564425, 0.5176104300447558, 0.1790231562560809, -0.1595641175325339],
    ],
    second: [
      [0, 0, 0, -6.435477399866926],
      [1, 0, 0, 5.081525410168444],
    ],
  },
  {
    id: "C22'",
    what: "the same as a linear solve",
    at: [0.1, 1, 2, 3],
    layer: (solver) => (p) => {
      const X = leaf([
        [1, 2],
        [3, 4],
        [5, 6],
      ])
      const H = (w: Tensor) => add(einsum("ji,j->i", X, times(X, w)), mul(w, mul(at(p, 0), 3))) as Tensor
      return linearSolve(H, einsum("ji,j->i", X, block(p, 1, 3)), linearOf(solver))
    },
    value: [0.1284296555750146, 0.396964389959136],
    first: [
      [0.5975390279818251, -0.6168515275345398, -0.1381591749367581, 0.3405331776610235],
      [-0.4881458330564425, 0.5176104300447558, 0.1790231562560809, -0.1595641175325339],
    ],
    second: [
      [0, 0, 0, -6.435477399866926],
      [1, 0, 0, 5.081525410168444],
    ],
  },
  {
    id: "C26",
    what: "the argmax of <z, p> + entropy on the simplex: softmax",
    at: [1, 2, 3],
    layer: (solver) => (z) => {
      interface Kkt {
        readonly p: Tensor
        readonly nu: Scalar
      }
      const F = ({ p, nu }: Kkt) => ({ p: sub(sub(sub(z, log(p)), 1), nu) as Tensor, nu: sub(sum(p), 1) as Scalar })
      return root(F, { p: leaf([0.1, 0.3, 0.6]), nu: scalar(2) }, solver).p
    },
    solvers: { newton: byNewton, newtonKrylov: newtonKrylov(tight) },
    value: [0.09003057317038046, 0.2447284710547977, 0.6652409557748219],
    first: [
      [0.08192506906499323, -0.0220330445201743, -0.05989202454481893],
      [-0.0220330445201743, 0.1848364465099787, -0.1628034019898044],
      [-0.05989202454481893, -0.1628034019898044, 0.2226954265346234],
    ],
  },
  {
    id: "C27",
    what: "a quadratic program with an equality: an indefinite KKT system",
    at: [1, 1, 1],
    layer: (solver) => (p) => {
      const Q = leaf([
        [4, 1],
        [1, 2],
      ])
      const KKT = ({ x, nu }: { readonly x: Tensor; readonly nu: Scalar }) => ({ x: add(times(Q, x), nu) as Tensor, nu: sum(x) as Scalar })
      const { x, nu } = linearSolve(KKT, { x: neg(block(p, 1, 2)) as Tensor, nu: at(p, 0) }, linearOf(solver))
      return vector(x, nu)
    },
    value: [0.25, 0.75, -2.75],
    first: [[0.25, -0.25, 0.25], [0.75, 0.25, -0.25], unknown(3)],
  },
  {
    id: "C38",
    what: "[[4, 1], [1, 3]] x = (1, 2), u = (1, 0)",
    at: c38.at,
    layer: (solver) => (p) => {
      const x = linearSolve((x: Tensor) => times(block(p, 0, 2, 2), x), block(p, 4, 2), linearOf(solver))
      return vector(x, at(x, 0))
    },
    value: c38.value,
    first: c38.first,
  },
]

const monDeq = leaf([
  [-0.5, 1],
  [-1, 0.25],
])
const c44 = {
  at: [1, 0.2],
  value: [0.6666666666666667, 0],
  first: [
    [0.6666666666666667, 0],
    [0, 0],
  ],
}

const kinks: readonly Row[] = [
  {
    id: "C23",
    what: "prox of the 1-norm by proximal gradient steps",
    at: [1, 3, -0.5, 1.2],
    layer: many([0, 0, 0], (w, p) => softThreshold(sub(w, mul(sub(w, block(p, 1, 3)), 0.5)) as Tensor, mul(at(p, 0), 0.5) as Tensor)),
    value: [2, 0, 0.2],
    first: [
      [-1, 1, 0, 0],
      [0, 0, 0, 0],
      [-1, 0, 0, 1],
    ],
  },
  {
    id: "C24",
    what: "lasso by proximal gradient steps",
    at: [1, 5, 2.2],
    layer: many([0, 0], (w, p) => {
      const H = leaf([
        [2, 1],
        [1, 2],
      ])
      return softThreshold(sub(w, mul(sub(times(H, w), block(p, 1, 2)), 0.25)) as Tensor, mul(at(p, 0), 0.25) as Tensor)
    }),
    // Newton cycles between the pieces of the map
    solvers: { picard: picard(tight), "anderson, gmres": byAnderson },
    value: [2, 0],
    first: [
      [-0.5, 0.5, 0],
      [0, 0, 0],
    ],
  },
  {
    id: "C25",
    what: "projection on the simplex by its KKT conditions",
    at: [0.6, 0.5, -0.4],
    layer: (solver) => (z) => {
      interface Kkt {
        readonly x: Tensor
        readonly nu: Scalar
      }
      const F = ({ x, nu }: Kkt) => ({ x: sub(relu(sub(z, nu) as Tensor), x) as Tensor, nu: sub(sum(x), 1) as Scalar })
      return root(F, { x: leaf([0.5, 0.5, 0]), nu: scalar(0) }, solver).x
    },
    solvers: { newton: byNewton, newtonKrylov: newtonKrylov(tight) },
    value: [0.55, 0.45, 0],
    first: [
      [0.5, -0.5, 0],
      [-0.5, 0.5, 0],
      [0, 0, 0],
    ],
  },
  {
    id: "C30",
    what: "Sinkhorn 2 x 2, the gauge fixed in f; P11",
    at: [1],
    layer: (solver) => (p) => {
      const C = leaf([
        [0, 1],
        [1, 0],
      ])
      const K = exp(neg(div(C, at(p, 0)))) as Tensor
      const half = (x: Tensor) => div(0.5, x) as Tensor
      const vOf = (u: Tensor) => half(einsum("ij,i->j", K, u))
      const u = fixedPoint(
        (u: Tensor) => {
          const next = half(times(K, vOf(u)))
          return div(next, at(next, 0)) as Tensor
        },
        leaf([1, 0.7]),
        solver,
      )
      return vector(mul(mul(at(u, 0), at(reshape(K, [4]) as Tensor, 0)), at(vOf(u), 0)) as Tensor)
    },
    value: [0.3655292893150024],
    first: [[-0.09830596662074093]],
  },
  {
    id: "C44",
    what: "relu monDEQ z = relu(W z + b), one unit inactive",
    ...c44,
    layer: many([0, 0], (z, p) => relu(add(times(monDeq, z), p) as Tensor)),
    solvers: {
      newton: byNewton,
      "damped picard": damped(picard(tight), 0.5),
      "damped anderson": damped(anderson({ ...tight, memory: 2 }), 0.5),
    },
  },
  {
    id: "C45 FB",
    what: "the same by forward-backward splitting",
    ...c44,
    layer: many([0, 0], (z, p) => relu(add(mul(z, 0.7), mul(add(times(monDeq, z), p), 0.3)) as Tensor)),
    solvers: { picard: picard(tight), newton: byNewton },
  },
  {
    id: "C45 PR",
    what: "the same by Peaceman-Rachford splitting, a linear solve in every step",
    ...c44,
    layer: (solver) => (p) => {
      const resolvent = (c: Tensor) => linearSolve((x: Tensor) => sub(mul(x, 2), times(monDeq, x)) as Tensor, c)
      const step = (u: Tensor) => {
        const reflected = sub(mul(relu(u), 2), u) as Tensor
        return sub(mul(resolvent(add(reflected, p) as Tensor), 2), reflected) as Tensor
      }
      return relu(fixedPoint(step, leaf([0, 0]), solver))
    },
    solvers: { anderson: anderson({ ...tight, memory: 2 }), newton: byNewton },
  },
]

export const rows: readonly Row[] = [...scalars, ...affine, ...roots, ...kinks, ...reductionRows]

/** Rows of the list that are not here. */
export const leftOut: Readonly<Record<string, string>> = {
  "C38, symmetrised M-bar":
    "a structure says how to solve and projects no cotangent: the gradient follows the function as it is written (operators.test.ts, which also has CG refuse C27)",
}
