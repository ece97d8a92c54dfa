/** What the codecs of solvers are made of: numbers in ranges, and variants that refuse fields they don't know. */
import * as E from "fp-ts/lib/Either.js"
import * as t from "io-ts"
import { shown } from "../../core/index.js"

export type Codec<A> = t.Type<A, A, unknown>

export const numberThat = (name: string, holds: (n: number) => boolean): Codec<number> =>
  new t.Type<number, number, unknown>(
    name,
    t.number.is,
    (u, c) => (typeof u === "number" && holds(u) ? t.success(u) : t.failure(u, c)),
    t.identity,
  )
// JSON writes -0 as 0: what would not be written as it was read is refused
export const whole = (least: number) =>
  numberThat(`a whole number of at least ${least}`, (n) => Number.isInteger(n) && n >= least && !Object.is(n, -0))
export const portion = numberThat("a number in (0, 1]", (n) => n > 0 && n <= 1)
export const atLeastOne = numberThat("a number of at least 1", (n) => n >= 1 && n < Number.POSITIVE_INFINITY)
export const size = numberThat("a number of at least 0", (n) => n >= 0 && n < Number.POSITIVE_INFINITY && !Object.is(n, -0))
export const positive = numberThat("a number above 0", (n) => n > 0 && n < Number.POSITIVE_INFINITY)
export const finite = numberThat("a finite number", (n) => Number.isFinite(n) && !Object.is(n, -0))

/** A codec that refuses with a message of its own what `fault` finds in a value that is otherwise right. */
export const checked = <A>(codec: Codec<A>, fault: (a: A, u: unknown) => string | null): Codec<A> =>
  new t.Type<A, A, unknown>(
    codec.name,
    codec.is,
    (u, c) => {
      const read = codec.validate(u, c)
      if (E.isLeft(read)) return read
      const message = fault(read.right, u)
      return message === null ? read : t.failure(u, c, message)
    },
    t.identity,
  )

/** Refuses fields that are not known: a misspelt one would be ignored. */
export const closed = <A>(name: string, codec: t.HasProps): Codec<A> =>
  checked(t.exact(codec, name), (known, u) => {
    const extra = Object.keys(u as object).find((k) => !Object.hasOwn(known as object, k))
    return extra === undefined ? null : `has no field ${shown(extra)}`
  })

export const tolerances = t.partial({ atol: size, rtol: size, maxEvaluations: whole(1) })
const tag = <T extends string>(name: T) => t.type({ _tag: t.literal(name) })
export const variant = (name: string, props: t.Props = {}, options: t.HasProps = t.partial({})): t.Mixed =>
  closed(name, t.intersection([tag(name), t.type(props), options]) as t.HasProps)

/** A union read by its tag, so that messages speak of the variant that was meant. */
export const tagged = <A extends { readonly _tag: string }>(name: string, variants: () => Readonly<Record<A["_tag"], t.Mixed>>): Codec<A> =>
  new t.Type<A, A, unknown>(
    name,
    (u): u is A => E.isRight(tagged<A>(name, variants).decode(u)),
    (u, c) => {
      const known = variants()
      const key = typeof u === "object" && u !== null && Object.hasOwn(u, "_tag") ? (u as { readonly _tag: unknown })._tag : "none"
      if (typeof key !== "string" || !Object.hasOwn(known, key))
        return t.failure(u, c, `expected a _tag of ${Object.keys(known).join(", ")}; found ${typeof key === "string" ? key : shown(key)}`)
      return known[key as A["_tag"]].validate(u, c) as t.Validation<A>
    },
    t.identity,
  )
