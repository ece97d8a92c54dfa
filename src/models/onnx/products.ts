/** Sums of products: contractions of any axes, brought into the form of products of matrices. */
import { sizeOf } from "../../core/index.js"
import { type Builder, scalar, type Value } from "./builder.js"
import { meet, permuted, pointwiseNode, reducedLast, reshaped } from "./values.js"

/** Sum over the axes in `gone`, which keep size 1. */
const summedOver = (b: Builder, v: Value, gone: readonly number[]): Value => {
  if (gone.length === 0) return v
  const order = [...v.shape.map((_, i) => i).filter((i) => !gone.includes(i)), ...gone]
  const kept = order.length - gone.length
  const summed = reducedLast(b, "ReduceSum", permuted(b, v, order), kept)
  return reshaped(
    b,
    summed,
    v.shape.map((d, i) => (gone.includes(i) ? 1 : d)),
  )
}

/**
 * The sum of x y over the axes from `rank` on, whose sizes are `extent`. Both have all axes, of size 1 where they don't depend on one.
 * Axes of both that stay are a batch of matrices, those of one its rows or columns, those of both that go are what is contracted.
 */
export const matrixProduct = (b: Builder, left: Value, right: Value, rank: number, extent: readonly number[]): Value => {
  const axes = left.shape.map((_, i) => i)
  const met = meet(left.shape, right.shape)
  const long = (v: Value, i: number): boolean => v.shape[i] !== 1
  const both = axes.filter((i) => long(left, i) && long(right, i))
  const x = summedOver(
    b,
    left,
    axes.filter((i) => i >= rank && long(left, i) && !both.includes(i)),
  )
  const y = summedOver(
    b,
    right,
    axes.filter((i) => i >= rank && long(right, i) && !both.includes(i)),
  )
  // along an axis on which neither depends, equal summands add up
  const times = extent.reduce((n, d, i) => (long(left, rank + i) || long(right, rank + i) ? n : n * d), 1)
  const scaled = (v: Value): Value => (times === 1 ? v : pointwiseNode(b, "Mul", [v, scalar(b, "float", times)], "float"))
  const [batch, inner] = [both.filter((i) => i < rank), both.filter((i) => i >= rank)]
  const ofDomain = (shape: readonly number[]): readonly number[] => shape.slice(0, rank)
  if (inner.length === 0) {
    const product = pointwiseNode(b, "Mul", [x, y], "float")
    return scaled(reshaped(b, product, ofDomain(product.shape)))
  }
  const [rows, columns] = [x, y].map((v) => axes.filter((i) => i < rank && long(v, i) && !batch.includes(i))) as [number[], number[]]
  const sizes = (list: readonly number[]): readonly number[] => list.map((i) => met[i] as number)
  const lead = batch.length === 0 ? [] : [sizeOf(sizes(batch))]
  const matrices = (v: Value, first: readonly number[], second: readonly number[]): Value => {
    const order = [...batch, ...first, ...second]
    const rest = axes.filter((i) => !order.includes(i))
    return reshaped(b, permuted(b, v, [...order, ...rest]), [...lead, sizeOf(sizes(first)), sizeOf(sizes(second))])
  }
  const made = b.node("MatMul", [matrices(x, rows, inner), matrices(y, inner, columns)], {
    kind: "float",
    shape: [...lead, sizeOf(sizes(rows)), sizeOf(sizes(columns))],
  })
  const order = [...batch, ...rows, ...columns]
  const ascending = order.map((_, i) => i).sort((i, j) => (order[i] as number) - (order[j] as number))
  const placed = permuted(b, reshaped(b, made, sizes(order)), ascending)
  return scaled(reshaped(b, placed, ofDomain(met)))
}
