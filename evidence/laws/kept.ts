/** What came of laws, a line each in a file: a long run that is stopped goes on where it was. */
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as J from "fp-ts/lib/Json.js"
import * as t from "io-ts"

const codec = t.strict({
  solver: t.string,
  law: t.string,
  theorem: t.string,
  seed: t.number,
  /** Inputs that it was to be tried on. */
  asked: t.number,
  runs: t.number,
  vacuous: t.number,
  worst: t.number,
  /** What it said where it fell; null where it held. */
  failure: t.union([t.string, t.null]),
  ms: t.number,
})

/** A law of a solver, tried. */
export type Tried = t.TypeOf<typeof codec>

/** The same law of the same solver on the same inputs. */
export const keyOf = ({ solver, law, seed, asked }: Pick<Tried, "solver" | "law" | "seed" | "asked">): string =>
  JSON.stringify([solver, law, seed, asked])

/** What a file keeps, by key; a line that was cut off when a run was killed is left out. */
export const kept = (file: string): ReadonlyMap<string, Tried> =>
  new Map(
    (existsSync(file) ? readFileSync(file, "utf8").split("\n") : []).flatMap((line): readonly (readonly [string, Tried])[] =>
      pipe(
        J.parse(line),
        E.chainW(codec.decode),
        E.match(
          () => [],
          (tried) => [[keyOf(tried), tried]],
        ),
      ),
    ),
  )

/** On a line of its own, also behind one that was cut off. */
export const keep = (file: string, tried: Tried): void => appendFileSync(file, `\n${JSON.stringify(codec.encode(tried))}`)
