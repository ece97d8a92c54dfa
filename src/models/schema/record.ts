/** Records with known fields: a field that is missing has its default, one that is not known is refused with the nearest name. */
import * as E from "fp-ts/lib/Either.js"
import * as t from "io-ts"
import { shown } from "../../core/index.js"
import { nearest } from "./nearest.js"
import type { Codec } from "./numbers.js"

/** A field that may be left out. */
export interface Optional<A> {
  readonly codec: Codec<A>
  readonly otherwise: A
}

// biome-ignore lint/suspicious/noExplicitAny: the kind of a field is inferred from what is given
type Field = Codec<any> | Optional<any>
export type Fields = Readonly<Record<string, Field>>

type ValueOf<F> = F extends Codec<infer A> ? A : F extends Optional<infer A> ? A : never
/** What a record of such fields holds. */
export type RecordOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> }

/** A field with a default. */
export const optional = <A>(codec: Codec<A>, otherwise: NoInfer<A>): Optional<A> => ({ codec, otherwise })

const codecOf = (field: Field): Codec<unknown> => ("otherwise" in field ? field.codec : field)

const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === "object" && u !== null && !Array.isArray(u)

/** `{ a, b }` */
const shape = (fields: Fields): string => `a record { ${Object.keys(fields).join(", ")} }`

/** `unknown key "rat"; did you mean "rate"?` */
const unknownKey = (key: string, fields: Fields): string => {
  const known = Object.keys(fields)
  const near = nearest(key, known)
  const meant = near === undefined ? "it has no keys" : `did you mean ${JSON.stringify(near)}? Known are ${known.join(", ")}`
  return `unknown key ${shown(key)}; ${meant}`
}

/** A record with exactly these fields. Decoding fills defaults in. */
export const record = <const F extends Fields>(fields: F): Codec<RecordOf<F>> => {
  const validate = (u: unknown, c: t.Context): t.Validation<RecordOf<F>> => {
    if (!isRecord(u)) return t.failure(u, c)
    const errors: t.ValidationError[] = []
    for (const key of Object.keys(u))
      if (!Object.hasOwn(fields, key)) errors.push({ value: u[key], context: c, message: unknownKey(key, fields) })
    const made: Record<string, unknown> = {}
    for (const [key, field] of Object.entries(fields)) {
      if (u[key] === undefined && "otherwise" in field) {
        made[key] = field.otherwise
        continue
      }
      const codec = codecOf(field)
      const read = codec.validate(u[key], t.appendContext(c, key, codec, u[key]))
      if (E.isLeft(read)) errors.push(...read.left)
      else made[key] = read.right
    }
    return errors.length > 0 ? t.failures(errors) : t.success(made as RecordOf<F>)
  }
  const is = (u: unknown): u is RecordOf<F> =>
    isRecord(u) && Object.keys(u).length === Object.keys(fields).length && Object.entries(fields).every(([k, f]) => codecOf(f).is(u[k]))
  return new t.Type(shape(fields), is, validate, t.identity)
}
