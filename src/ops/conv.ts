/**
 * Convolution as an index relation. In every spatial dimension the input index i, the output index o and the kernel index k
 * are tied by
 *
 *     a i = s o + d k - p        (a input dilation, s stride, d kernel dilation, p padding before)
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
  divides,
  floorDiv,
  type Guard,
  type Ix,
  inRange,
  load,
  type Op,
  plus,
  reduced,
  showType,
  type Tangent,
  type Tensor,
  type TensorType,
  TraceError,
  times,
} from "../core/index.js"
import { reshape } from "./shape.js"

export type Role = "i" | "o" | "k"
/** An einsum label, or the place of a spatial dimension's index. */
export type ConvAxis = number | { readonly role: Role; readonly dim: number }

export interface SpatialDim {
  readonly a: number
  readonly s: number
  readonly d: number
  readonly p: number
  /** Sizes of the three indices. */
  readonly size: Readonly<Record<Role, number>>
}

export interface ConvParams {
  readonly left: readonly ConvAxis[]
  readonly right: readonly ConvAxis[]
  readonly out: readonly ConvAxis[]
  readonly dims: readonly SpatialDim[]
}

const isLabel = (x: ConvAxis): x is number => typeof x === "number"
const labelsOf = (list: readonly ConvAxis[]) => list.filter(isLabel)

const sizesOf = (params: ConvParams, a: TensorType, b: TensorType): ReadonlyMap<number, number> => {
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

/** The index that the relation gives from the other two, and the guards under which it exists. */
const solve = (
  unknown: Role,
  dim: SpatialDim,
  known: Readonly<Record<Role, Ix>>,
): { readonly ix: Ix; readonly guards: readonly Guard[] } => {
  const { a, s, d, p } = dim
  const minus = (x: Ix) => times(x, -1)
  const scaled =
    unknown === "i"
      ? { value: plus(plus(times(known.o, s), times(known.k, d)), at(-p)), by: a }
      : unknown === "o"
        ? { value: plus(plus(times(known.i, a), minus(times(known.k, d))), at(p)), by: s }
        : { value: plus(plus(times(known.i, a), minus(times(known.o, s))), at(p)), by: d }
  const ix = floorDiv(scaled.value, scaled.by)
  return { ix, guards: [...(scaled.by > 1 ? [divides(scaled.value, scaled.by)] : []), inRange(ix, 0, dim.size[unknown])] }
}

export const convOp: Op<ConvParams> = defineOp<ConvParams>({
  name: "conv",
  type: (params, [a, b]) => {
    const [x, y] = [a as TensorType, b as TensorType]
    if (x.elem !== "float" || y.elem !== "float" || x.shape.length !== params.left.length || y.shape.length !== params.right.length)
      throw new TraceError(`conv: operands ${showType(x)} and ${showType(y)} do not fit the axes of this convolution`)
    const sizes = sizesOf(params, x, y)
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
    const sizes = sizesOf(params, a as TensorType, b as TensorType)
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

interface Window {
  readonly a: number
  readonly s: number
  readonly d: number
  readonly before: number
  readonly after: number
}

/** The relation of one dimension from sizes and padding; the output size follows. */
const spatial = (i: number, k: number, { a, s, d, before, after }: Window): SpatialDim => {
  const room = (i - 1) * a + 1 + before + after - ((k - 1) * d + 1)
  return { a, s, d, p: before, size: { i, k, o: room < 0 ? 0 : Math.floor(room / s) + 1 } }
}

export interface ConvOptions {
  /** Step between outputs, an entry a spatial axis or one for all. Default 1. */
  readonly stride?: number | readonly number[]
  /** Zeros around the input: "same" keeps ceil(size / stride), "valid" none, or `[before, after]` an axis. Default "same". */
  readonly padding?: "same" | "valid" | readonly (readonly [number, number])[]
  /** Distance of kernel elements (dilated convolution). Default 1. */
  readonly dilation?: number | readonly number[]
  /** Distance of input elements, zeros between (transposed convolution). Default 1. */
  readonly inputDilation?: number | readonly number[]
  /** Channels are split into this many groups that do not see each other. Default 1. */
  readonly groups?: number
}

const perAxis = (x: number | readonly number[] | undefined, n: number) =>
  Array.from({ length: n }, (_, i) => (typeof x === "number" ? x : (x?.[i] ?? 1)))

/**
 * Convolution (cross-correlation, as in all deep learning libraries). Channels come last: `x` is [N, ...spatial, C], `w` is
 * [...kernel, C / groups, F], the result [N, ...spatial', F]. Any number of spatial axes.
 *
 * @example
 * conv(x, w, { stride: 2 }) // [8, 28, 28, 3] * [5, 5, 3, 16] -> [8, 14, 14, 16]
 */
export const conv = (x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor => {
  const n = x.shape.length - 2
  const { groups = 1, padding = "same" } = options
  const [channels, inner, features] = [x.shape[n + 1] as number, w.shape[n] as number, w.shape[n + 1] as number]
  if (n < 1 || w.shape.length !== n + 2)
    throw new TraceError(`conv: expected x [N, ...spatial, C] and w [...kernel, C, F], found ${showType(x.type)} and ${showType(w.type)}`)
  if (inner * groups !== channels || features % groups !== 0)
    throw new TraceError(
      `conv: x has ${channels} channels, w takes ${inner} in each of ${groups} groups and gives ${features}: ${showType(x.type)} with ${showType(w.type)}`,
    )
  const [s, d, a] = [perAxis(options.stride, n), perAxis(options.dilation, n), perAxis(options.inputDilation, n)]
  const dims = Array.from({ length: n }, (_, j) => {
    const [i, k] = [x.shape[j + 1] as number, w.shape[j] as number]
    const [step, apart, dilated] = [s[j] as number, d[j] as number, a[j] as number]
    const span = (i - 1) * dilated + 1
    const same = Math.max(0, (Math.ceil(span / step) - 1) * step + (k - 1) * apart + 1 - span)
    const [before, after] =
      padding === "valid"
        ? [0, 0]
        : padding === "same"
          ? [Math.floor(same / 2), Math.ceil(same / 2)]
          : (padding[j] as readonly [number, number])
    const dim = spatial(i, k, { a: dilated, s: step, d: apart, before, after })
    if (dim.size.o < 1)
      throw new TraceError(
        `conv: the kernel of ${showType(w.type)} is larger than the padded input ${showType(x.type)} on spatial axis ${j}`,
      )
    return dim
  })
  const places = (role: Role) => dims.map((_, dim): ConvAxis => ({ role, dim }))
  if (groups === 1)
    return convolve({ left: [0, ...places("i"), 1], right: [...places("k"), 1, 2], out: [0, ...places("o"), 2], dims }, x, w) as Tensor
  const grouped = convolve(
    { left: [0, ...places("i"), 3, 1], right: [...places("k"), 1, 3, 2], out: [0, ...places("o"), 3, 2], dims },
    reshape(x, [...x.shape.slice(0, -1), groups, inner]),
    reshape(w, [...w.shape.slice(0, -1), groups, features / groups]),
  ) as Tensor
  return reshape(grouped, [...grouped.shape.slice(0, -2), features])
}
