/** From the errors of a codec to a sentence: where it is, what was expected there, what was found. */
import * as E from "fp-ts/lib/Either.js"
import type * as t from "io-ts"
import { nestsDeeperThan, shown } from "../../core/index.js"
import { type DecodeError, decodeError } from "../failure.js"
import type { Codec } from "./numbers.js"

const sentence = (source: string, { context, message, value }: t.ValidationError): string => {
  const keys = context.map(({ key }) => key).filter((key) => key !== "")
  const path = [source, ...keys].join(".")
  return message !== undefined
    ? `${path}: ${message}`
    : `${path}: expected ${context[context.length - 1]?.type.name}, found ${shown(value)}`
}

/** Levels of data that are read: parts in parts, such as layers of layers. */
const deepest = 100

/** What a codec makes of data from outside. `source` is what messages call the data; the first three faults are told. */
export const decodeAs = <A>(codec: Codec<A>, source: string, u: unknown): E.Either<DecodeError, A> =>
  nestsDeeperThan(u, deepest)
    ? E.left(decodeError(`${source}: it is nested deeper than ${deepest} levels; use fewer parts`))
    : E.mapLeft((errors: t.Errors) => {
        const told = errors.slice(0, 3).map((error) => sentence(source, error))
        return decodeError(errors.length > 3 ? `${told.join("\n")}\n(and ${errors.length - 3} more)` : told.join("\n"))
      })(codec.decode(u))
