/** A linear system as a program sees it: its operator on flat vectors, its right side of size 1, and how large the operator is. */
import { type AnyTensor, type Graph, inline, type Tensor, type TensorType, type Unchecked } from "../core/index.js"
import {
  abs,
  and,
  broadcastTo,
  cast,
  cos,
  div,
  equal,
  expandAxis,
  finite,
  full,
  greater,
  iota,
  max,
  mul,
  norm,
  vmap,
  where,
} from "../ops/index.js"
import { type LinearSolveParams, type LinearStart, onColumns, operatorOnColumns, transposedOperator } from "./linear-solve-params.js"
import { pack, unpack } from "./pack.js"

export type Bools = Tensor<Unchecked, "bool">

export interface LinearSystem {
  readonly params: LinearSolveParams
  readonly constants: readonly AnyTensor[]
  /** Axes in front of the unknowns: columns, then rows. */
  readonly rows: number
  readonly lead: readonly number[]
  /** Unknowns of a row. */
  readonly size: number
  /** The right side, [lead..., size], with 1 as its largest element; 0 where it is zero. */
  readonly unit: Tensor
  readonly zero: Bools
  /** What the right side was divided by, [lead...]. */
  readonly scale: Tensor
  /** M x for all columns and rows, and what M emits. */
  readonly product: (x: Tensor) => { readonly value: Tensor; readonly emitted: readonly AnyTensor[] }
  /** M' x for all columns and rows; made when it is asked for. */
  readonly transposed: () => (x: Tensor) => Tensor
  /** What a start guesses for the right side of size 1, for all columns and rows. */
  readonly guess: (start: LinearStart) => Tensor
  /** M x for the rows of one column, [rows..., size]. */
  readonly ownProduct: (x: Tensor) => Tensor
}

export const linearSystem = (params: LinearSolveParams, args: readonly AnyTensor[]): LinearSystem => {
  const constants = args.slice(0, params.constants)
  const b = args.slice(params.constants)
  const types = b.map((t) => t.type)
  const rows = params.columns.length + params.rows
  const flat = pack(b, rows)
  const lead = flat.shape.slice(0, rows)
  const largest = max(abs(flat), [rows]) as Tensor
  const zero = equal(largest, 0) as Bools
  const scale = where(zero, full(lead, 1) as Tensor, largest) as Tensor
  const unit = div(flat, along(scale, flat)) as Tensor
  const n = types.length
  const by = (graph: Graph, onTypes: readonly TensorType[], axes: number) => (x: Tensor) => {
    const outs = inline(graph, [...constants, ...unpack(x, onTypes, axes)])
    return { value: pack(outs.slice(0, n), axes), emitted: outs.slice(n) }
  }
  const own = types.map((t): TensorType => ({ elem: t.elem, shape: t.shape.slice(params.columns.length) }))
  const one = by(params.operator, own, params.rows)
  return {
    params,
    constants,
    rows,
    lead,
    size: flat.shape[rows] as number,
    unit,
    zero,
    scale,
    product: by(operatorOnColumns(params), types, rows),
    transposed: () => {
      const product = by(operatorOnColumns({ ...params, operator: transposedOperator(params) }), types, rows)
      return (x) => product(x).value
    },
    guess: ({ graph }) => by(onColumns(graph, params), types, rows)(unit).value,
    ownProduct: (x) => one(x).value,
  }
}

/** A number a row, for every element of the row. */
export const along = (t: Tensor, like: Tensor): Tensor => broadcastTo(expandAxis(t, -1) as Tensor, like.shape) as Tensor
export const onRows = (p: Bools, like: Tensor): Bools => broadcastTo(expandAxis(p, -1), like.shape)

/** The norm of each row, of any size: the squares of 1e-30 would underflow in float32. */
export const rowNorm = (x: Tensor): Tensor => {
  let g = (v: Tensor): Tensor => {
    const largest = max(abs(v)) as Tensor
    const unit = where(equal(largest, 0), full([], 1) as Tensor, largest) as Tensor
    return mul(norm(div(v, unit) as Tensor), unit) as Tensor
  }
  for (let i = 1; i < x.shape.length; i++) g = vmap(g)
  return g(x)
}

/**
 * How large M is, [lead...]: |M v| / |v| for a vector v without any structure, about the root mean square of the singular values. One
 * product. 1 where M v is zero.
 */
export const operatorSize = ({ params, lead, size, ownProduct }: LinearSystem): Tensor => {
  const own = lead.slice(params.columns.length)
  const i = cast(iota(size), "float") as Tensor
  // frequencies of a chirp: an operator that filters some leaves the others
  const v = broadcastTo(cos(mul(mul(i, i) as Tensor, 0.7) as Tensor), [...own, size]) as Tensor
  const found = div(rowNorm(ownProduct(v)), rowNorm(v)) as Tensor
  const usable = and(finite(found), greater(found, 0))
  return broadcastTo(where(usable, found, full(own, 1) as Tensor), lead) as Tensor
}
