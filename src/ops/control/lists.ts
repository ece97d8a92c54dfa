/** Lists of inputs and outputs taken apart and put together by flags and by sizes. */

/**
 * The elements whose flag is set.
 *
 * @example
 * pick([1, 2, 3], [true, false, true]) // [1, 3]
 */
export const pick = <T>(list: readonly T[], flags: readonly boolean[]): readonly T[] => list.filter((_, i) => flags[i])

/**
 * The inverse of `pick`: values at the places whose flag is set, `other` elsewhere.
 *
 * @example
 * place([1, 3], [true, false, true], 0) // [1, 0, 3]
 */
export const place = <T, U>(values: readonly T[], flags: readonly boolean[], other: U): readonly (T | U)[] => {
  let next = 0
  return flags.map((f) => (f ? (values[next++] as T) : other))
}

/** A list cut into parts of the sizes given; the last part takes the rest. */
export const parts = <T>(list: readonly T[], ...sizes: readonly number[]): readonly (readonly T[])[] => {
  let from = 0
  const cut = sizes.map((n) => {
    from += n
    return list.slice(from - n, from)
  })
  return [...cut, list.slice(from)]
}

/** How many flags are set. */
export const count = (flags: readonly boolean[]): number => flags.filter(Boolean).length
