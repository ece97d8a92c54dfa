/**
 * Convolution as an index relation, `a i = s o + d k - p` in every spatial dimension (spatial.ts).
 *
 * Two of the three stand in the operands, the third in the result; a transpose only changes which one that is, and vmap adds a
 * shared label. Other axes have einsum labels: channels, batch, and groups as a label of all three.
 */
import {
  type AnyTensor,
  addTangents,
  apply1,
  at,
  axis,
  binary,
  type Choices,
  defineOp,
  type Guard,
  type Ix,
  load,
  type Op,
  reduced,
  showType,
  type Tangent,
  type Tensor,
  type TensorType,
  TraceError,
} from "../core/index.js"
import { reshape } from "./shape.js"
import { type Padding, paddingOf, perAxis, type Role, type SpatialDim, solve, spatial } from "./spatial.js"

/** An einsum label, or the place of a spatial dimension's index. */
export type ConvAxis = number | { readonly role: Role; readonly dim: number }

export interface ConvParams {
  readonly left: readonly ConvAxis[]
  readonly right: readonly ConvAxis[]
  readonly out: readonly ConvAxis[]
  readonly dims: readonly SpatialDim[]
}

const isLabel = (x: ConvAxis): x is number => typeof x === "number"
const labelsOf = (list: readonly ConvAxis[]) => list.filter(isLabel)

/** Sizes of labels; throws where two places disagree. */
export const labelSizes = (params: ConvParams, a: TensorType, b: TensorType): ReadonlyMap<number, number> => {
  const sizes = new Map<number, number>()
  const bind = (list: readonly ConvAxis[], t: TensorType) =>
    list.forEach((x, i) => {
      const d = t.shape[i] as number
      const expected = isLabel(x) ? sizes.get(x) : (params.dims[x.dim] as SpatialDim).size[x.role]
      if (expected !== undefined && expected !== d)
        throw new TraceError(`conv: ${showType(a)} and ${showType(b)} disagree: axis ${i} of ${showType(t)} should have size ${expected}`)
      if (isLabel(x)) sizes.set(x, d)
    })
  bind(params.left, a)
  bind(params.right, b)
  return sizes
}

const convolve = (params: ConvParams, a: AnyTensor, b: AnyTensor): AnyTensor => apply1(convOp, params, [a, b])

