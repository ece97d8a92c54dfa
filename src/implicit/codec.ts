/** Solvers from outside: configurations and stored graphs. */
import * as E from "fp-ts/lib/Either.js"
import * as t from "io-ts"
import { type DecodeError, nestsDeeperThan, shown } from "../core/index.js"
import type { Adjoint, LinearSolver, Method, Solver } from "./spec.js"

type Codec<A> = t.Type<A, A, unknown>

const numberThat = (name: string, holds: (n: number) => boolean): Codec<number> =>
  new t.Type<number, number, unknown>(
    name,
    t.number.is,
    (u, c) => (typeof u === "number" && holds(u) ? t.success(u) : t.failure(u, c)),
    t.identity,
  )
// JSON writes -0 as 0: what would not be written as it was read is refused
const whole = (least: number) =>
  numberThat(`a whole number of at least ${least}`, (n) => Number.isInteger(n) && n >= least && !Object.is(n, -0))
const portion = numberThat("a number in (0, 1]", (n) => n > 0 && n <= 1)
const size = numberThat("a number of at least 0", (n) => n >= 0 && n < Number.POSITIVE_INFINITY && !Object.is(n, -0))

/** A codec that refuses with a message of its own what `fault` finds in a value that is otherwise right. */
const checked = <A>(codec: Codec<A>, fault: (a: A, u: unknown) => string | null): Codec<A> =>
  new t.Type<A, A, unknown>(
    codec.name,
    codec.is,
    (u, c) => {
      const read = codec.validate(u, c)
      if (E.isLeft(read)) return read
      const message = fault(read.right, u)
      return message === null ? read : t.failure(u, c, message)
    },
    t.identity,
  )

/** Refuses fields that are not known: a misspelt one would be ignored. */
const closed = <A>(name: string, codec: t.HasProps): Codec<A> =>
  checked(t.exact(codec, name), (known, u) => {
    const extra = Object.keys(u as object).find((k) => !Object.hasOwn(known as object, k))
    return extra === undefined ? null : `has no field ${shown(extra)}`
  })

const tolerances = t.partial({ atol: size, rtol: size, maxEvaluations: whole(1) })
const tag = <T extends string>(name: T) => t.type({ _tag: t.literal(name) })
const variant = (name: string, props: t.Props = {}, options: t.HasProps = t.partial({})): t.Mixed =>
  closed(name, t.intersection([tag(name), t.type(props), options]) as t.HasProps)

/** A union read by its tag, so that messages speak of the variant that was meant. */
const tagged = <A extends { readonly _tag: string }>(name: string, variants: () => Readonly<Record<A["_tag"], t.Mixed>>): Codec<A> =>
  new t.Type<A, A, unknown>(
    name,
    (u): u is A => E.isRight(tagged<A>(name, variants).decode(u)),
    (u, c) => {
      const known = variants()
      const key = typeof u === "object" && u !== null && Object.hasOwn(u, "_tag") ? (u as { readonly _tag: unknown })._tag : "none"
      if (typeof key !== "string" || !Object.hasOwn(known, key))
        return t.failure(u, c, `expected a _tag of ${Object.keys(known).join(", ")}; found ${typeof key === "string" ? key : shown(key)}`)
      return known[key as A["_tag"]].validate(u, c) as t.Validation<A>
    },
    t.identity,
  )

/** Reads a linear solver from outside. */
export const linearSolverCodec: Codec<LinearSolver> = tagged<LinearSolver>("linear solver", () => ({
  auto: variant("auto", {}, tolerances),
  picard: variant("picard", {}, tolerances),
  gmres: variant("gmres", {}, t.intersection([tolerances, t.partial({ memory: whole(1) })]) as t.HasProps),
  dense: variant("dense"),
}))

/** Reads an adjoint from outside. */
export const adjointCodec: Codec<Adjoint> = tagged<Adjoint>("adjoint", () => ({
  exact: variant("exact", { linear: linearSolverCodec }),
  neumann: variant("neumann", { terms: whole(0) }),
  oneStep: variant("oneStep"),
  unrolled: variant("unrolled", { steps: whole(0) }),
  truncated: checked(
    variant("truncated", { steps: whole(0), last: whole(0) }) as Codec<{ readonly steps: number; readonly last: number }>,
    (a) => (a.last > a.steps ? `can't differentiate the last ${a.last} of ${a.steps} steps` : null),
  ),
}))

/** Reads the method of a solver from outside. */
export const methodCodec: Codec<Method> = tagged<Method>("method", () => ({
  picard: variant("picard"),
  anderson: variant("anderson", { memory: whole(1), mixing: portion }),
  broyden: variant("broyden", { memory: whole(1), lineSearch: t.boolean }),
  newton: variant("newton"),
  newtonKrylov: variant("newtonKrylov", { memory: whole(1) }),
  iterate: variant("iterate", { count: whole(0) }),
  damped: variant("damped", { tau: portion, of: methodCodec }),
  perRow: variant("perRow", { of: methodCodec }),
}))

/** io-ts codec of a whole solver. `decode` then `encode` is the identity. */
export const solverCodec: Codec<Solver> = closed<Solver>(
  "solver",
  t.intersection([
    t.type({
      method: methodCodec,
      adjoint: adjointCodec,
      onFailure: t.keyof({ reject: null, useBest: null, fixedBudget: null }),
    }),
    tolerances,
    t.partial({ name: t.string }),
  ]) as t.HasProps,
)

/** Where it is (with the variant that was meant), what was expected there, and what was found. */
const sentence = ({ context, message, value }: t.ValidationError): string => {
  let [path, variantName] = ["solver", ""]
  context.forEach(({ key, actual }, i) => {
    const part = /^\d+$/.test(key) // parts of an intersection are numbered, and are no fields
    const last = i === context.length - 1 && message === undefined
    if (!part && key !== "" && !last) path = `${path}.${key}`
    if (typeof actual === "object" && actual !== null && "_tag" in actual && typeof actual._tag === "string")
      variantName = ` (${actual._tag})`
    else if (!last) variantName = ""
  })
  const last = context[context.length - 1]
  return message !== undefined
    ? `${path}${variantName}: ${message}`
    : `${path}${variantName}: ${last?.key} must be ${last?.type.name}, found ${shown(value)}`
}

/** Levels of a solver that are read: parts in parts, such as damped methods. */
const deepest = 100

/**
 * A solver from outside; `Left` names the variant and the field that are wrong.
 *
 * @example
 * decodeSolver("config.solver", JSON.parse(text)) // Either<DecodeError, Solver>
 */
export const decodeSolver = (u: unknown): E.Either<DecodeError, Solver> => {
  if (typeof u !== "object" || u === null)
    return E.left({ _tag: "DecodeError", message: `solver: expected a record with method, adjoint and onFailure, found ${shown(u)}` })
  if (nestsDeeperThan(u, deepest))
    return E.left({ _tag: "DecodeError", message: `solver: it is nested deeper than ${deepest} levels; use fewer parts` })
  return E.mapLeft((errors: t.Errors): DecodeError => ({ _tag: "DecodeError", message: sentence(errors[0] as t.ValidationError) }))(
    solverCodec.decode(u),
  )
}
