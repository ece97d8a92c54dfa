/** Nodes of linear algebra, on matrices that are well conditioned by their making. */
import { type Tensor, tensor } from "../../../core/index.js"
import * as op from "../../../ops/index.js"
import { called, matrix, type NodeKind, pick, unary } from "./node.js"

const gram = (a: Tensor, b: Tensor): Tensor => op.div(op.matmul(a, op.transpose(b) as Tensor) as Tensor, a.shape[1] as number) as Tensor

const identity = (x: Tensor, scale: number): Tensor => op.mul(op.eye(x.shape[0] as number) as Tensor, scale) as Tensor

/** Symmetric, with eigenvalues of at least 1. */
const definite = (x: Tensor): Tensor => {
  const bounded = op.tanh(x) as Tensor
  return op.add(gram(bounded, bounded), identity(x, 1)) as Tensor
}

/** Each row has one element of about 3, in a place of its own, and others that sum up to at most 1. */
const regular = (x: Tensor, shift = 0): Tensor => {
  const small = op.div(gram(op.tanh(x) as Tensor, op.cos(x) as Tensor), x.shape[0] as number) as Tensor
  return op.roll(op.add(small, identity(x, 3)) as Tensor, shift, 0)
}

/** Symmetric, with eigenvalues that lie apart. */
const spread = (x: Tensor): Tensor => {
  const bounded = op.tanh(x) as Tensor
  const n = x.shape[0] as number
  const apart = op.diag(tensor(Array.from({ length: n }, (_, i) => 4 * i))) as Tensor
  return op.add(op.div(gram(bounded, bounded), n), apart) as Tensor
}

const lower = (x: Tensor): Tensor => op.tril(regular(x))

/** A regular matrix with its rows moved round, and a right side. */
const system =
  (name: string, build: (a: Tensor, b: Tensor) => Tensor): NodeKind =>
  (d, pool) => {
    const m = pick(d, pool, matrix)
    if (m === null) return null
    const rows = (pool[m] as Tensor).shape[0]
    const b = pick(d, pool, (t) => t.shape.length > 0 && t.shape.length <= 2 && t.shape[0] === rows)
    if (b === null) return null
    const shift = d.int(0, 2)
    return called(name, [m, b], { shift }, (x, y) => build(regular(x as Tensor, shift), y as Tensor))
  }

/** A function of a regular matrix alone. */
const ofRegular =
  (name: string, build: (a: Tensor) => Tensor): NodeKind =>
  (d, pool) => {
    const m = pick(d, pool, matrix)
    if (m === null) return null
    const shift = d.int(0, 2)
    return called(name, [m], { shift }, (x) => build(regular(x as Tensor, shift)))
  }

export const matrixKinds: Readonly<Record<string, NodeKind>> = {
  cholesky: unary("cholesky", (x) => op.cholesky(definite(x)), matrix),
  logdet: unary("logdet", (x) => op.logdet(definite(x)), matrix),
  solve: system("solve", op.solve),
  inv: ofRegular("inv", op.inv),
  det: ofRegular("det", (a) => op.div(op.det(a), 3 ** (a.shape[0] as number)) as Tensor),
  slogdet: ofRegular("slogdet", (a) => op.slogdet(a).logabs),
  triangularSolve: system("triangularSolve", (a, b) => op.triangularSolve(op.tril(op.add(a, identity(a, 4)) as Tensor), b)),
  qr: ofRegular("qr", (a) => {
    const { q, r } = op.qr(a)
    return op.add(q, op.div(r, 3)) as Tensor
  }),
  lstsq: system("lstsq", op.lstsq),
  // signs of eigenvectors cancel
  eigh: unary(
    "eigh",
    (x) => {
      const { values, vectors } = op.eigh(spread(x))
      return op.matmul(op.mul(vectors, op.sin(values)) as Tensor, op.transpose(vectors) as Tensor) as Tensor
    },
    matrix,
  ),
  matrixPower: unary("matrixPower", (x) => op.matrixPower(op.div(lower(x), 3) as Tensor, 3), matrix),
}
