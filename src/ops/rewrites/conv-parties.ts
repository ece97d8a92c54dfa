/**
 * A convolution is a sum over all its indices of left x right, with the relation of spatial.ts as a mask; the result keeps some indices.
 * Seen like that the two operands and the result are three parties of one kind, and a party need not depend on all of its axes: an operand
 * that was broadcast does not, and neither does a result that is summed. An axis that is missing makes the rest cheaper.
 *
 * Labels. One that is in a single operand alone: that operand is summed over it first. One that is in the result alone: the result is made
 * without it and repeated.
 *
 * Spatial dimensions. Of the three indices i, o, k the two that are left meet in the mask M[x, k] = (the third exists), which has few
 * different rows (classes.ts). So x is replaced by its class c, which is an ordinary label:
 *
 *     who has x    in an operand: summed over the places of each class; in the result: made for each class, then repeated
 *     who has k    in an operand: w'[c] = sum of M[c, k] w[k]; in the result: made for each class, then y[k] = sum of M[c, k] y'[c]
 *
 * Both sums with M are convolutions with ones, on the relation that has each class once. What is then left is one convolution over the
 * dimensions that nobody misses: an einsum, if there are none.
 */
import { type AnyTensor, apply1, broadcastAlong, literal, sizeOf, sumAxes } from "../../core/index.js"
import { type ConvAxis, type ConvParams, convOp } from "../conv.js"
import { einsumOp } from "../einsum.js"
import type { Role, SpatialDim } from "../spatial.js"
import type { Named } from "./broadcast.js"
import { type Classes, classesOf, type Long, toClasses, toPlaces } from "./classes.js"

export type Party = Named<ConvAxis>

/** A value, and the number of products and of elements passed on that it takes. */
export interface Priced {
  readonly value: AnyTensor
  readonly cost: number
}

/** Sizes of labels. */
export type Sizes = ReadonlyMap<number, number>

/** A spatial dimension of which one index is free. */
interface Masked {
  readonly dim: number
  readonly free: Long
  readonly long: Long
  readonly label: number
  readonly classes: Classes
}

const isLabel = (x: ConvAxis): x is number => typeof x === "number"
const same = (x: ConvAxis, y: ConvAxis): boolean => (isLabel(x) || isLabel(y) ? x === y : x.role === y.role && x.dim === y.dim)
const has = (axes: readonly ConvAxis[], x: ConvAxis): boolean => axes.some((y) => same(x, y))
const elements = (x: AnyTensor): number => sizeOf(x.shape)

/** The products of a convolution as it is lowered: the kernel is walked, or the outputs where the kernel is the result. */
export const productsOf = (dims: readonly SpatialDim[], axes: readonly (readonly ConvAxis[])[], sizes: Sizes): number => {
  const labels = new Set(axes.flat().filter(isLabel))
  const spatial = (axes.at(-1) ?? []).flatMap((x) => (isLabel(x) ? [] : [x]))
  let n = 1
  for (const l of labels) n *= sizes.get(l) as number
  for (const { role, dim } of spatial) {
    const { size } = dims[dim] as SpatialDim
    n *= size[role] * (role === "k" ? size.o : size.k)
  }
  return n
}

/** Which indices are free; null where two of one dimension are, or the kernel's: then it is no such product. */
const maskedOf = (dims: readonly SpatialDim[], axes: readonly (readonly ConvAxis[])[], label: number): readonly Masked[] | null => {
  const masked: Masked[] = []
  for (const [dim, relation] of dims.entries()) {
    const free = (["i", "o", "k"] as const).filter((role) => !axes.some((list) => has(list, { role, dim })))
    const [role] = free
    if (role === undefined) continue
    if (free.length > 1 || role === "k") return null
    const long = role === "i" ? "o" : "i"
    masked.push({ dim, free: role, long, label: label + masked.length, classes: classesOf(relation, long) })
  }
  return masked
}

/** Sums with the mask: the axes `from` of x (the class or the tap of some dimensions) become the other one. */
const throughMask = ({ x, axes }: Party, masked: readonly Masked[], to: "class" | "tap"): Party => {
  if (masked.length === 0) return { x, axes }
  const place = (m: Masked): ConvAxis => (to === "class" ? { role: "k", dim: m.dim } : m.label)
  const made = (m: Masked): ConvAxis => (to === "class" ? m.label : { role: "k", dim: m.dim })
  const ones = broadcastAlong(
    literal(1),
    masked.map(({ classes, free }) => classes.shrunk.size[free]),
    [],
  )
  const roleOf = (m: Masked, end: "class" | "tap"): Role => (end === "class" ? m.long : "k")
  const from = to === "class" ? "tap" : "class"
  const at = (axis: ConvAxis) => masked.findIndex((m) => same(place(m), axis))
  // here all other axes are labels, numbered by their places
  const list = (end: "class" | "tap") =>
    axes.map((axis, n): ConvAxis => {
      const dim = at(axis)
      return dim < 0 ? n : { role: roleOf(masked[dim] as Masked, end), dim }
    })
  const params: ConvParams = {
    left: masked.map(({ free }, dim) => ({ role: free, dim })),
    right: list(from),
    out: list(to),
    dims: masked.map(({ classes }) => classes.shrunk),
  }
  return { x: apply1(convOp, params, [ones, x]), axes: axes.map((axis) => (at(axis) < 0 ? axis : made(masked[at(axis)] as Masked))) }
}

