/** Nodes that place elements: slices that begin at data, sets, triangles, tiles. */
import { sizeOf, type Tensor, tensor } from "../../../core/index.js"
import * as op from "../../../ops/index.js"
import { someOrder } from "./apart.js"
import { called, matrix, type NodeKind, pick, shaped, unary } from "./node.js"

/** What grows the number of elements is for small ones. */
const small = (t: Tensor): boolean => sizeOf(t.shape) <= 12

const scatterSet: NodeKind = (d, pool) => {
  const x = pick(d, pool, shaped)
  if (x === null) return null
  const rows = (pool[x] as Tensor).shape[0] as number
  const at = someOrder(d, rows).slice(0, d.int(1, rows))
  return called("scatterSet", [x], { at }, (t) => {
    const updates = op.sin(op.sliceAxis(t as Tensor, 0, 0, at.length)) as Tensor
    return op.scatterSet(t as Tensor, tensor(at, "int"), updates)
  })
}

/** Starts reach outside, where they are clamped. */
const dynamicSlice: NodeKind = (d, pool) => {
  const x = pick(d, pool, shaped)
  if (x === null) return null
  const { shape } = pool[x] as Tensor
  const size = shape.map((n) => d.int(1, n))
  const start = shape.map((n) => d.int(-1, n))
  return called("dynamicSlice", [x], { start, size }, (t) => op.dynamicSlice(t as Tensor, tensorsOf(start), size) as Tensor)
}

const updateSlice: NodeKind = (d, pool) => {
  const x = pick(d, pool, shaped)
  if (x === null) return null
  const { shape } = pool[x] as Tensor
  const size = shape.map((n) => d.int(1, n))
  const start = shape.map((n) => d.int(-1, n))
  return called("updateSlice", [x], { start, size }, (t) => {
    const update = op.cos(op.dynamicSlice(t as Tensor, tensorsOf(size.map(() => 0)), size) as Tensor) as Tensor
    return op.updateSlice(t as Tensor, update, tensorsOf(start)) as Tensor
  })
}
const tensorsOf = (starts: readonly number[]) => starts.map((s) => tensor(s, [], "int"))

const tile: NodeKind = (d, pool) => {
  const x = pick(d, pool, (t) => shaped(t) && small(t))
  if (x === null) return null
  const copies = (pool[x] as Tensor).shape.map(() => d.int(1, 2))
  return called("tile", [x], { copies }, (t) => op.tile(t as Tensor, copies))
}

const triangle =
  (name: string, part: (x: Tensor, k: number) => Tensor): NodeKind =>
  (d, pool) => {
    const x = pick(d, pool, matrix)
    if (x === null) return null
    const k = d.int(-1, 1)
    return called(name, [x], { k }, (t) => part(t as Tensor, k))
  }

export const indexingKinds: Readonly<Record<string, NodeKind>> = {
  scatterSet,
  dynamicSlice,
  updateSlice,
  tile,
  tril: triangle("tril", op.tril),
  triu: triangle("triu", op.triu),
  diag: unary(
    "diag",
    (x) => op.diag(x),
    (t) => t.shape.length === 1 && small(t),
  ),
  diagonal: unary("diagonal", (x) => op.diagonal(x), matrix),
  trace: unary("trace", (x) => op.trace(x), matrix),
}
