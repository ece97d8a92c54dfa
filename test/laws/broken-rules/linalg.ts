/** Broken rules of dense linear algebra. */
import { type AnyTensor, apply, apply1, bodyOf, type Tensor, type TensorType } from "../../../src/core/index.js"
import { matmul, mul, neg, permute, sub, triangularSolve } from "../../../src/ops/index.js"
import { type BrokenRule, broken, brokenIn } from "./broken.js"
import {
  cotangents,
  keysAs,
  lowered,
  negated,
  reversed,
  rightOnce,
  rows,
  tangents,
  times,
  transposedWith,
  typedAs,
  withoutTangent,
} from "./faults.js"

interface Triangle {
  readonly lower: boolean
  readonly transposed: boolean
  readonly unit: boolean
}
interface Side {
  readonly transposed: boolean
}

const factorizations = ["cholesky", "lu", "qr", "eigh"]
const solvers = ["triangularSolve", "solve"]
const slightly = times(1 + 2 ** -20)

/** Solves with op(A) where its transpose is meant, or the other way round. */
const other = <P extends Side>(params: P): P => ({ ...params, transposed: !params.transposed })

/** Square matrices of the size of the last axis. */
const square = ({ elem, shape }: TensorType): TensorType => ({
  elem,
  shape: [...shape.slice(0, -2), shape.at(-1) as number, shape.at(-1) as number],
})

export const linalg: readonly BrokenRule[] = [
  ...brokenIn([...factorizations, ...solvers], "type", "keys count as floats", keysAs("float")),
  ...brokenIn(
    ["cholesky", "lu", "eigh"],
    "type",
    "the last axis alone counts",
    typedAs(([a]) => [square(a as TensorType)]),
  ),
  broken("qr", "type", "more columns than rows", () => (_params, [a]) => [a as TensorType, square(a as TensorType)]),
  ...brokenIn(solvers, "type", "right sides may have any number of rows", () => (_params, inputs) => [inputs[1] as TensorType]),
  ...brokenIn([...factorizations, ...solvers], "jvp", "the wrong sign", tangents(negated)),
  ...brokenIn([...factorizations, ...solvers], "jvp", "off by one part in a million", tangents(slightly)),
  ...brokenIn([...factorizations, ...solvers], "jvp", "right once, wrong twice", rightOnce),
  ...brokenIn(solvers, "jvp", "the matrix is taken for a constant", withoutTangent(0)),
  broken("cholesky", "jvp", "the diagonal is not halved", () => (_params, _inputs, [l], [da]) => {
    const factor = l as Tensor
    const half = triangularSolve(factor, da as Tensor)
    return [matmul(factor, triangularSolve(factor, half, { transposed: true, side: "right" })) as AnyTensor]
  }),
  broken("qr", "jvp", "Q moves out of the space of the columns only", (good) => (params, inputs, outputs, given) => {
    const [dq, dr] = good.jvp(params, inputs, outputs, given) as readonly [Tensor, Tensor]
    const q = outputs[0] as Tensor
    const t = permute(q, [...q.shape.slice(2).map((_, i) => i), q.shape.length - 1, q.shape.length - 2])
    return [sub(dq, matmul(q, matmul(t, dq) as Tensor) as Tensor) as AnyTensor, dr]
  }),
  broken("eigh", "jvp", "eigenvectors stand still", (good) => (...args) => [good.jvp(...args)[0] ?? null, null]),
  broken("eigh", "lower", "eigenvectors of the other sign", (good) => (params, inputs) => ({
    t: "graph",
    graph: bodyOf("broken", inputs, (args) => {
      const [w, v] = apply(good, params, args) as readonly [Tensor, Tensor]
      return [w, neg(v)]
    }),
  })),
  ...brokenIn(solvers, "transpose", "solves with the matrix itself", transposedWith(other)),
  ...brokenIn(solvers, "transpose", "off by one part in a million", cotangents(slightly)),
  ...brokenIn([...factorizations, ...solvers], "batch", "rows come out backwards", rows(reversed)),
  ...brokenIn([...factorizations, ...solvers], "lower", "off by one part in a million", lowered(slightly)),
  broken(
    "triangularSolve",
    "lower",
    "the other triangle is read",
    (good) =>
      (params: Triangle, ...rest) =>
        good.lower({ ...params, lower: !params.lower }, ...rest),
  ),
  broken(
    "triangularSolve",
    "lower",
    "the diagonal is read though it is said to be 1",
    (good) =>
      (params: Triangle, ...rest) =>
        good.lower({ ...params, unit: false }, ...rest),
  ),
  broken(
    "solve",
    "lower",
    "the transposed system",
    (good) =>
      (params: Side, ...rest) =>
        good.lower(other(params), ...rest),
  ),
  broken("lu", "lower", "the sign of the order is left out", (good) => (params, inputs) => ({
    t: "graph",
    graph: bodyOf("broken", inputs, (args) => {
      const [packed, order, sign] = apply(good, params, args) as readonly [AnyTensor, AnyTensor, Tensor]
      return [packed, order, mul(sign, sign)]
    }),
  })),
  broken("cholesky", "lower", "the factor of twice the matrix", (good) => (params, inputs) => ({
    t: "graph",
    graph: bodyOf("broken", inputs, ([a]) => [apply1(good, params, [mul(a as Tensor, 2)])]),
  })),
]
