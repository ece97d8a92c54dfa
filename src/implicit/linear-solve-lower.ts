/**
 * The program behind a linear solve. The right side is scaled to size 1 first and the solution scaled back, so that scaling a
 * cotangent by c scales its adjoint by c, for any c; a right side of zero has the solution zero. The residual told is
 * |b - M x| / |b|, computed with one more product at the end.
 */
import { type AnyTensor, bodyOf, type Graph, inline, type Tensor, type TensorType, type Unchecked } from "../core/index.js"
import {
  abs,
  add,
  all,
  and,
  broadcastTo,
  div,
  equal,
  expandAxis,
  eye,
  finite,
  full,
  greater,
  less,
  lessEqual,
  max,
  moveAxis,
  mul,
  norm,
  or,
  reshape,
  sub,
  vmap,
  where,
  zerosLike,
} from "../ops/index.js"
import { type LinearSolveParams, operatorOnColumns } from "./linear-solve-params.js"
import { defaultTolerance, type Ended, type Evaluation, runLoop } from "./loop.js"
import { pack, unpack } from "./pack.js"
import { type Algorithm, type Ask, krylovAlgorithm, solveDense } from "./solvers/index.js"
import { picardAlgorithm } from "./solvers/picard.js"
import type { LinearSolver } from "./spec/index.js"
import { codeOf } from "./status.js"

/** Most unknowns for which `auto` builds the matrix. */
export const DENSE_LIMIT = 64
const DEFAULT_EVALUATIONS = 256

export const lowerLinearSolve = (p: LinearSolveParams, inputs: readonly TensorType[]): Graph => {
  const n = p.operator.outputs.length - p.emitted
  return bodyOf("linearSolve", inputs, (args) => {
    const constants = args.slice(0, p.constants)
    const b = args.slice(p.constants)
    const types = b.map((t) => t.type)
    const rows = p.columns.length + p.rows
    const flat = pack(b, rows)
    const size = flat.shape[rows] as number
    const lead = flat.shape.slice(0, rows)
    const operator = operatorOnColumns(p)
    /** M x for all rows and columns, and what M emits. */
    const product = (x: Tensor): { readonly value: Tensor; readonly emitted: readonly AnyTensor[] } => {
      const outs = inline(operator, [...constants, ...unpack(x, types, rows)])
      return { value: pack(outs.slice(0, n), rows), emitted: outs.slice(n) }
    }
    const along = (t: Tensor): Tensor => broadcastTo(expandAxis(t, -1) as Tensor, flat.shape) as Tensor
    const largest = max(abs(flat), [rows]) as Tensor
    const zero = equal(largest, 0)
    const scale = where(zero, full(lead, 1) as Tensor, largest)
    const unit = div(flat, along(scale)) as Tensor
    const solver = concreteLinear(p.solver, size)
    const ended = solver._tag === "dense" ? denseSolve(p, constants, unit, types) : iterativeSolve(solver, product, unit, rows, size)
    // a row without a finite solution has the solution zero and says so: NaN would reach what the rows share
    const sound = all(finite(ended.z), [rows]) as Tensor<Unchecked, "bool">
    const found = where(onRows(sound, flat), ended.z, zerosLike(flat))
    const last = product(found)
    const rowNorm = (x: Tensor): Tensor => overRows(rows, (v: Tensor) => norm(v))(x)
    const bSize = where(zero, full(lead, 1) as Tensor, rowNorm(unit))
    const relative = div(rowNorm(sub(unit, last.value) as Tensor), bSize) as Tensor
    const growth = add(div(rowNorm(found), bSize), 1) as Tensor
    return [
      ...unpack(where(onRows(zero, flat), zerosLike(flat), mul(found, along(scale)) as Tensor), types, rows),
      where(zero, full(lead, codeOf("Converged")) as Tensor, verdict(solver, ended.status, sound, relative, growth)),
      where(zero, full(lead, 0) as Tensor, where(finite(relative), relative, full(lead, Number.POSITIVE_INFINITY) as Tensor)),
      add(ended.evaluations, 1),
      ...last.emitted,
    ]
  })
}

type Concrete = Exclude<LinearSolver, { readonly _tag: "auto" }>

/** What `auto` means for n unknowns. */
export const concreteLinear = (solver: LinearSolver, n: number): Concrete => {
  if (solver._tag !== "auto") return solver
  const { _tag, ...tolerances } = solver
  return n <= DENSE_LIMIT ? { _tag: "dense" } : { _tag: "gmres", ...tolerances }
}

const overRows = (rows: number, f: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) => {
  let g = f
  for (let i = 0; i < rows; i++) g = vmap(g)
  return g
}

