/** A whole solver of a method. */
import type { Method, Solver, SolverOptions } from "../spec/index.js"
import { exact } from "./adjoints.js"

export const solver = (method: Method, { adjoint = exact(), onFailure = "reject", ...rest }: SolverOptions): Solver => ({
  method,
  adjoint,
  onFailure,
  ...rest,
})