export const convOp: Op<ConvParams> = defineOp<ConvParams>({
  name: "conv",
  type: (params, [a, b]) => {
    const [x, y] = [a as TensorType, b as TensorType]
    if (x.elem !== "float" || y.elem !== "float" || x.shape.length !== params.left.length || y.shape.length !== params.right.length)
      throw new TraceError(`conv: operands ${showType(x)} and ${showType(y)} do not fit the axes of this convolution`)
    const sizes = labelSizes(params, x, y)
    return [
      {
        elem: "float",
        shape: params.out.map((o) => (isLabel(o) ? (sizes.get(o) as number) : (params.dims[o.dim] as SpatialDim).size[o.role])),
      },
    ]
  },
  jvp: (params, [a, b], _outputs, [da, db]) => [
    addTangents(da == null ? null : convolve(params, da, b as AnyTensor), db == null ? null : convolve(params, a as AnyTensor, db)),
  ],
  transpose: (params, [a, b], [la], [ct]): readonly Tangent[] =>
    la
      ? [convolve({ ...params, left: params.out, out: params.left }, ct as AnyTensor, b as AnyTensor), null]
      : [null, convolve({ ...params, right: params.out, out: params.right }, a as AnyTensor, ct as AnyTensor)],
  batch: (params, [a, b], [ba, bb]) => {
    const row = Math.max(-1, ...labelsOf([...params.left, ...params.right, ...params.out])) + 1
    const batched = {
      ...params,
      left: ba ? [row, ...params.left] : params.left,
      right: bb ? [row, ...params.right] : params.right,
      out: [row, ...params.out],
    }
    return { outputs: [convolve(batched, a as AnyTensor, b as AnyTensor)], batched: [true] }
  },
  lower: (params, [a, b], [out]) => {
    const sizes = labelSizes(params, a as TensorType, b as TensorType)
    const rank = params.out.length
    const variable = new Map<string, Ix>()
    const key = (x: ConvAxis) => (isLabel(x) ? `${x}` : `${x.role}${x.dim}`)
    for (const [i, x] of params.out.entries()) variable.set(key(x), axis(i))
    const extent: number[] = []
    const reduce = (x: ConvAxis, size: number) => {
      variable.set(key(x), axis(rank + extent.length))
      extent.push(size)
    }
    // Spatial indices: one of the three is in the result, one is walked (the kernel's where it can be), one follows.
    const guards: Guard[] = []
    params.dims.forEach((dim, n) => {
      const given = (["i", "o", "k"] as const).find((role) => variable.has(`${role}${n}`)) as Role
      const walked: Role = given === "k" ? "o" : "k"
      const follows = (["i", "o", "k"] as const).find((role) => role !== given && role !== walked) as Role
      reduce({ role: walked, dim: n }, dim.size[walked])
      const known = Object.fromEntries((["i", "o", "k"] as const).map((r) => [r, variable.get(`${r}${n}`) ?? at(0)])) as Record<Role, Ix>
      const found = solve(follows, dim, known)
      variable.set(`${follows}${n}`, found.ix)
      guards.push(...found.guards)
    })
    for (const l of new Set(labelsOf([...params.left, ...params.right]))) if (!params.out.includes(l)) reduce(l, sizes.get(l) as number)
    const has = (list: readonly ConvAxis[]) => {
      // the guards belong to the operand that holds the index which follows
      const follows = params.dims.map((_, n) => {
        const given = params.out.find((x) => !isLabel(x) && x.dim === n) as { readonly role: Role }
        return given.role === "k" || given.role === "o" ? "i" : "o"
      })
      return list.some((x) => !isLabel(x) && follows[x.dim] === x.role)
    }
    const operand = (input: number, list: readonly ConvAxis[]) =>
      load(
        input,
        list.map((x) => variable.get(key(x)) as Ix),
        has(list) ? guards : [],
      )
    return {
      t: "index",
      nests: [reduced((out as TensorType).shape, "sum", extent, binary("mul", operand(0, params.left), operand(1, params.right)))],
    }
  },
  cheap: false,
  example: (choose: Choices) => {
    const n = choose.int(1, 2)
    const dims = Array.from({ length: n }, () =>
      spatial(choose.int(3, 5), choose.int(1, 3), {
        a: choose.int(1, 2),
        s: choose.int(1, 2),
        d: choose.int(1, 2),
        before: choose.int(0, 2),
        after: choose.int(0, 2),
      }),
    )
    const places = (role: Role) => dims.map((_, dim): ConvAxis => ({ role, dim }))
    const groups = choose.bool() ? [3] : []
    const params: ConvParams = {
      left: [0, ...places("i"), ...groups, 1],
      right: [...places("k"), ...groups, 1, 2],
      out: [0, ...places("o"), ...groups, 2],
      dims,
    }
    const label = new Map([
      [0, choose.int(1, 2)],
      [1, choose.int(1, 2)],
      [2, choose.int(1, 2)],
      [3, 2],
    ])
    const shape = (list: readonly ConvAxis[]) =>
      list.map((x) => (isLabel(x) ? (label.get(x) as number) : (dims[x.dim] as SpatialDim).size[x.role]))
    return {
      params,
      inputs: [
        { elem: "float", shape: shape(params.left) },
        { elem: "float", shape: shape(params.right) },
      ],
      domains: [{ t: "real" }, { t: "real" }],
    }
  },
})

/** Options of `conv`. */
export interface ConvOptions {
  /** Step between outputs, an entry a spatial axis or one for all. Default 1. */
  readonly stride?: number | readonly number[]
  /** Zeros around the input (see `Padding`). Default "same". */
  readonly padding?: Padding
  /** Distance of kernel elements (dilated convolution). Default 1. */
  readonly dilation?: number | readonly number[]
  /** Distance of input elements, zeros between; `convTranspose` says it by sizes. Default 1. */
  readonly inputDilation?: number | readonly number[]
  /** Channels are split into this many groups that do not see each other; as many as channels is depthwise. Default 1. */
  readonly groups?: number
}

/** The roles of an application: which operand holds the kernel's features, and which spatial index comes out. */
interface Use {
  readonly from: Role
  readonly to: Role
  /** Labels of channels (1) and features (2): those of the operand, and those of the result. */
  readonly operand: 1 | 2
  readonly result: 1 | 2
}

