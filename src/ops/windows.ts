/** windows and overlapAdd, which transpose into each other: the parts of a signal that a moving window sees. */
import {
  type AnyTensor,
  apply1,
  axes,
  axis,
  type Choices,
  defineOp,
  type Elem,
  type Guard,
  type Ix,
  load,
  type Op,
  physicalShape,
  pointwise,
  reduced,
  showType,
  type Tensor,
  type TensorType,
  TraceError,
  type Unchecked,
} from "../core/index.js"
import { type Padding, paddingOf, perAxis, type Role, type SpatialDim, solve, spatial } from "./spatial.js"

interface WindowsParams {
  /** Axes before the spatial ones. */
  readonly lead: number
  readonly dims: readonly SpatialDim[]
}

const sizes = (dims: readonly SpatialDim[], role: Role) => dims.map((d) => d.size[role])

const expect = (name: string, t: TensorType, lead: number, expected: readonly number[]): void => {
  if (expected.some((d, j) => t.shape[lead + j] !== d))
    throw new TraceError(`${name}: ${showType(t)} should have the sizes [${expected.join(", ")}] from axis ${lead} on`)
}

/** The relation of every dimension solved for one index, with the other two given. */
const solved = (unknown: Role, dims: readonly SpatialDim[], known: (j: number) => Readonly<Record<Role, Ix>>) => {
  const found = dims.map((dim, j) => solve(unknown, dim, known(j)))
  return { at: found.map((f) => f.ix), guards: found.flatMap((f): readonly Guard[] => f.guards) }
}

const deeper = ({ lead, dims }: WindowsParams): WindowsParams => ({ lead: lead + 1, dims })

/** Lead, sizes and dimensions that all have an output. */
const example = (choose: Choices) => {
  const dims = Array.from({ length: choose.int(1, 2) }, () =>
    spatial(choose.int(3, 4), choose.int(1, 3), {
      a: 1,
      s: choose.int(1, 2),
      d: choose.int(1, 2),
      before: choose.int(0, 2),
      after: choose.int(0, 2),
    }),
  )
  const lead = choose.shape(1)
  return { params: { lead: lead.length, dims }, lead, rest: choose.shape(1) }
}

/** [lead, i, rest] -> [lead, o, k, rest]: element o + k of the padded signal, zero outside. */
export const windowsOp: Op<WindowsParams> = defineOp<WindowsParams>({
  name: "windows",
  type: ({ lead, dims }, [x]) => {
    const t = x as TensorType
    expect("windows", t, lead, sizes(dims, "i"))
    return [
      {
        elem: t.elem,
        shape: [...t.shape.slice(0, lead), ...sizes(dims, "o"), ...sizes(dims, "k"), ...t.shape.slice(lead + dims.length)],
      },
    ]
  },
  jvp: (params, _inputs, _outputs, [dx]) => [apply1(windowsOp, params, [dx as AnyTensor])],
  transpose: (params, _inputs, _linear, [ct]) => [apply1(overlapAddOp, params, [ct as AnyTensor])],
  batch: (params, [x]) => ({ outputs: [apply1(windowsOp, deeper(params), [x as AnyTensor])], batched: [true] }),
  lower: ({ lead, dims }, _inputs, [out]) => {
    const domain = physicalShape(out as TensorType)
    const n = dims.length
    const { at, guards } = solved("i", dims, (j) => ({ i: axis(0), o: axis(lead + j), k: axis(lead + n + j) }))
    // a window that cannot leave the signal needs no guard, and its load can be tiled
    const inside = dims.every((d) => d.p <= 0 && (d.size.o - 1) * d.s + (d.size.k - 1) * d.d - d.p < d.size.i)
    const rest = axes(domain.length - lead - 2 * n, lead + 2 * n)
    return { t: "index", nests: [pointwise(domain, load(0, [...axes(lead), ...at, ...rest], inside ? [] : guards))] }
  },
  cheap: true,
  example: (choose) => {
    const { params, lead, rest } = example(choose)
    return { params, inputs: [{ elem: "float", shape: [...lead, ...sizes(params.dims, "i"), ...rest] }], domains: [{ t: "real" }] }
  },
})