/** An operand as the product takes it: sums over labels of its own, classes for places and for taps. */
const prepared = (party: Party, others: readonly ConvAxis[], masked: readonly Masked[]): Party & { readonly cost: number } => {
  const alone = party.axes.flatMap((axis, n) => (isLabel(axis) && !has(others, axis) ? [n] : []))
  let cost = alone.length === 0 ? 0 : elements(party.x)
  let { x, axes }: Party = { x: sumAxes(party.x, alone), axes: party.axes.filter((_, n) => !alone.includes(n)) }
  for (const m of masked) {
    const at = axes.findIndex((axis) => same(axis, { role: m.long, dim: m.dim }))
    if (at < 0) continue
    cost += elements(x)
    x = toClasses(x, at, m.classes)
    axes = axes.map((axis, n) => (n === at ? m.label : axis))
  }
  const tapped = masked.filter(({ dim }) => has(axes, { role: "k", dim }))
  const made = throughMask({ x, axes }, tapped, "class")
  if (tapped.length > 0) cost += elements(made.x) * tapped.reduce((n, m) => n * m.classes.shrunk.size.k, 1)
  return { ...made, cost }
}

/** The one convolution that is left, over the dimensions that nobody misses. */
const product = (
  dims: readonly SpatialDim[],
  left: Party,
  right: Party,
  out: readonly ConvAxis[],
  masked: readonly Masked[],
): AnyTensor => {
  const rest = dims.map((_, n) => n).filter((n) => masked.every((m) => m.dim !== n))
  const list = { left: left.axes, right: right.axes, out }
  if (rest.length === 0) {
    const labels = { left: list.left.filter(isLabel), right: list.right.filter(isLabel), out: list.out.filter(isLabel) }
    return apply1(einsumOp, labels, [left.x, right.x])
  }
  const renumbered = (axes: readonly ConvAxis[]) => axes.map((x): ConvAxis => (isLabel(x) ? x : { ...x, dim: rest.indexOf(x.dim) }))
  const params: ConvParams = {
    left: renumbered(list.left),
    right: renumbered(list.right),
    out: renumbered(list.out),
    dims: rest.map((n) => dims[n] as SpatialDim),
  }
  return apply1(convOp, params, [left.x, right.x])
}

/**
 * The convolution of two operands that may miss axes, for a result with the axes `out`; null where two indices of a dimension are free,
 * or a kernel's, or a label is nowhere: those are other products.
 * `sizes` are those of all labels.
 */
export const contracted = (dims: readonly SpatialDim[], a: Party, b: Party, out: readonly ConvAxis[], sizes: Sizes): Priced | null => {
  const masked = maskedOf(dims, [a.axes, b.axes, out], Math.max(-1, ...sizes.keys()) + 1)
  if (masked === null || [...sizes.keys()].some((l) => ![a.axes, b.axes, out].some((list) => has(list, l)))) return null
  const left = prepared(a, [...b.axes, ...out], masked)
  const right = prepared(b, [...a.axes, ...out], masked)
  const classOf = (axis: ConvAxis): ConvAxis => masked.find((m) => !isLabel(axis) && axis.dim === m.dim)?.label ?? axis
  const wanted = out.map(classOf)
  const known = wanted.filter((axis) => !isLabel(axis) || has(left.axes, axis) || has(right.axes, axis))
  const all = new Map([...sizes, ...masked.map((m): [number, number] => [m.label, m.classes.shrunk.size[m.long]])])
  let x = product(dims, left, right, known, masked)
  let cost = left.cost + right.cost + productsOf(dims, [left.axes, right.axes, known], all)
  const taps = masked.filter(({ dim }) => has(out, { role: "k", dim }))
  if (taps.length > 0) {
    x = throughMask({ x, axes: known }, taps, "tap").x
    cost += elements(x) * taps.reduce((n, m) => n * m.classes.shrunk.size[m.long], 1)
  }
  // the last dimension first: what is repeated then is still small
  for (const m of [...masked].reverse()) {
    if (!has(out, { role: m.long, dim: m.dim })) continue
    x = toPlaces(x, known.indexOf(m.label), m.classes)
    cost += elements(x)
  }
  if (known.length === out.length) return { value: x, cost }
  const places = wanted.flatMap((axis, n) => (has(known, axis) ? [n] : []))
  const shape = wanted.map((axis, n) => (places.includes(n) ? (x.shape[places.indexOf(n)] as number) : (all.get(axis as number) as number)))
  return { value: broadcastAlong(x, shape, places), cost: cost + sizeOf(shape) }
}
