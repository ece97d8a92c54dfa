/**
 * Solvers as they are used. Types keep most mistakes out, but not a tolerance of NaN, and nothing of what JavaScript or a cast lets
 * through: an adjoint that is a function not called would end as a gradient of zero. So what is used is held to what is read.
 */
import * as E from "fp-ts/lib/Either.js"
import { type DecodeError, TraceError } from "../core/index.js"
import { decodeLinearSolver, decodePolicy, decodeSolver } from "./codec/index.js"
import type { AnyLinearSolver, Policy, Solver } from "./spec/index.js"

const checked = <A>(owner: string, value: A, read: E.Either<DecodeError, unknown>): A => {
  if (E.isLeft(read)) throw new TraceError(`${owner}: ${read.left.message}`)
  return value
}

/** @throws TraceError where a part of it is none, or a number is out of its range */
export const checkedSolver = (owner: string, solver: Solver): Solver => checked(owner, solver, decodeSolver(solver))

/** @throws TraceError as `checkedSolver` */
export const checkedLinearSolver = <S extends AnyLinearSolver>(owner: string, solver: S): S =>
  checked(owner, solver, decodeLinearSolver(solver))

/** @throws TraceError where it is none of the three */
export const checkedPolicy = (owner: string, policy: Policy): Policy => checked(owner, policy, decodePolicy(policy))
