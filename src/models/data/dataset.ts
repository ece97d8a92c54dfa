/**
 * Data sets as values: a length, and a function from indices to rows. Nothing is read or drawn before it is asked for, so sets can be
 * mapped, cut and split without copies.
 */
import { TraceError } from "../failure.js"

/** A data set: `length` rows, any of which can be asked for, in any order, any number of times, always with the same answer. */
export interface Dataset<A> {
  readonly length: number
  /** The rows at `indices`, in their order. Throws TraceError for an index that is none. */
  readonly get: (indices: Uint32Array) => A
}

/** A set of `length` rows whose `get` is asked only for indices that there are. */
export const dataset = <A>(length: number, get: (indices: Uint32Array) => A): Dataset<A> => ({
  length,
  get: (indices) => {
    const bad = indices.findIndex((i) => i >= length)
    if (bad >= 0) throw new TraceError(`data: index ${indices[bad]} (at ${bad}) of a set of ${length} rows; expected 0 to ${length - 1}`)
    return get(indices)
  },
})

/**
 * The set of what `f` makes of every batch. `f` is given all rows that are asked for at once and must treat each as if it were alone.
 *
 * @example
 * const signed = mapDataset((rows: Rows<Float32Array>) => ({ ...rows, data: rows.data.map((x) => 2 * x - 1) }))
 */
export const mapDataset =
  <A, B>(f: (rows: A) => B) =>
  ({ length, get }: Dataset<A>): Dataset<B> => ({ length, get: (indices) => f(get(indices)) })

/**
 * The set of some rows of another, in the order of `indices`.
 *
 * @throws TraceError when one is no index of it
 *
 * @example
 * const set = fromArrays({ x: { shape: [3], data: Float32Array.of(5, 6, 7) } })
 * subset([2, 0])(set).get(Uint32Array.of(0)).x.data // Float32Array [7]
 */
export const subset =
  (indices: ArrayLike<number>) =>
  <A>({ length, get }: Dataset<A>): Dataset<A> => {
    const kept = Uint32Array.from(indices)
    for (let i = 0; i < kept.length; i++)
      if (kept[i] !== indices[i] || kept[i]! >= length)
        throw new TraceError(`subset: index ${indices[i]} (at ${i}) of a set of ${length} rows; expected 0 to ${length - 1}`)
    return dataset(kept.length, (asked) => get(asked.map((i) => kept[i]!)))
  }
