/** Unions read by their tag, so that messages speak of the variant that was meant. */
import * as t from "io-ts"
import { shown } from "../../core/index.js"
import { nearest } from "./nearest.js"
import { type Codec, oneOf } from "./numbers.js"
import { type Fields, type RecordOf, record } from "./record.js"

/** A record with a `_tag`. */
export const variant = <const T extends string, const F extends Fields>(
  tag: T,
  fields: F,
): Codec<{ readonly _tag: T } & RecordOf<F>> & { readonly tag: T } =>
  Object.assign(record({ _tag: oneOf(tag), ...fields }) as Codec<{ readonly _tag: T } & RecordOf<F>>, { tag })

const tagOf = (u: unknown): unknown =>
  typeof u === "object" && u !== null && Object.hasOwn(u, "_tag") ? (u as { readonly _tag: unknown })._tag : undefined

/** The union of variants; they are asked for when needed, so that a union can contain itself. */
export const tagged = <A extends { readonly _tag: string }>(
  name: string,
  variants: () => readonly (Codec<A> & { readonly tag: string })[],
): Codec<A> => {
  const named = (u: unknown) => variants().find((v) => v.tag === tagOf(u))
  return new t.Type<A, A, unknown>(
    name,
    (u): u is A => named(u)?.is(u) ?? false,
    (u, c) => {
      const found = named(u)
      if (found !== undefined) return found.validate(u, c)
      const tags = variants().map((v) => v.tag)
      const tag = tagOf(u)
      const near = typeof tag !== "string" ? "" : `; did you mean ${JSON.stringify(nearest(tag, tags))}?`
      return t.failure(u, c, `expected a _tag of ${tags.join(", ")}, found ${tag === undefined ? "none" : shown(tag)}${near}`)
    },
    t.identity,
  )
}
