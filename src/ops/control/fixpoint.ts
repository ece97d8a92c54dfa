/** Which carries of a loop have a property (a tangent, a batch axis): the least set that the body reproduces. */

/**
 * `body` answers, for carries that have the property going in, which have it coming out.
 *
 * @example
 * leastFixedPoint([true, false, false], ([a, b]) => [false, a, b]) // [true, true, true]
 */
export const leastFixedPoint = (start: readonly boolean[], body: (flags: readonly boolean[]) => readonly boolean[]): readonly boolean[] => {
  let flags = start
  for (;;) {
    const out = body(flags)
    const next = flags.map((f, i) => f || (out[i] as boolean))
    if (next.every((f, i) => f === flags[i])) return flags
    flags = next
  }
}
