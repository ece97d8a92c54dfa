/**
 * One spatial dimension of a convolution, a pooling or a set of windows: the input index i, the output index o and the kernel index
 * k are tied by
 *
 *     a i = s o + d k - p        (a input dilation, s stride, d kernel dilation, p padding before)
 */
import { at, divides, floorDiv, type Guard, type Ix, inRange, plus, TraceError, times } from "../core/index.js"

export type Role = "i" | "o" | "k"

export interface SpatialDim {
  readonly a: number
  readonly s: number
  readonly d: number
  readonly p: number
  /** Sizes of the three indices. */
  readonly size: Readonly<Record<Role, number>>
}

/** The index that the relation gives from the other two, and the guards under which it exists. */
export const solve = (
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

interface Step {
  readonly a: number
  readonly s: number
  readonly d: number
  readonly before: number
  readonly after: number
}

/** The relation of one dimension from sizes and padding; the output size follows. */
export const spatial = (i: number, k: number, { a, s, d, before, after }: Step): SpatialDim => {
  const room = (i - 1) * a + 1 + before + after - ((k - 1) * d + 1)
  return { a, s, d, p: before, size: { i, k, o: room < 0 ? 0 : Math.floor(room / s) + 1 } }
}

/**
 * Zeros around the input: "same" keeps ceil(size / stride), the odd zero after; "valid" none; a number that many on every side;
 * `[before, after]` an axis.
 */
export type Padding = "same" | "valid" | number | readonly (readonly [number, number])[]

/** A whole number of at least `least` for each of `n` spatial axes, from one for all or a list. */
export const perAxis = (name: string, what: string, x: number | readonly number[] | undefined, n: number, least = 1): readonly number[] => {
  const list = typeof x === "object" ? x : Array.from({ length: n }, () => x ?? 1)
  if (list.length !== n || list.some((v) => !Number.isInteger(v) || v < least))
    throw new TraceError(
      `${name}: ${what} should be a whole number of at least ${least}, or ${n} of them, one a spatial axis; found [${list.join(", ")}]`,
    )
  return list
}

/** The padding of one axis as numbers. `span` is what the input covers, `reach` what the kernel covers, dilations included. */
export const paddingOf = (
  name: string,
  padding: Padding,
  n: number,
  { span, reach, stride }: { readonly span: readonly number[]; readonly reach: readonly number[]; readonly stride: readonly number[] },
): readonly (readonly [number, number])[] => {
  const each = (f: (j: number) => readonly [number, number]) => Array.from({ length: n }, (_, j) => f(j))
  if (padding === "valid") return each(() => [0, 0])
  if (padding === "same")
    return each((j) => {
      const outputs = Math.ceil((span[j] as number) / (stride[j] as number))
      const total = Math.max(0, (outputs - 1) * (stride[j] as number) + (reach[j] as number) - (span[j] as number))
      return [Math.floor(total / 2), Math.ceil(total / 2)]
    })
  const pairs = typeof padding === "number" ? each(() => [padding, padding]) : padding
  if (pairs.length !== n || pairs.some((pair) => pair.length !== 2 || pair.some((v) => !Number.isInteger(v))))
    throw new TraceError(
      `${name}: padding should be "same", "valid", a whole number or ${n} pairs [before, after], one a spatial axis; found ${JSON.stringify(padding)}`,
    )
  return pairs
}
