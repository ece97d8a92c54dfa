/** Looking behind a broadcast. */
import { type AnyTensor, applyOf, broadcastOp, type Tensor } from "../../core/index.js"
import { reshape } from "../shape.js"

/** A tensor with a name for each of its axes. */
export interface Named<A> {
  readonly x: AnyTensor
  readonly axes: readonly A[]
}

/** A tensor without the axes along which it was broadcast; the others keep their names. */
export const withoutBroadcast = <A>(x: AnyTensor, axes: readonly A[]): Named<A> => {
  const { op, params, inputs } = applyOf(x)
  const [inner] = inputs
  if (op !== broadcastOp || inner === undefined) return { x, axes }
  const { shape, dims } = params as { readonly shape: readonly number[]; readonly dims: readonly number[] }
  const kept = dims.flatMap((d, i) => (inner.shape[i] === shape[d] ? [i] : []))
  return {
    x:
      kept.length === dims.length
        ? inner
        : reshape(
            inner as Tensor,
            kept.map((i) => inner.shape[i] as number),
          ),
    axes: kept.map((i) => axes[dims[i] as number] as A),
  }
}
