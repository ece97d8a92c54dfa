/** Linear systems solved without an iteration: from the matrix, its triangle or its diagonal. */
import type { Tensor, Unchecked } from "../core/index.js"
import {
  any,
  broadcastTo,
  diagonal,
  div,
  equal,
  eye,
  full,
  moveAxis,
  onesLike,
  reshape,
  triangularSolve,
  vmap,
  where,
} from "../ops/index.js"
import type { LinearSystem } from "./linear-system.js"
import type { Ended } from "./loop.js"
import { solveDense } from "./solvers/index.js"
import { codeOf } from "./status.js"

interface Direct {
  readonly x: Tensor
  readonly singular: Tensor<Unchecked, "bool">
  /** An estimate of the condition of the matrix, where its factors tell. */
  readonly condition?: Tensor
}

/** An end with what is known of the condition of the matrix, [lead...]; 0 where nothing is. */
export interface DirectEnd extends Ended {
  readonly condition: Tensor
}

/** The matrix from its products with unit vectors, [rows..., n, n]: column j is M e_j. */
const matrixOf = ({ params, lead, size, ownProduct }: LinearSystem): Tensor => {
  const own = [...lead.slice(params.columns.length), size]
  const columns = vmap((e: Tensor) => ownProduct(broadcastTo(e, own) as Tensor))(eye(size)) as Tensor
  return moveAxis(columns, 0, -1) as Tensor
}

/** One matrix for all right sides: `solve` of [n, n] and [n, columns], row by row. */
const fromMatrix = (system: LinearSystem, solve: (m: Tensor, b: Tensor) => Direct): DirectEnd => {
  const { params, lead, size, unit } = system
  const columns = params.columns.length
  // right sides [columns..., rows..., n] -> [rows..., n, columns]
  const count = lead.slice(0, columns).reduce((a, d) => a * d, 1)
  const right = moveAxis(reshape(unit, [count, ...lead.slice(columns), size]) as Tensor, 0, -1) as Tensor
  let onRows = solve
  for (let i = 0; i < params.rows; i++) onRows = vmap(onRows) as typeof solve
  const { x, singular, condition } = onRows(matrixOf(system), right)
  const told = condition === undefined ? full(lead, 0) : broadcastTo(condition, lead)
  return { ...ended(system, reshape(moveAxis(x, -1, 0), unit.shape) as Tensor, singular, size), condition: told as Tensor }
}

const ended = ({ lead }: LinearSystem, z: Tensor, singular: Tensor<Unchecked, "bool">, products: number): Ended => {
  const each = broadcastTo(singular, lead) as Tensor<Unchecked, "bool">
  const code = (status: "Singular" | "Converged") => full(lead, codeOf(status)) as Tensor
  return {
    z,
    status: where(each, code("Singular"), code("Converged")),
    residual: full(lead, 0) as Tensor,
    evaluations: full(lead, products) as Tensor,
    emitted: [],
    memory: {},
  }
}

/** LU with partial pivoting. */
export const denseSolve = (system: LinearSystem): DirectEnd => fromMatrix(system, solveDense)

/** Substitution in a triangle of the matrix. */
export const substitute = (system: LinearSystem, lower: boolean): Ended =>
  fromMatrix(system, (m, b) => {
    const pivots = diagonal(m) as Tensor
    const singular = any(equal(pivots, 0)) as Tensor<Unchecked, "bool">
    // divisions by zero would give NaN, in solutions that are given up anyhow
    const safe = where(singular, eye(m.shape[0] as number), m) as Tensor
    return { x: triangularSolve(safe, b, { lower }), singular }
  })

/** Division by the diagonal, which is M (1, ..., 1). */
export const divideByDiagonal = (system: LinearSystem): Ended => {
  const { params, lead, size, unit, ownProduct } = system
  const d = ownProduct(full([...lead.slice(params.columns.length), size], 1) as Tensor)
  const none = equal(d, 0)
  const safe = where(none, onesLike(d), d) as Tensor
  const singular = any(none, [d.shape.length - 1]) as Tensor<Unchecked, "bool">
  return ended(system, div(unit, broadcastTo(safe, unit.shape)) as Tensor, singular, 1)
}
