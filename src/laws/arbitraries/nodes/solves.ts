/** Nodes with a solve, and loops of unknown length. */
import type { Tensor } from "../../../core/index.js"
import { anderson, dense, exact, fixedPoint, linearSolve, newton, picard, type SolverOptions } from "../../../implicit/index.js"
import * as op from "../../../ops/index.js"
import { matrix, type NodeKind, of1, of2, oneOf, pick } from "./node.js"

/** As close as rounding lets it come (the map halves distances 60 times), so that differences of values tell derivatives. */
const options: SolverOptions = { atol: 0, rtol: 0, maxEvaluations: 60, onFailure: "useBest", adjoint: exact(dense()) }

const solvers = { picard: () => picard(options), anderson: () => anderson({ memory: 2, ...options }), newton: () => newton(options) }
const methods = ["picard", "anderson", "newton"] as const

const elementwise: NodeKind = (d, pool) => {
  const x = pick(d, pool)
  if (x === null) return null
  const method = oneOf(d, methods)
  return of1(
    x,
    `fixedPoint((z) => sin(z) / 2 + tanh(%0), zeros, ${method})`,
    (a) =>
      fixedPoint(
        (z: Tensor) => op.add(op.mul(op.sin(z), 0.5), op.tanh(a)) as Tensor,
        op.zerosLike(a) as Tensor,
        solvers[method](),
      ) as Tensor,
  )
}

const layer: NodeKind = (d, pool) => {
  const w = pick(d, pool, matrix)
  const x = w === null ? null : pick(d, pool, (t) => matrix(t) && t.shape[1] === (pool[w] as Tensor).shape[0])
  if (w === null || x === null) return null
  const method = oneOf(d, methods)
  return of2(x, w, `fixedPoint((z) => tanh(z tanh(%1) sin(%1)^T / size + %0) / 2, zeros, ${method})`, (a, m) => {
    const square = op.matmul(op.tanh(m) as Tensor, op.transpose(op.sin(m) as Tensor) as Tensor) as Tensor
    const weights = op.div(
      square,
      m.shape.reduce((n, s) => n * s, 1),
    ) as Tensor
    return fixedPoint(
      (z: Tensor) => op.mul(op.tanh(op.add(op.matmul(z, weights) as Tensor, a) as Tensor), 0.5) as Tensor,
      op.zerosLike(a) as Tensor,
      solvers[method](),
    ) as Tensor
  })
}

const operator: NodeKind = (d, pool) => {
  const x = pick(d, pool)
  return x === null
    ? null
    : of1(x, "linearSolve((v) => 2 v + sin(%0) mean(v), %0)", (a) => {
        const direction = op.sin(a) as Tensor
        return linearSolve((v: Tensor) => op.add(op.mul(v, 2), op.mul(direction, op.mean(v) as Tensor)) as Tensor, a, { solver: dense() })
      })
}

/** Reverse mode stops at a loop of unknown length, so it starts from a number and its end is a factor. */
const whileLoop: NodeKind = (d, pool) => {
  const x = pick(d, pool)
  return x === null
    ? null
    : of1(x, "%0 whileLoop((z) => z^2 < 2.03, (z) => 1.25 z + 0.11, 0.3) / 2", (a) => {
        const end = op.whileLoop(
          (z: Tensor<[]>) => op.less(op.square(z), 2.03),
          (z) => op.add(op.mul(z, 1.25), 0.11),
          op.full([], 0.3),
        )
        return op.mul(a, op.mul(end, 0.5)) as Tensor
      })
}

export const solveKinds: Readonly<Record<string, NodeKind>> = {
  fixedPoint: (d, pool, scope) => (d.bool() ? elementwise : layer)(d, pool, scope),
  linearSolve: operator,
  whileLoop,
}
