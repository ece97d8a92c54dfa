/** What is fuzzed: a reader with inputs that it accepts, ways to spoil them, and the way back. */
import type * as E from "fp-ts/lib/Either.js"
import type { Draws } from "../../src/models/index.js"

export interface Reader<A = unknown> {
  readonly name: string
  /** An input that is read. */
  readonly make: (d: Draws) => Uint8Array
  /** An input that may not be; `other` is another one that is read. */
  readonly spoil: (d: Draws, input: Uint8Array, other: Uint8Array) => Uint8Array
  readonly read: (input: Uint8Array) => E.Either<{ readonly message: string }, A>
  /** What was read, as an input again. */
  readonly write: (a: A) => Uint8Array
  /** Names that came from the input and that somebody could take for file names. */
  readonly fileNames: (a: A) => readonly string[]
  /** What is compared when what was read is written and read again; the value itself by default. */
  readonly view?: (a: A) => unknown
}

/** Most bytes of decoded values that readers are allowed: their option `maxBytes`. */
export const maxBytes = 2 ** 20

export const pick = <A>(d: Draws, items: readonly A[]): A => items[d.below(items.length)]!

export const bytesOfText = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
