/** Picking and setting by positions that are data. */
import { apply1, broadcastRight, type Elem, showType, type Tensor, TraceError, type Unchecked, zerosOf } from "../core/index.js"
import { add } from "./arithmetic.js"
import { greater, less, where } from "./compare.js"
import { full } from "./constants.js"
import { gatherOp, scatterAdd } from "./gather.js"
import { broadcastShapes } from "./lift.js"
import { normalAxes } from "./normal-axes.js"
import { moveAxis, reshape } from "./shape.js"

type Indices = Tensor<Unchecked, "int">

/** Negative positions count from the end. */
const wrapped = (indices: Indices, n: number): Indices => where(less(indices, 0), add(indices, n), indices)

/**
 * Picks along an axis (the last by default), at every place of the other axes by positions of its own (NumPy's take_along_axis,
 * PyTorch's gather). Both have the same number of axes; the other axes are broadcast together. Negative positions count from the end;
 * outside the range it reads 0.
 *
 * @throws TraceError when the shapes do not fit.
 * @example
 * takeAlong(logits, labels, -1) // [32, 10], int [32, 1] -> [32, 1]
 */
export const takeAlong = <E extends Elem = "float">(x: Tensor<Unchecked, E>, indices: Indices, axisNumber = -1): Tensor<Unchecked, E> => {
  const rank = x.shape.length
  const [a] = normalAxes("takeAlong", rank, [axisNumber]) as [number]
  if (indices.type.elem !== "int" || indices.shape.length !== rank)
    throw new TraceError(`takeAlong: expected int indices with the axes of ${showType(x.type)}, found ${showType(indices.type)}`)
  const [values, at] = [moveAxis(x, a, rank - 1), moveAxis(wrapped(indices, x.shape[a] as number), a, rank - 1)]
  const lead = (t: Tensor<Unchecked, Elem>) => zerosOf({ elem: t.type.elem, shape: t.shape.slice(0, -1) })
  const shared = broadcastShapes("takeAlong", lead(values), lead(at))
  const rows = (t: Tensor<Unchecked, Elem>) => broadcastRight(t, [...shared, t.shape[rank - 1] as number])
  return moveAxis(apply1(gatherOp, { shared: rank - 1 }, [rows(values), rows(at)]) as Tensor<Unchecked, E>, rank - 1, a)
}

/**
 * `x` with the rows at `indices` replaced: x [n, rest...], indices [at...], updates [at..., rest...]. Indices are to differ: updates
 * for one place are added up. Those outside the range are dropped. What is replaced gets the cotangent zero.
 *
 * @throws TraceError when the shapes do not fit.
 * @example
 * scatterSet(zeros([4]), tensor([2, 0], "int"), tensor([5, 7])) // [7, 0, 5, 0]
 */
export const scatterSet = (x: Tensor, indices: Indices, updates: Tensor): Tensor => {
  const [n] = x.shape
  const expected = [...indices.shape, ...x.shape.slice(1)]
  if (n === undefined || updates.shape.join() !== expected.join())
    throw new TraceError(
      `scatterSet: ${showType(x.type)} takes updates [${expected.join(", ")}] for ${showType(indices.type)}, found ${showType(updates.type)}`,
    )
  const hits = scatterAdd(full(indices.shape, 1) as Tensor, indices, n)
  const hit = reshape(greater(hits, 0) as Tensor<Unchecked, "bool">, [n, ...x.shape.slice(1).map(() => 1)])
  return where(hit, scatterAdd(updates, indices, n), x)
}
