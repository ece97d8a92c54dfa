/** Values and gradients against NumPy and JAX, on one well-conditioned matrix (condition numbers below 20, so 1e-13 is far above n^2 eps times them). */
import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor, type Unchecked } from "../../../src/core/index.js"
import {
  add,
  cholesky,
  choleskySolve,
  det,
  eigh,
  eye,
  inv,
  logdet,
  lstsq,
  lu,
  matmul,
  matrixPower,
  mul,
  qr,
  slogdet,
  solve,
  square,
  sum,
  transpose,
} from "../../../src/ops/index.js"
import { dataOf } from "../support.js"
import { stored } from "./stored.js"

const tensorOf = (x: unknown): Tensor => tensor(x as never) as Tensor
const a = tensorOf([
  [1, -2, 3, 0.5],
  [4, 0, -1, 2],
  [-3, 5, 2, 1],
  [0.5, 1.5, -2.5, 6],
])
const tall = tensorOf([
  [1, -2],
  [4, 0],
  [-3, 5],
  [0.5, 1.5],
])
const b = tensorOf([
  [1, 2],
  [0, -1],
  [3, 0.5],
  [-2, 4],
])
const symmetric = add(matmul(a, transpose(a as never) as Tensor) as Tensor, eye(4) as Tensor) as Tensor
const weights = tensorOf(Array.from({ length: 4 }, (_, i) => Array.from({ length: 4 }, (_x, j) => (4 * i + j) / 8 - 1)))
const left = tensorOf([-1, -0.5, 0, 0.5].map((x) => [x, x + 1 / 8]))
const corner = tensorOf([-1, -0.5].map((x) => [x, x + 1 / 8]))

const near = (found: Unchecked, expected: unknown, tolerance = 1e-13) => {
  const numbers = [expected].flat(3) as number[]
  const scale = Math.max(...numbers.map(Math.abs), 1)
  const data = dataOf(found)
  expect(data.length).toBe(numbers.length)
  data.forEach((x, i) => {
    expect(Math.abs(x - (numbers[i] as number))).toBeLessThanOrEqual(tolerance * scale)
  })
}

describe("values are those of NumPy", () => {
  test("factors", () => {
    near(cholesky(symmetric), stored.cholesky)
    const { packed, permutation, sign } = lu(a)
    near(packed, stored.lu)
    near(permutation, stored.perm)
    near(sign, 1)
    near(qr(tall).q, stored.q)
    near(qr(tall).r, stored.r)
    near(eigh(symmetric).values, stored.w)
    near(eigh(symmetric).vectors, stored.v)
  })
  test("solutions", () => {
    near(solve(a, b), stored.solve)
    near(inv(a), stored.inv)
    near(lstsq(tall, b), stored.lstsq)
    near(choleskySolve(cholesky(symmetric), matmul(symmetric, b) as Tensor), dataOf(b))
    near(matrixPower(a, -3), stored.power)
    near(matrixPower(a, 0), dataOf(eye(4)))
    near(matrixPower(a, 5), dataOf(matmul(a, matmul(a, matmul(a, matmul(a, a) as Tensor) as Tensor) as Tensor)))
  })
  test("determinants", () => {
    near(det(a), stored.det)
    near(slogdet(a).sign, stored.slogdet[0])
    near(slogdet(a).logabs, stored.slogdet[1])
    near(slogdet(mul(a, 1e200)).logabs, stored.slogdet[1] + 4 * Math.log(1e200))
    near(logdet(symmetric), dataOf(slogdet(symmetric).logabs))
  })
})

const gradient = (f: (x: Tensor) => Unchecked, x: Tensor) => grad(f as (x: Tensor) => Tensor<[]>)(x as never)

describe("gradients are those of JAX, or closed forms", () => {
  test.each([
    ["cholesky", symmetric, (x: Tensor) => sum(mul(weights, cholesky(x))), stored.gradCholesky],
    ["lu", a, (x: Tensor) => sum(mul(weights, lu(x).packed)), stored.gradLu],
    ["qr", tall, (x: Tensor) => add(sum(mul(left, qr(x).q)) as Tensor, sum(mul(corner, qr(x).r)) as Tensor), stored.gradQr],
    ["lstsq", tall, (x: Tensor) => sum(mul(corner, lstsq(x, b))), stored.gradLstsq],
    ["eigh", symmetric, (x: Tensor) => sum(mul(square(weights), square(eigh(x).vectors))), stored.gradEigh],
  ] as const)("%s", (_name, x, f, expected) => near(gradient(f, x), expected))

  test("d log |det A| = tr(A^-1 dA), d det A = det A tr(A^-1 dA)", () => {
    const inverse = transpose(inv(a) as never) as Tensor
    near(
      gradient((x) => slogdet(x).logabs, a),
      dataOf(inverse),
    )
    near(gradient(det, a), dataOf(mul(inverse, stored.det)))
    near(gradient(logdet, symmetric), dataOf(inv(symmetric)))
  })

  test("of eigenvalues also where they are equal", () => {
    near(
      gradient((x) => sum(square(eigh(x).values)), eye(3) as Tensor),
      dataOf(mul(eye(3), 2)),
    )
  })
})