/** The product of a kernel [...k, C / groups, F] with channels (forward) or with features (its adjoint), by groups. */
export const convolveChannels = (x: Tensor, w: Tensor, dims: readonly SpatialDim[], groups: number, use: Use): Tensor => {
  const places = (role: Role) => dims.map((_, dim): ConvAxis => ({ role, dim }))
  const [left, out] = [
    [0, ...places(use.from)],
    [0, ...places(use.to)],
  ]
  if (groups === 1)
    return convolve({ left: [...left, use.operand], right: [...places("k"), 1, 2], out: [...out, use.result], dims }, x, w) as Tensor
  const features = w.shape.at(-1) as number
  const grouped = convolve(
    { left: [...left, 3, use.operand], right: [...places("k"), 1, 3, 2], out: [...out, 3, use.result], dims },
    reshape(x, [...x.shape.slice(0, -1), groups, (x.shape.at(-1) as number) / groups]),
    reshape(w, [...w.shape.slice(0, -1), groups, features / groups]),
  ) as Tensor
  return reshape(grouped, [...grouped.shape.slice(0, -2), groups * (grouped.shape.at(-1) as number)])
}

/** Ranks of a signal [N, ...spatial, C] and a kernel [...k, C, F]; the number of spatial axes. */
export const spatialRank = (name: string, x: Tensor, w: Tensor, letters: readonly [string, string]): number => {
  const n = x.shape.length - 2
  if (n < 1 || w.shape.length !== n + 2)
    throw new TraceError(
      `${name}: expected x [N, ...spatial, ${letters[0]}] and w [...kernel, ${letters[1]}], found ${showType(x.type)} and ${showType(w.type)}`,
    )
  return n
}

/**
 * Convolution (cross-correlation, as in all deep learning libraries). Channels come last: `x` is [N, ...spatial, C], `w` is
 * [...kernel, C / groups, F], the result [N, ...spatial', F] with
 *
 *     spatial' = floor(((spatial - 1) inputDilation + 1 + before + after - dilation (kernel - 1) - 1) / stride) + 1
 *
 * Any number of spatial axes. Features are in the order of their groups, as in PyTorch and JAX. Depthwise convolution has
 * `groups: C` and a kernel [...kernel, 1, C * multiplier]. Negative padding crops.
 *
 * @throws TraceError when ranks or channels do not fit, or the kernel is larger than the padded input.
 * @example
 * conv(x, w, { stride: 2 }) // [8, 28, 28, 3] * [5, 5, 3, 16] -> [8, 14, 14, 16]
 */
export const conv = (x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor => {
  const n = spatialRank("conv", x, w, ["C", "C, F"])
  const { groups = 1, padding = "same" } = options
  const [channels, inner, features] = [x.shape[n + 1] as number, w.shape[n] as number, w.shape[n + 1] as number]
  if (inner * groups !== channels || features % groups !== 0)
    throw new TraceError(
      `conv: x has ${channels} channels, w takes ${inner} in each of ${groups} groups and gives ${features}: ${showType(x.type)} with ${showType(w.type)}`,
    )
  const stride = perAxis("conv", "stride", options.stride, n)
  const dilation = perAxis("conv", "dilation", options.dilation, n)
  const inputDilation = perAxis("conv", "inputDilation", options.inputDilation, n)
  const span = inputDilation.map((a, j) => ((x.shape[j + 1] as number) - 1) * a + 1)
  const reach = dilation.map((d, j) => ((w.shape[j] as number) - 1) * d + 1)
  const dims = paddingOf("conv", padding, n, { span, reach, stride }).map(([before, after], j) => {
    const dim = spatial(x.shape[j + 1] as number, w.shape[j] as number, {
      a: inputDilation[j] as number,
      s: stride[j] as number,
      d: dilation[j] as number,
      before,
      after,
    })
    if (dim.size.o < 1)
      throw new TraceError(
        `conv: the kernel of ${showType(w.type)} is larger than the padded input ${showType(x.type)} on spatial axis ${j}`,
      )
    return dim
  })
  return convolveChannels(x, w, dims, groups, { from: "i", to: "o", operand: 1, result: 2 })
}
