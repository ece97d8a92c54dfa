/** Convolutions among the kernels: what a sum of products over windows says of itself. */
import type { Extents } from "../index-arithmetic.js"
import { extentsOf } from "../kernel-form.js"
import type { Ix, Nest } from "../nest.js"
import { isDataDependent, type Load } from "../substitute.js"

/** An index as a sum of multiples of variables. */
interface Affine {
  readonly constant: number
  readonly terms: ReadonlyMap<number, number>
}

const affine = (ix: Ix): Affine | null => {
  switch (ix.t) {
    case "const":
      return { constant: ix.value, terms: new Map() }
    case "var":
      return { constant: 0, terms: new Map([[ix.axis, 1]]) }
    case "add": {
      const [a, b] = [affine(ix.a), affine(ix.b)]
      if (a === null || b === null) return null
      const terms = new Map(a.terms)
      for (const [v, c] of b.terms) terms.set(v, (terms.get(v) ?? 0) + c)
      return { constant: a.constant + b.constant, terms }
    }
    case "mul": {
      const a = affine(ix.a)
      return a === null ? null : { constant: a.constant * ix.by, terms: new Map([...a.terms].map(([v, c]) => [v, c * ix.by])) }
    }
    default:
      return null
  }
}

const variable = (ix: Ix): number => (ix.t === "var" ? ix.axis : -1)

/** One of the two directions of the images: `place = output + sign kernel + offset`. */
export interface Direction {
  /** Variables. */
  readonly output: number
  readonly kernel: number
  readonly sign: 1 | -1
  readonly offset: number
}

/** A convolution of images [batch, place, place, channel] with windows of one size in both directions, at every place. */
export interface Convolution {
  readonly images: Load
  /** The kernel, or with `toKernel` the images that are summed over. */
  readonly other: Load
  /** The variable of the batch, -1 where there is none. */
  readonly batch: number
  readonly directions: readonly [Direction, Direction]
  readonly size: number
  /** Variables: of the axis of `images`, and of the result. */
  readonly channel: number
  readonly feature: number
  /** The result is a kernel; else it is images. */
  readonly toKernel: boolean
}

const directionOf = (
  ix: Ix,
  rank: number,
): { readonly inDomain: number; readonly summed: number; readonly sign: 1 | -1; readonly offset: number } | null => {
  const sum = affine(ix)
  if (sum?.terms.size !== 2) return null
  const [[a, ca], [b, cb]] = [...sum.terms] as [[number, number], [number, number]]
  const [[inDomain, c], [summed, sign]] =
    a < b
      ? [
          [a, ca],
          [b, cb],
        ]
      : [
          [b, cb],
          [a, ca],
        ]
  if (inDomain >= rank || summed < rank || c !== 1 || (sign !== 1 && sign !== -1)) return null
  return { inDomain, summed, sign, offset: sum.constant }
}

/** The axes of a load are these variables, in some order. */
const isOver = (load: Load, variables: readonly number[]): boolean =>
  load.guards.length === 0 &&
  load.at.length === variables.length &&
  new Set(load.at.map(variable)).size === variables.length &&
  load.at.every((ix) => variables.includes(variable(ix)))

/** An index is a variable, or 0 where the variable is always 0. */
const stands = (ix: Ix, v: number, extents: Extents): boolean =>
  variable(ix) === v || (extents[v] === 1 && ix.t === "const" && ix.value === 0)

const asConvolution = (nest: Nest, images: Load, other: Load): Convolution | null => {
  const rank = nest.domain.length
  const extents = extentsOf(nest)
  const places = images.at.slice(-3, -1).map((ix) => directionOf(ix, rank))
  const [first, second] = places
  if (images.at.length < 3 || images.at.length > 4 || first == null || second == null) return null
  const channel = variable(images.at.at(-1) as Ix)
  const feature = rank - 1
  if (channel < 0) return null
  const toKernel = channel < rank
  const turned = (d: typeof first): Direction =>
    toKernel
      ? { output: d.summed, kernel: d.inDomain, sign: 1, offset: d.offset }
      : { output: d.inDomain, kernel: d.summed, sign: d.sign, offset: d.offset }
  if (toKernel && (first.sign !== 1 || second.sign !== 1)) return null
  const directions = [turned(first), turned(second)] as const
  const [o1, o2, k1, k2] = [directions[0].output, directions[1].output, directions[0].kernel, directions[1].kernel]
  const size = extents[k1] as number
  const own = new Set([o1, o2, k1, k2, channel, feature])
  const batches = [...extents.keys()].filter((v) => !own.has(v))
  if (own.size !== 6 || extents[k2] !== size || batches.length !== images.at.length - 3) return null
  const batch = batches[0] ?? -1
  if (batch >= 0 && !stands(images.at[0] as Ix, batch, extents)) return null
  // images of the result lie as those of the operand do
  const inOrder = [...batches, o1, o2, feature]
  if (toKernel) {
    if (batch >= 0 && batch < rank) return null
    if (other.guards.length > 0 || other.at.length !== inOrder.length) return null
    if (!other.at.every((ix, i) => stands(ix, inOrder[i] as number, extents))) return null
  } else if (!isOver(other, [k1, k2, channel, feature]) || inOrder.some((v, i) => v !== i)) return null
  return { images, other, batch, directions, size, channel, feature, toKernel }
}

/** A kernel as a convolution with stride 1, or null. */
export const convolutionOf = (nest: Nest): Convolution | null => {
  const { body, reduce } = nest
  if (reduce?.combine !== "sum" || reduce.indicator !== undefined || body.t !== "binary" || body.fn !== "mul") return null
  const { a, b } = body
  if (a.t !== "load" || b.t !== "load" || isDataDependent(a) || isDataDependent(b)) return null
  return asConvolution(nest, a, b) ?? asConvolution(nest, b, a)
}