/** [lead, o, k, rest] -> [lead, i, rest]: every element added in where its window saw it. */
export const overlapAddOp: Op<WindowsParams> = defineOp<WindowsParams>({
  name: "overlapAdd",
  type: ({ lead, dims }, [x]) => {
    const t = x as TensorType
    expect("overlapAdd", t, lead, [...sizes(dims, "o"), ...sizes(dims, "k")])
    if (t.elem !== "float" && t.elem !== "int") throw new TraceError(`overlapAdd: expected numbers, found ${showType(t)}`)
    return [{ elem: t.elem, shape: [...t.shape.slice(0, lead), ...sizes(dims, "i"), ...t.shape.slice(lead + 2 * dims.length)] }]
  },
  jvp: (params, _inputs, _outputs, [dx]) => [apply1(overlapAddOp, params, [dx as AnyTensor])],
  transpose: (params, _inputs, _linear, [ct]) => [apply1(windowsOp, params, [ct as AnyTensor])],
  batch: (params, [x]) => ({ outputs: [apply1(overlapAddOp, deeper(params), [x as AnyTensor])], batched: [true] }),
  lower: ({ lead, dims }, _inputs, [out]) => {
    const { shape } = out as TensorType
    const n = dims.length
    const { at, guards } = solved("o", dims, (j) => ({ i: axis(lead + j), o: axis(0), k: axis(shape.length + j) }))
    const index = [...axes(lead), ...at, ...axes(n, shape.length), ...axes(shape.length - lead - n, lead + n)]
    return { t: "index", nests: [reduced(shape, "sum", sizes(dims, "k"), load(0, index, guards))] }
  },
  cheap: false,
  example: (choose) => {
    const { params, lead, rest } = example(choose)
    return {
      params,
      inputs: [{ elem: "float", shape: [...lead, ...sizes(params.dims, "o"), ...sizes(params.dims, "k"), ...rest] }],
      domains: [{ t: "real" }],
    }
  },
})

/** Which windows of a signal are taken. */
export interface WindowOptions {
  /** Step between windows, an entry a spatial axis or one for all. Default 1. */
  readonly stride?: number | readonly number[]
  /** Zeros around the signal (see `Padding`). Default "valid". */
  readonly padding?: Padding
  /** Distance of the elements of a window. Default 1. */
  readonly dilation?: number | readonly number[]
}

/** The relations of windows over the spatial axes [N, ...spatial, C] of a shape. */
export const windowDims = (
  name: string,
  spatialSizes: readonly number[],
  size: number | readonly number[],
  { stride: step, padding = "valid", dilation: apart }: WindowOptions,
): readonly SpatialDim[] => {
  const n = spatialSizes.length
  if (n < 1) throw new TraceError(`${name}: expected x [N, ...spatial, C] with at least one spatial axis`)
  const [k, stride, dilation] = [
    perAxis(name, "the window", size, n),
    perAxis(name, "stride", step, n),
    perAxis(name, "dilation", apart, n),
  ]
  const reach = k.map((d, j) => (d - 1) * (dilation[j] as number) + 1)
  return paddingOf(name, padding, n, { span: spatialSizes, reach, stride }).map(([before, after], j) => {
    const [i, width, s, d] = [spatialSizes[j] as number, k[j] as number, stride[j] as number, dilation[j] as number]
    const dim = spatial(i, width, { a: 1, s, d, before, after })
    if (dim.size.o < 1)
      throw new TraceError(`${name}: a window of ${reach[j]} elements is larger than the ${i} of spatial axis ${j} and its padding`)
    return dim
  })
}

/**
 * What a moving window sees (PyTorch's unfold, without flattening): x [N, ...spatial, C] -> [N, ...outputs, ...window, C], element
 * `stride o + dilation k - before` of each spatial axis, zero outside. No copy is made where the result is used at once.
 *
 * @throws TraceError when a window is larger than the padded signal.
 * @example
 * windows(x, 400, { stride: 160 }) // [1, 16000, 1] -> [1, 98, 400, 1], frames of a signal
 */
export const windows = <E extends Elem = "float">(
  x: Tensor<Unchecked, E>,
  size: number | readonly number[],
  options: WindowOptions = {},
): Tensor<Unchecked, E> => {
  const dims = windowDims("windows", x.shape.slice(1, -1), size, options)
  return apply1(windowsOp, { lead: 1, dims }, [x]) as Tensor<Unchecked, E>
}

/**
 * The adjoint of `windows` (PyTorch's fold): w [N, ...outputs, ...window, C] -> [N, ...spatial, C], where elements that come from one
 * place are added up, and those from the padding are dropped. The options are those that the windows were made with.
 *
 * @throws TraceError when `w` is not what `windows` makes of such a signal.
 * @example
 * overlapAdd(windows(x, 4, { stride: 4 }), [8], { stride: 4 }) // x again
 */
export const overlapAdd = (w: Tensor, spatialSizes: readonly number[], options: WindowOptions = {}): Tensor => {
  const n = spatialSizes.length
  if (w.shape.length !== 2 * n + 2)
    throw new TraceError(`overlapAdd: expected [N, ...outputs, ...window, C] for ${n} spatial axes, found ${showType(w.type)}`)
  const dims = windowDims("overlapAdd", spatialSizes, w.shape.slice(1 + n, 1 + 2 * n), options)
  return apply1(overlapAddOp, { lead: 1, dims }, [w]) as Tensor
}
