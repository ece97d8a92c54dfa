/** Reverse: axes backwards. It is its own inverse and its own transpose. */
import {
  type AnyTensor,
  apply1,
  at,
  axis,
  defineOp,
  type Elem,
  load,
  type Op,
  physicalShape,
  plus,
  pointwise,
  type Shape,
  type Tensor,
  type TensorType,
  TraceError,
  times,
} from "../core/index.js"
import { normalAxes } from "./normal-axes.js"
import { concat, sliceAxis } from "./slice-pad.js"

interface ReverseParams {
  readonly axes: readonly number[]
}

export const reverseOp: Op<ReverseParams> = defineOp<ReverseParams>({
  name: "reverse",
  type: ({ axes }, [x]) => {
    const t = x as TensorType
    if (axes.some((a) => !Number.isInteger(a) || a < 0 || a >= t.shape.length))
      throw new TraceError(`reverse: axes [${axes.join(", ")}] are not all axes of a tensor with ${t.shape.length}`)
    return [t]
  },
  jvp: (params, _inputs, _outputs, [dx]) => [apply1(reverseOp, params, [dx as AnyTensor])],
  transpose: (params, _inputs, _linear, [ct]) => [apply1(reverseOp, params, [ct as AnyTensor])],
  batch: ({ axes }, [x]) => ({ outputs: [apply1(reverseOp, { axes: axes.map((a) => a + 1) }, [x as AnyTensor])], batched: [true] }),
  simplify: ({ axes }, [x]) => (axes.every((a) => ((x as AnyTensor).shape[a] as number) <= 1) ? [x as AnyTensor] : null),
  lower: ({ axes }, [x]) => {
    const domain = physicalShape(x as TensorType)
    const index = domain.map((d, i) => (axes.includes(i) ? plus(at(d - 1), times(axis(i), -1)) : axis(i)))
    return { t: "index", nests: [pointwise(domain, load(0, index))] }
  },
  cheap: true,
  example: (choose) => {
    const shape = choose.shape(3)
    return {
      params: { axes: shape.map((_, i) => i).filter(() => choose.bool()) },
      inputs: [{ elem: "float", shape }],
      domains: [{ t: "real" }],
    }
  },
})

/**
 * Axes backwards (flip), all of them by default; negative ones count from the last.
 *
 * @throws TraceError when an axis does not exist or is named twice.
 * @example
 * reverse(tensor([1, 2, 3])) // [3, 2, 1]
 */
export const reverse = <S extends Shape, E extends Elem = "float">(x: Tensor<S, E>, axes?: readonly number[]): Tensor<S, E> =>
  apply1(reverseOp, { axes: normalAxes("reverse", x.shape.length, axes) }, [x]) as Tensor<S, E>

/**
 * Elements moved by `shift` places along an axis (the last by default), round its end: position i gets element i - shift.
 *
 * @throws TraceError when the axis does not exist or the shift is no whole number.
 * @example
 * roll(tensor([1, 2, 3, 4]), 1) // [4, 1, 2, 3]
 */
export const roll = <S extends Shape, E extends Elem = "float">(x: Tensor<S, E>, shift: number, axisNumber = -1): Tensor<S, E> => {
  const [a] = normalAxes("roll", x.shape.length, [axisNumber]) as [number]
  const n = x.shape[a] as number
  if (!Number.isInteger(shift)) throw new TraceError(`roll: expected a whole number as shift, found ${shift}`)
  const first = n === 0 ? 0 : ((-shift % n) + n) % n
  if (first === 0) return x
  return concat([sliceAxis(x, a, first, n) as Tensor, sliceAxis(x, a, 0, first) as Tensor], a) as Tensor<S, E>
}
