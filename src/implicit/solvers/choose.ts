/** Choice between trees of one row's tensors by one truth value: what `where` is for a single tensor. */
import { broadcastAlong, flatten, type Tensor, type Unchecked, unflatten } from "../../core/index.js"
import { where } from "../../ops/index.js"

type Bool = Tensor<Unchecked, "bool">

export const choose = <T>(p: Bool, a: T, b: T): T => {
  const [x, y] = [flatten("solver", a), flatten("solver", b)]
  return unflatten(
    x.structure,
    x.leaves.map((t, i) => where(broadcastAlong(p, t.shape, []) as Bool, t as Tensor, y.leaves[i] as Tensor)),
  ) as T
}
