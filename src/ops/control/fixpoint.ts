/** Which carries of a loop have a property (a tangent, a batch axis): the least set that the body reproduces. */

/** `body` answers, for carries that have the property going in, which have it coming out. */
export const leastFixedPoint = (start: readonly boolean[], body: (flags: readonly boolean[]) => readonly boolean[]): readonly boolean[] => {
  let flags = start
  for (;;) {
    const out = body(flags)
    const next = flags.map((f, i) => f || (out[i] as boolean))
    if (next.every((f, i) => f === flags[i])) return flags
    flags = next
  }
}

/** The elements whose flag is set. */
export const pick = <T>(list: readonly T[], flags: readonly boolean[]): readonly T[] => list.filter((_, i) => flags[i])

/** The inverse of `pick`: values at the places whose flag is set, `other` elsewhere. */
export const place = <T, U>(values: readonly T[], flags: readonly boolean[], other: U): readonly (T | U)[] => {
  let next = 0
  return flags.map((f) => (f ? (values[next++] as T) : other))
}
