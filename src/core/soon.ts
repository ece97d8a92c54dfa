/**
 * What is there at once or comes later. Targets that compute where they are called answer at once, and what is there is not waited for: a
 * promise costs about what a small program does.
 */
import type { Either } from "fp-ts/lib/Either.js"

export type Soon<A> = A | Promise<A>

/** A `TaskEither` that may answer at once. */
export type SoonEither<E, A> = () => Soon<Either<E, A>>

export const after = <A, B>(x: Soon<A>, next: (a: A) => Soon<B>): Soon<B> => (x instanceof Promise ? x.then(next) : next(x))

/** Does the work, then the end, also where the work throws. */
export const ensuring = <A>(work: () => Soon<A>, end: () => void): Soon<A> => {
  let made: Soon<A>
  try {
    made = work()
  } catch (error) {
    end()
    throw error
  }
  if (made instanceof Promise) return made.finally(end)
  end()
  return made
}