const onRows = (p: Tensor<Unchecked, "bool">, like: Tensor): Tensor<Unchecked, "bool"> => broadcastTo(expandAxis(p, -1), like.shape)

/**
 * A solution counts by its true residual, whatever its solver believes: within ten tolerances of |b| + |x| for an iterative one
 * (else it broke down on its way), of the order of rounding for a dense one (else the matrix is singular).
 */
const verdict = (solver: Concrete, status: Tensor, sound: Tensor<Unchecked, "bool">, residual: Tensor, growth: Tensor): Tensor => {
  const code = (s: "Singular" | "NonFinite" | "Breakdown") => full(status.shape, codeOf(s)) as Tensor
  const good =
    solver._tag === "dense"
      ? less(residual, mul(defaultTolerance(), 100))
      : lessEqual(residual, mul(mul(toleranceOf(solver.rtol), 10), growth))
  const judged = where(or(greater(status, 1), good), status, code(solver._tag === "dense" ? "Singular" : "Breakdown"))
  return where(and(sound, finite(residual)), judged, code("NonFinite"))
}

const toleranceOf = (given: number | undefined): Tensor<[]> =>
  given === undefined ? defaultTolerance(0.1) : (full([], given) as Tensor<[]>)

/** x = b + (x - M x) by the loop that every solver shares. A turn is one product, at the point asked or along the direction. */
const iterativeSolve = (
  solver: Exclude<Concrete, { readonly _tag: "dense" }>,
  product: (x: Tensor) => { readonly value: Tensor; readonly emitted: readonly AnyTensor[] },
  b: Tensor,
  rows: number,
  size: number,
): Ended => {
  const algorithm: Algorithm = solver._tag === "gmres" ? krylovAlgorithm(solver.memory ?? Math.min(size, 30), true) : picardAlgorithm
  const evaluate = (ask: Ask): Evaluation => {
    const at = ask.at as Tensor
    if (ask.probe === undefined) {
      const { value } = product(at)
      return { f: add(at, sub(b, value)) as Tensor, emitted: [] }
    }
    const probing = onRows(less(0.5, ask.probe as Tensor) as Tensor<Unchecked, "bool">, at)
    const v = where(probing, ask.along as Tensor, at)
    const { value } = product(v)
    // In a probe f is not known and not asked for; the point itself stands in its place.
    return { f: where(probing, at, add(at, sub(b, value)) as Tensor), alongJ: sub(v, value) as Tensor, emitted: [] }
  }
  return runLoop(
    {
      algorithm,
      rows,
      evaluate,
      emitted: [],
      atol: full([], 0) as Tensor<[]>,
      rtol: toleranceOf(solver.rtol),
      maxEvaluations: solver.maxEvaluations ?? Math.max(DEFAULT_EVALUATIONS, 4 * Math.min(size, 256)),
      fixedCount: null,
    },
    zerosLike(b),
  )
}

/** The matrix from its products with unit vectors, one factorisation for all columns. */
const denseSolve = (p: LinearSolveParams, constants: readonly AnyTensor[], b: Tensor, types: readonly TensorType[]): Ended => {
  const { rows } = p
  const columns = p.columns.length
  const own = types.map((t): TensorType => ({ elem: t.elem, shape: t.shape.slice(columns) }))
  const n = b.shape[columns + rows] as number
  const lead = b.shape.slice(columns, columns + rows)
  const leaves = p.operator.outputs.length - p.emitted
  const times = (v: Tensor): Tensor =>
    pack(inline(p.operator, [...constants, ...unpack(broadcastTo(v, [...lead, n]), own, rows)]).slice(0, leaves), rows)
  // [rows..., n, n]: column j is M e_j
  const matrix = moveAxis(vmap(times)(eye(n)) as Tensor, 0, -1)
  // right sides [columns..., rows..., n] -> [rows..., n, columns]
  const count = b.shape.slice(0, columns).reduce((a, d) => a * d, 1)
  const right = moveAxis(reshape(b, [count, ...lead, n]) as Tensor, 0, -1)
  let solveRows = (m: Tensor, r: Tensor) => {
    const { x, singular } = solveDense(m, r)
    return { x, status: where(singular, full([], codeOf("Singular")) as Tensor, full([], codeOf("Converged")) as Tensor) }
  }
  for (let i = 0; i < rows; i++) solveRows = vmap(solveRows)
  const { x, status } = solveRows(matrix, right)
  const z = reshape(moveAxis(x, -1, 0), b.shape) as Tensor
  const all = b.shape.slice(0, columns + rows)
  const each = broadcastTo(status as Tensor, all)
  return { z, status: each, residual: zerosLike(each), evaluations: full(all, n) as Tensor, emitted: [], memory: {} }
}
