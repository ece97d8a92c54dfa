/** Transposed convolution: the adjoint of `conv`, with the size of its result said. */
import { showType, type Tensor, TraceError } from "../core/index.js"
import { convolveChannels, spatialRank } from "./conv.js"
import { type Padding, paddingOf, perAxis, type SpatialDim } from "./spatial.js"

/** Options of `convTranspose`, in terms of the convolution that it is the adjoint of. */
export interface ConvTransposeOptions {
  /** The stride of the convolution that this is the adjoint of: how far an input element moves the kernel. Default 1. */
  readonly stride?: number | readonly number[]
  /** The padding of that convolution: what is cut off the result. "same" gives size * stride. Default "same". */
  readonly padding?: Padding
  /** Distance of kernel elements. Default 1. */
  readonly dilation?: number | readonly number[]
  /** Further elements at the end of each axis, fewer than the stride or the dilation; not with "same". Default 0. */
  readonly outputPadding?: number | readonly number[]
  /** As in `conv`. Default 1. */
  readonly groups?: number
}

/**
 * Transposed convolution: exactly the adjoint of `conv` in its first argument, <conv(x, w), y> = <x, convTranspose(y, w)> with the
 * same kernel and options. `y` is [N, ...spatial, F], `w` is [...kernel, C / groups, F], the result [N, ...spatial', C] with
 *
 *     spatial' = (spatial - 1) stride - before - after + dilation (kernel - 1) + 1 + outputPadding
 *
 * as PyTorch has it (`conv_transpose`), whose `padding` is a number here. Several sizes are mapped to one by a stride; outputPadding
 * says which of them comes back. PyTorch's kernel [F, C / groups, ...kernel] has its axes in another order.
 *
 * @throws TraceError when ranks or channels do not fit, outputPadding is too large, or nothing is left of the result.
 * @example
 * convTranspose(y, w, { stride: 2 }) // [8, 14, 14, 16] with [5, 5, 3, 16] -> [8, 28, 28, 3]
 */
export const convTranspose = (y: Tensor, w: Tensor, options: ConvTransposeOptions = {}): Tensor => {
  const n = spatialRank("convTranspose", y, w, ["F", "C, F"])
  const { groups = 1, padding = "same" } = options
  const features = w.shape[n + 1] as number
  if (y.shape[n + 1] !== features || features % groups !== 0)
    throw new TraceError(
      `convTranspose: x has ${y.shape[n + 1]} channels, w takes ${features} in ${groups} groups: ${showType(y.type)} with ${showType(w.type)}`,
    )
  const stride = perAxis("convTranspose", "stride", options.stride, n)
  const dilation = perAxis("convTranspose", "dilation", options.dilation, n)
  const more = perAxis("convTranspose", "outputPadding", options.outputPadding ?? 0, n, 0)
  const span = stride.map((s, j) => (y.shape[j + 1] as number) * s)
  const reach = dilation.map((d, j) => ((w.shape[j] as number) - 1) * d + 1)
  if (padding === "same" && more.some((m) => m > 0))
    throw new TraceError('convTranspose: padding "same" fixes the size of the result; outputPadding goes with numbers')
  const dims = paddingOf("convTranspose", padding, n, { span, reach, stride }).map(([before, after], j): SpatialDim => {
    const [o, s, d] = [y.shape[j + 1] as number, stride[j] as number, dilation[j] as number]
    const extra = more[j] as number
    if (extra > 0 && extra >= Math.max(s, d))
      throw new TraceError(`convTranspose: outputPadding ${extra} should be less than the stride or the dilation, on spatial axis ${j}`)
    const i = padding === "same" ? (span[j] as number) : (o - 1) * s - before - after + (reach[j] as number) + extra
    if (i < 1) throw new TraceError(`convTranspose: nothing is left of ${showType(y.type)} on spatial axis ${j}; the padding is too large`)
    return { a: 1, s, d, p: before, size: { i, k: w.shape[j] as number, o } }
  })
  return convolveChannels(y, w, dims, groups, { from: "o", to: "i", operand: 2, result: 1 })
}
