/** Selection through whole trees: never by arithmetic, which would let NaN through. */
import { broadcastAlong, flatten, type Tensor, type Unchecked, unflatten } from "../../core/index.js"
import { where } from "../../ops/index.js"

/** Truth values, one a row (a single one inside a solver, which sees one row). */
export type Truth = Tensor<Unchecked, "bool">

/** Tensors of `a` where p, else of `b`: the axes of p are the first ones of every tensor. */
export const choose = <T>(p: Truth, a: T, b: T): T => {
  const [x, y] = [flatten("solver", a), flatten("solver", b)]
  const rows = p.shape.map((_, i) => i)
  return unflatten(
    x.structure,
    x.leaves.map((t, i) => where(broadcastAlong(p, t.shape, rows) as Truth, t as Tensor, y.leaves[i] as Tensor)),
  ) as T
}
