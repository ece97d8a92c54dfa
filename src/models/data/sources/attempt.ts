/** What host code throws for a badly typed call, as a value: sources are configured from outside. */
import * as E from "fp-ts/lib/Either.js"
import { type DecodeError, decodeError, TraceError } from "../../failure.js"

export const attempt = <A>(make: () => A): E.Either<DecodeError, A> => {
  try {
    return E.right(make())
  } catch (error) {
    if (error instanceof TraceError) return E.left(decodeError(error.message))
    throw error
  }
}
