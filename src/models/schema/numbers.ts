/** Codecs of numbers in a range, named so that the name reads after "expected". */
import * as t from "io-ts"

export type Codec<A> = t.Type<A, A, unknown>

/** A `-0` is read as 0, so that it is written as it is read. */
const numberThat = (name: string, holds: (n: number) => boolean): Codec<number> => {
  const is = (u: unknown): u is number => typeof u === "number" && holds(u)
  return new t.Type<number, number, unknown>(name, is, (u, c) => (is(u) ? t.success(u + 0) : t.failure(u, c)), t.identity)
}

/** A whole number in [low, high]. */
export const whole = (low: number, high: number): Codec<number> =>
  numberThat(`a whole number from ${low} to ${high}`, (n) => Number.isInteger(n) && n >= low && n <= high)

/** A finite number above 0. */
export const positive: Codec<number> = numberThat("a number above 0", (n) => n > 0 && Number.isFinite(n))

/** A finite number of at least 0. */
export const atLeastZero: Codec<number> = numberThat("a number of at least 0", (n) => n >= 0 && Number.isFinite(n))

/** A number in [low, high]. */
export const between = (low: number, high: number): Codec<number> =>
  numberThat(`a number from ${low} to ${high}`, (n) => n >= low && n <= high)

/** A number in [0, 1). */
export const fraction: Codec<number> = numberThat("a number of at least 0 and below 1", (n) => n >= 0 && n < 1)

/** One of a few words. */
export const oneOf = <const W extends string>(...words: readonly W[]): Codec<W> => {
  const is = (u: unknown): u is W => typeof u === "string" && (words as readonly string[]).includes(u)
  const name = words.length === 1 ? JSON.stringify(words[0]) : `one of ${words.join(", ")}`
  return new t.Type<W, W, unknown>(name, is, (u, c) => (is(u) ? t.success(u) : t.failure(u, c)), t.identity)
}

/** A text that is not empty; `name` says what it is. */
export const someText = (name: string): Codec<string> => {
  const is = (u: unknown): u is string => typeof u === "string" && u !== ""
  return new t.Type<string, string, unknown>(name, is, (u, c) => (is(u) ? t.success(u) : t.failure(u, c)), t.identity)
}

/** A list of things that a codec reads. */
export const listOf = <A>(item: Codec<A>, name: string): Codec<readonly A[]> => t.readonlyArray(item, name)

/** A record with any names, of things that a codec reads. */
export const recordOf = <A>(item: Codec<A>, name: string): Codec<Readonly<Record<string, A>>> =>
  t.record(t.string, item, name) as Codec<Readonly<Record<string, A>>>

/** One of two: a list, record or scalar is read by the one that is for such. */
export const eitherOf = <A, B>(
  name: string,
  first: Codec<A>,
  second: Codec<B>,
  isSecond: (u: unknown) => boolean = (u) => typeof u === "object" && u !== null,
): Codec<A | B> =>
  new t.Type<A | B, A | B, unknown>(
    name,
    (u): u is A | B => first.is(u) || second.is(u),
    (u, c) => (isSecond(u) ? second.validate(u, c) : first.is(u) ? t.success(u) : t.failure(u, c)),
    t.identity,
  )

/** What a codec reads, or null. */
export const orNull = <A>(codec: Codec<A>): Codec<A | null> =>
  new t.Type<A | null, A | null, unknown>(
    `${codec.name}, or null`,
    (u): u is A | null => u === null || codec.is(u),
    (u, c) => (u === null ? t.success(null) : codec.validate(u, c)),
    t.identity,
  )

/** `true` or `false`. */
export const flag: Codec<boolean> = new t.Type<boolean, boolean, unknown>(
  "true or false",
  t.boolean.is,
  (u, c) => (t.boolean.is(u) ? t.success(u) : t.failure(u, c)),
  t.identity,
)
