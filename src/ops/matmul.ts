/** Matrix product on einsum. */
import { apply1, type MatMulCheck, type MatMulOf, type Shape, showType, type Tensor, TraceError } from "../core/index.js"
import { einsumOp } from "./einsum.js"
import { broadcastShapes, broadcastTo, lift } from "./lift.js"
import { indexAxis } from "./slice-pad.js"

const product = (a: Tensor, b: Tensor): Tensor => {
  const [ra, rb] = [a.shape.length, b.shape.length]
  if (ra < 2 || rb < 2)
    throw new TraceError(`matmul: expected matrices, found ${showType(a.type)} x ${showType(b.type)}; einsum contracts vectors`)
  if (a.shape[ra - 1] !== b.shape[rb - 2])
    throw new TraceError(`matmul: inner dimensions differ: [${a.shape.join(", ")}] x [${b.shape.join(", ")}]`)
  // Leading axes: one side may have none; otherwise they are broadcast together.
  const lead = (n: number, from: number) => Array.from({ length: n }, (_, i) => from + i)
  if (rb === 2) {
    const rows = lead(ra - 1, 2)
    return apply1(einsumOp, { left: [...rows, 0], right: [0, 1], out: [...rows, 1] }, [a, b]) as Tensor
  }
  const first = (t: Tensor) => t.shape.slice(0, -2)
  const like = (t: Tensor) => indexAxis(indexAxis(t, -1, 0), -1, 0)
  const shared = first(a).join() === first(b).join() ? first(a) : broadcastShapes("matmul", like(a), like(b))
  const [x, y] = [broadcastTo(a, [...shared, ...a.shape.slice(-2)]), broadcastTo(b, [...shared, ...b.shape.slice(-2)])]
  const batch = lead(shared.length, 3)
  return apply1(einsumOp, { left: [...batch, 0, 1], right: [...batch, 1, 2], out: [...batch, 0, 2] }, [x, y]) as Tensor
}

/**
 * Matrix product of the last two axes; leading axes are broadcast. `matmul(a, b)`, or `matmul(b)(a)` in a pipe.
 *
 * @example
 * matmul(x, w) // [B, 784] x [784, 10] -> [B, 10]
 */
export function matmul<B extends Shape>(b: Tensor<B>): <A extends Shape>(a: Tensor<A> & MatMulCheck<A, B>) => Tensor<MatMulOf<A, B>>
export function matmul<A extends Shape, B extends Shape>(a: Tensor<A>, b: Tensor<B> & MatMulCheck<A, B>): Tensor<MatMulOf<A, B>>
export function matmul(a: Tensor, b?: Tensor): unknown {
  return b === undefined
    ? (x: Tensor) => product(lift("matmul", x) as Tensor, a)
    : product(lift("matmul", a) as Tensor, lift("matmul", b) as Tensor)
}
