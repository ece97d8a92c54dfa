/**
 * Convolutions, forward and transposed, as the operators that runtimes have for them. What else `conv` can say (dilated inputs, derivatives,
 * float64, for which onnxruntime has no `Conv`) is left to index notation, where it is a gather and a product of matrices.
 */
import { sizeOf } from "../../core/index.js"
import type { Builder, Value } from "./builder.js"
import { padded, permuted, reshaped, sliced } from "./values.js"

type Role = "i" | "o" | "k"
type Axis = number | { readonly role: Role; readonly dim: number }

/** One spatial dimension: a i = s o + d k - p. */
interface Dim {
  readonly a: number
  readonly s: number
  readonly d: number
  readonly p: number
  readonly size: Readonly<Record<Role, number>>
}

/** Parameters of the op `conv`: an einsum label or the role in a spatial dimension for each axis. */
export interface ConvParams {
  readonly left: readonly Axis[]
  readonly right: readonly Axis[]
  readonly out: readonly Axis[]
  readonly dims: readonly Dim[]
}

const keyOf = (x: Axis): string => (typeof x === "number" ? `${x}` : `${x.role}${x.dim}`)

/** Where the role of each spatial dimension stands in a list of axes; null where one is missing. */
const places = (list: readonly Axis[], role: Role, dims: number): readonly number[] | null => {
  const keys = list.map(keyOf)
  const found = Array.from({ length: dims }, (_, dim) => keys.indexOf(`${role}${dim}`))
  return found.includes(-1) ? null : found
}

/** Labels by the operands that have them. */
const labelled = ({ left, right, out }: ConvParams) => {
  const has = (list: readonly Axis[], l: number) => list.includes(l)
  const all = [...new Set([...left, ...right, ...out].filter((x) => typeof x === "number"))]
  const of = (l: boolean, r: boolean, o: boolean) => all.filter((x) => has(left, x) === l && has(right, x) === r && has(out, x) === o)
  return {
    batch: of(true, false, true),
    channels: of(true, true, false),
    features: of(false, true, true),
    groups: of(true, true, true),
    all,
  }
}

/** Elements [from, from + size) of an axis, zero outside. */
const window = (b: Builder, v: Value, axis: number, from: number, size: number): Value => {
  const n = v.shape[axis] as number
  const [first, end] = [Math.min(Math.max(from, 0), n), Math.max(Math.min(from + size, n), 0)]
  const only = (width: number) => v.shape.map((_, i) => (i === axis ? width : 0))
  const kept = sliced(b, v, axis, first, Math.max(end - first, 0), 1)
  return padded(b, kept, only(Math.max(-from, 0)), only(Math.max(from + size - n, 0)))
}

/** A convolution as one node with what brings its operands into the order of axes that it takes; null where there is none for it. */
export const convolution = (b: Builder, params: ConvParams, x: Value, w: Value): Value | null => {
  const { left, right, out, dims } = params
  const n = dims.length
  if (b.precision !== "float32" || n < 1 || n > 3 || dims.some(({ a }) => a !== 1) || [...x.shape, ...w.shape].includes(0)) return null
  const { batch, channels, features, groups, all } = labelled(params)
  if (batch.length + channels.length + features.length + groups.length !== all.length) return null
  const kernel = places(right, "k", n)
  const [from, to]: readonly [Role, Role] = places(left, "i", n) === null ? ["o", "i"] : ["i", "o"]
  const [taken, made] = [places(left, from, n), places(out, to, n)]
  if (kernel === null || taken === null || made === null) return null
  const at = (list: readonly Axis[], labels: readonly number[]) => labels.map((l) => list.indexOf(l))
  const sizes = (v: Value, list: readonly number[]) => list.map((i) => v.shape[i] as number)
  const [batchAt, groupsAt, channelsAt] = [at(left, batch), at(left, groups), at(left, channels)]
  const lead = [sizeOf(sizes(x, batchAt)), sizeOf(sizes(x, [...groupsAt, ...channelsAt]))]
  const image = reshaped(b, permuted(b, x, [...batchAt, ...groupsAt, ...channelsAt, ...taken]), [...lead, ...dims.map((d) => d.size[from])])
  const [group, f, c] = [sizeOf(sizes(x, groupsAt)), sizeOf(sizes(w, at(right, features))), sizeOf(sizes(x, channelsAt))]
  const sides = dims.map((d) => d.size.k)
  const forward = from === "i"
  const order = forward
    ? [...at(right, groups), ...at(right, features), ...at(right, channels), ...kernel]
    : [...at(right, groups), ...at(right, channels), ...at(right, features), ...kernel]
  const weights = reshaped(b, permuted(b, w, order), forward ? [group * f, c, ...sides] : [group * c, f, ...sides])
  const attributes = { kernel_shape: sides, strides: dims.map((d) => d.s), dilations: dims.map((d) => d.d), group }
  const result = forward
    ? convolved(b, dims, image, weights, attributes, group * f)
    : transposed(b, dims, image, weights, attributes, group * f)
  const own = [...sizes(x, batchAt), ...sizes(x, groupsAt), ...sizes(w, at(right, features)), ...dims.map((d) => d.size[to])]
  const labels: readonly string[] = [...batch, ...groups, ...features].map(String)
  const now = [...labels, ...dims.map((_, dim) => `${to}${dim}`)]
  return permuted(
    b,
    reshaped(b, result, own),
    out.map((axis) => now.indexOf(keyOf(axis))),
  )
}

type Attributes = Readonly<Record<string, number | readonly number[]>>

/** [N, C, i...] -> [N, F, o...] */
const convolved = (b: Builder, dims: readonly Dim[], image: Value, weights: Value, attributes: Attributes, features: number): Value => {
  // zeros before and after; below zero, how much is cut off
  const pads = dims.map(({ s, d, p, size }) => [p, (size.o - 1) * s + (size.k - 1) * d + 1 - size.i - p] as const)
  const cut = pads.reduce((v, [before, after], j) => {
    const size = (v.shape[2 + j] as number) + Math.min(before, 0) + Math.min(after, 0)
    return sliced(b, v, 2 + j, Math.max(-before, 0), size, 1)
  }, image)
  const sides = [...pads.map(([before]) => Math.max(before, 0)), ...pads.map(([, after]) => Math.max(after, 0))]
  const shape = [image.shape[0] as number, features, ...dims.map((d) => d.size.o)]
  return b.node("Conv", [cut, weights], { kind: "float", shape }, { ...attributes, pads: sides })
}

/** [N, C, o...] -> [N, F, i...]: place s o + d k of what is made belongs to i = s o + d k - p. */
const transposed = (b: Builder, dims: readonly Dim[], image: Value, weights: Value, attributes: Attributes, features: number): Value => {
  const spans = dims.map(({ s, d, size }) => s * (size.o - 1) + d * (size.k - 1) + 1)
  const made = b.node(
    "ConvTranspose",
    [image, weights],
    { kind: "float", shape: [image.shape[0] as number, features, ...spans] },
    attributes,
  )
  return dims.reduce((v, { p, size }, j) => window(b, v, 2 + j, p, size.i), made)
}
