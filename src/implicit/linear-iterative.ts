/** Linear systems solved by the loop that every solver shares: x = b + (x - M x), a turn one product, at a point or along a direction. */

import { type Tensor, TraceError } from "../core/index.js"
import { add, div, full, less, mul, sub, where } from "../ops/index.js"
import type { LinearAlgorithm } from "./linear-choice.js"
import { along, type Bools, type LinearSystem, onRows } from "./linear-system.js"
import { defaultTolerance, type Ended, type Evaluation, runLoop } from "./loop.js"
import {
  type Algorithm,
  type Ask,
  algorithmOf,
  bicgstabAlgorithm,
  cgAlgorithm,
  krylovAlgorithm,
  normalCgAlgorithm,
} from "./solvers/index.js"
import { type AnyLinearSolver, showMethod } from "./spec/index.js"

export type IterativeSolver = Exclude<AnyLinearSolver, { readonly _tag: "auto" | "dense" }>

export const isIterative = (algorithm: LinearAlgorithm): algorithm is IterativeSolver =>
  algorithm._tag !== "dense" && algorithm._tag !== "substitution" && algorithm._tag !== "diagonal"

const DEFAULT_EVALUATIONS = 256

export const toleranceOf = (given: number | undefined): Tensor<[]> =>
  given === undefined ? defaultTolerance(0.1) : (full([], given) as Tensor<[]>)

const evaluationsOf = ({ maxEvaluations }: IterativeSolver, size: number): number =>
  maxEvaluations ?? Math.max(DEFAULT_EVALUATIONS, 4 * Math.min(size, 256))

const algorithmFor = (solver: IterativeSolver, size: number): Algorithm => {
  switch (solver._tag) {
    case "picard":
      return algorithmOf({ _tag: "picard" })
    case "iteration": {
      const algorithm = algorithmOf(solver.method)
      // of the library's own methods that is known before; a user's says so by its needs
      if (algorithm.needs.includes("jacobian"))
        throw new TraceError(`iteration: ${showMethod(solver.method)} needs the whole matrix: use dense()`)
      return algorithm
    }
    case "gmres":
      // A cycle has its point at its end: one that the evaluations don't suffice for, with those before and after it, would leave nothing.
      return krylovAlgorithm(Math.min(solver.memory ?? Math.min(size, 30), Math.max(1, evaluationsOf(solver, size) - 2)), true)
    case "cg":
      return cgAlgorithm
    case "bicgstab":
      return bicgstabAlgorithm
    case "normalCg":
      return normalCgAlgorithm
  }
}

/** Methods of any scale solve (M / s) (s x) = b, s the size of M: their tolerance then means the same for every scale of M. */
const scales = ({ _tag }: IterativeSolver): boolean => _tag !== "picard" && _tag !== "iteration"

/** From `start`, a guess at the solution for the right side of size 1. */
export const iterativeSolve = (solver: IterativeSolver, system: LinearSystem, operatorSize: Tensor, start: Tensor): Ended => {
  const { rows, size, unit: b } = system
  const algorithm = algorithmFor(solver, size)
  const shrink = (x: Tensor): Tensor => (scales(solver) ? (div(x, along(operatorSize, x)) as Tensor) : x)
  const product = (x: Tensor): Tensor => shrink(system.product(x).value)
  const back = algorithm.needs.includes("transposed") ? system.transposed() : null
  const step = (v: Tensor, value: Tensor): Tensor => add(v, sub(b, value)) as Tensor
  const evaluate = (ask: Ask): Evaluation => {
    const at = ask.at as Tensor
    if (ask.along === undefined) return { f: step(at, product(at)), emitted: [] }
    if (ask.probe === undefined) {
      const v = ask.along as Tensor
      return { f: step(at, product(at)), alongJ: sub(v, product(v)) as Tensor, emitted: [] }
    }
    // In a probe f is not known and not asked for; the point itself stands in its place.
    const probing = onRows(less(0.5, ask.probe as Tensor) as Bools, at)
    const v = where(probing, ask.along as Tensor, at) as Tensor
    const value = product(v)
    return {
      f: where(probing, at, step(at, value)) as Tensor,
      alongJ: sub(v, value) as Tensor,
      ...(back === null ? {} : { transposed: shrink(back(where(probing, value, sub(b, value)) as Tensor)) }),
      emitted: [],
    }
  }
  const tolerance = toleranceOf(solver.rtol)
  const ended = runLoop(
    {
      algorithm,
      rows,
      evaluate,
      emitted: [],
      // |b - M x| <= rtol (|b| + s |x|), |b| at least 1
      atol: scales(solver) ? tolerance : (full([], 0) as Tensor<[]>),
      rtol: tolerance,
      maxEvaluations: evaluationsOf(solver, size),
      fixedCount: null,
    },
    scales(solver) ? (mul(start, along(operatorSize, start)) as Tensor) : start,
  )
  // the product that measured M
  return { ...ended, z: shrink(ended.z), evaluations: add(ended.evaluations, 1) as Tensor }
}
