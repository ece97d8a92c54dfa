/** Solvers from outside: configurations and stored graphs. */
import * as E from "fp-ts/lib/Either.js"
import * as t from "io-ts"
import { type DecodeError, nestsDeeperThan, shown } from "../../core/index.js"
import type { AnyLinearSolver, Policy, Solver } from "../spec/index.js"
import { adjointCodec } from "./adjoint.js"
import { linearSolverCodec } from "./linear-solver.js"
import { methodCodec } from "./method.js"
import { type Codec, closed, tolerances } from "./parts.js"

const policyCodec = t.keyof({ reject: null, useBest: null, fixedBudget: null })

/** io-ts codec of a whole solver. `decode` then `encode` is the identity. */
export const solverCodec: Codec<Solver> = closed<Solver>(
  "solver",
  t.intersection([
    t.type({
      method: methodCodec,
      adjoint: adjointCodec,
      onFailure: policyCodec,
    }),
    tolerances,
    t.partial({ name: t.string }),
  ]) as t.HasProps,
)

/** Where it is (with the variant that was meant), what was expected there, and what was found. */
const sentence = ({ context, message, value }: t.ValidationError, root = "solver"): string => {
  let [path, variantName] = [root, ""]
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
  return read(solverCodec, u, "solver")
}

const read = <A>(codec: Codec<A>, u: unknown, root: string): E.Either<DecodeError, A> =>
  E.mapLeft((errors: t.Errors): DecodeError => ({ _tag: "DecodeError", message: sentence(errors[0] as t.ValidationError, root) }))(
    codec.decode(u),
  )

/** A linear solver from outside, alone. */
export const decodeLinearSolver = (u: unknown): E.Either<DecodeError, AnyLinearSolver> => read(linearSolverCodec, u, "linear solver")

/** A policy from outside, alone. */
export const decodePolicy = (u: unknown): E.Either<DecodeError, Policy> =>
  policyCodec.is(u) ? E.right(u) : E.left({ _tag: "DecodeError", message: `onFailure must be ${policyCodec.name}, found ${shown(u)}` })
