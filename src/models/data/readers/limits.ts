/** What readers share: a limit on memory, and messages that say where. */
import * as E from "fp-ts/lib/Either.js"
import { type DecodeError, decodeError } from "../../failure.js"

/** How a reader of bytes is called. */
export interface ReadOptions {
  /** Most bytes of decoded values; what claims more is refused before anything is allocated for it. Default 2 GiB. */
  readonly maxBytes?: number | undefined
  /** What messages call the data, such as a file's path. */
  readonly source?: string | undefined
}

/** 2 GiB. */
export const defaultMaxBytes = 2 ** 31

/** Deflate makes at most this many bytes of one: 258 of two bits. Who claims more lies. */
export const deflateRatio = 1032

/** A `Left` that begins with where it is. */
export const refuse = (source: string, message: string): E.Either<DecodeError, never> => E.left(decodeError(`${source}: ${message}`))

/** A name from a file as messages show it: quoted, at most 60 characters. */
export const quoted = (name: string): string => JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}...` : name)

/** Elements of a shape. Sizes are natural numbers; a product too large to count is Infinity. */
export const elementsOf = (shape: readonly number[]): number => {
  if (shape.includes(0)) return 0
  const product = shape.reduce((a, b) => a * b, 1)
  return Number.isSafeInteger(product) ? product : Number.POSITIVE_INFINITY
}
