/** What a user may ask of an evaluation or an inspection, from outside. */
import type * as E from "fp-ts/lib/Either.js"
import * as t from "io-ts"
import { type TargetName, targetNames } from "../../core/index.js"
import { type ResizeMethod, resizeMethods } from "../data/index.js"
import type { DecodeError } from "../failure.js"
import { type Codec, decodeAs, type Optional, oneOf, orNull, record, whole } from "../schema/index.js"

/** Options that have an answer in the run itself where they are null. */
export interface ViewRequest {
  /** Images to look at. */
  readonly scenes: number | null
  /** What the slots' noise follows from. */
  readonly seed: number | null
  readonly target: TargetName | "auto" | null
  /** Refinements whose residuals are shown. */
  readonly iterations: number | null
  /** How images of another size are resampled. */
  readonly resize: ResizeMethod | null
}

/** A value that may be left out, named as if it may not: nobody writes null on a command line. */
const perhaps = <A>(codec: Codec<A>): Optional<A | null> => {
  const { is, validate } = orNull(codec)
  return { codec: new t.Type<A | null, A | null, unknown>(codec.name, is, validate, t.identity), otherwise: null }
}

const codecFor = (most: number): Codec<ViewRequest> =>
  record({
    scenes: perhaps(whole(1, most)),
    seed: perhaps(whole(0, 2 ** 32 - 1)),
    target: perhaps(oneOf<"auto" | TargetName>("auto", ...targetNames)),
    iterations: perhaps(whole(1, 1000)),
    resize: perhaps(oneOf(...resizeMethods)),
  })

/**
 * Checks a request; what is left out is null. `Left` names each value that is wrong, as `options.scenes: expected ...`.
 *
 * @param most the most images that are looked at
 *
 * @example
 * decodeViewRequest({ scenes: 20 }, 100) // Right({ scenes: 20, seed: null, ... })
 */
export const decodeViewRequest = (raw: unknown, most: number): E.Either<DecodeError, ViewRequest> =>
  decodeAs(codecFor(most), "options", raw)
