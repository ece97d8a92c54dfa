import * as E from "fp-ts/lib/Either.js"

/** The value of a `Right`; a `Left` fails the test with its sentence. */
export const right = <A>(e: E.Either<{ readonly _tag: string; readonly message: string }, A>): A => {
  if (E.isLeft(e)) throw new Error(`${e.left._tag}: ${e.left.message}`)
  return e.right
}

export const left = <L>(e: E.Either<L, unknown>): L => {
  if (E.isRight(e)) throw new Error("expected a Left")
  return e.left
}
