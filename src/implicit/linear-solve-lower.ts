/**
 * The program behind a linear solve. The right side is scaled to size 1 first and the solution scaled back, so that scaling a
 * cotangent by c scales its adjoint by c, for any c; a right side of zero has the solution zero. The residual told is
 * |b - M x| / |b|, computed with one more product at the end, and it decides, whatever the solver believes.
 */
import { type AnyTensor, bodyOf, type Graph, type Tensor, type TensorType } from "../core/index.js"
import {
  add,
  all,
  and,
  any,
  cond,
  div,
  finite,
  full,
  greater,
  less,
  lessEqual,
  maximum,
  mul,
  not,
  or,
  sub,
  where,
  zerosLike,
} from "../ops/index.js"
import { chosenLinear, type LinearAlgorithm } from "./linear-choice.js"
import { denseSolve, divideByDiagonal, substitute } from "./linear-direct.js"
import { isIterative, iterativeSolve, toleranceOf } from "./linear-iterative.js"
import type { LinearSolveParams, LinearStart } from "./linear-solve-params.js"
import { along, type Bools, type LinearSystem, linearSystem, onRows, operatorSize, rowNorm } from "./linear-system.js"
import { defaultTolerance, type Ended } from "./loop.js"
import { unpack } from "./pack.js"
import { codeOf } from "./status.js"

/** What an algorithm has found, as the true residual judges it. */
interface Found {
  /** [lead..., n], for the right side as it was given. */
  readonly x: Tensor
  /** One number a row. */
  readonly status: Tensor
  readonly residual: Tensor
  readonly evaluations: Tensor
  /** An estimate of the operator's condition, one number a row; 0 where no factors tell. */
  readonly condition: Tensor
  readonly emitted: readonly AnyTensor[]
}

export const lowerLinearSolve = (p: LinearSolveParams, inputs: readonly TensorType[]): Graph =>
  bodyOf("linearSolve", inputs, (args) => {
    const system = linearSystem(p, args)
    const systems = system.lead.slice(p.columns.length).reduce((a, d) => a * d, 1)
    const [algorithm, fallback] = chosenLinear(p.solver, system.size, p.structure, systems)
    const solvedFrom = (start: Tensor): Found => {
      const first = attempt(algorithm, system, start)
      return fallback === undefined ? first : whereFailed(first, () => attempt(fallback, system, start))
    }
    const { x, status, residual, evaluations, condition, emitted } =
      p.start === null ? solvedFrom(zerosLike(system.unit) as Tensor) : fromGuess(p.start, system, solvedFrom)
    return [...unpack(x, inputs.slice(p.constants), system.rows), status, residual, evaluations, condition, ...emitted]
  })

/** The guess where its true residual is good enough; elsewhere what is found from there. */
const fromGuess = (start: LinearStart, system: LinearSystem, solvedFrom: (start: Tensor) => Found): Found => {
  const guess = system.guess(start)
  const { lead, rows } = system
  const at = where(onRows(all(finite(guess), [rows]) as Bools, guess), guess, zerosLike(guess)) as Tensor
  const none = full(lead, 0) as Tensor
  const given: Ended = { z: at, status: none, residual: none, evaluations: none, emitted: [], memory: {} }
  const judgedGuess = judged(system, given, (residual) => {
    const good = lessEqual(residual, start.share) as Bools
    return where(good, full(lead, codeOf("Converged")) as Tensor, full(lead, codeOf("Breakdown")) as Tensor) as Tensor
  })
  return whereFailed(judgedGuess, () => solvedFrom(at))
}

/** Rows that failed in another way, which is tried only when there are some. */
const whereFailed = (first: Found, again: () => Found): Found => {
  const failed = greater(first.status, codeOf("Converged")) as Bools
  return cond(
    any(failed),
    () => {
      const second = again()
      const pick = (a: Tensor, b: Tensor): Tensor => where(failed, a, b) as Tensor
      const nearer = and(failed, lessEqual(second.residual, first.residual)) as Bools
      return {
        x: where(onRows(nearer, first.x), second.x, first.x) as Tensor,
        status: pick(second.status, first.status),
        residual: where(nearer, second.residual, first.residual) as Tensor,
        evaluations: add(first.evaluations, pick(second.evaluations, zerosLike(second.evaluations))) as Tensor,
        condition: pick(second.condition, first.condition),
        emitted: second.emitted,
      }
    },
    () => first,
  )
}

const attempt = (algorithm: LinearAlgorithm, system: LinearSystem, start: Tensor): Found => {
  if (algorithm._tag === "dense") {
    const ended = denseSolve(system)
    // LU leaves a residual of epsilon times the condition: with one of less than epsilon^(-1/3) a large one says that M is not its columns
    const sound = less(mul(mul(ended.condition, ended.condition), defaultTolerance()), 1) as Bools
    const verdict = (residual: Tensor) =>
      where(sound, within(residual, largestResidual(), "Breakdown"), within(residual, largestResidual(), "Singular")) as Tensor
    return { ...judged(system, ended, verdict), condition: ended.condition }
  }
  const size = operatorSize(system)
  const ended = isIterative(algorithm)
    ? iterativeSolve(algorithm, system, size, start)
    : algorithm._tag === "diagonal"
      ? divideByDiagonal(system)
      : substitute(system, algorithm.lower)
  const tolerance = toleranceOf(isIterative(algorithm) ? algorithm.rtol : undefined)
  return judged(system, ended, (residual, growth) => {
    const near = mul(tolerance, 10)
    const broken = within(residual, mul(near, add(mul(growth, size), 1)) as Tensor, "Breakdown")
    return where(greater(broken, 1), broken, within(residual, maximum(near, largestResidual()) as Tensor, "Singular")) as Tensor
  })
}

/** The largest |b - M x| / |b| of anything that is called a solution: 3.7e-9 in float64, 2.4e-3 in float32. */
const largestResidual = (): Tensor => mul(defaultTolerance(), 100) as Tensor

const within = (residual: Tensor, limit: Tensor, otherwise: "Breakdown" | "Singular"): Tensor =>
  where(
    less(residual, limit),
    full(residual.shape, codeOf("Converged")) as Tensor,
    full(residual.shape, codeOf(otherwise)) as Tensor,
  ) as Tensor

/**
 * A solution counts by its true residual, whatever its solver believes: within ten tolerances of |b| + |M| |x| (else the method broke
 * down, or the operator is not what its structure says), and never above a hundred tolerances of |b|: then x is large only because the
 * operator is singular to working precision. `verdict` says so from the residual and |x| / |b|.
 */
const judged = (system: LinearSystem, ended: Ended, verdict: (residual: Tensor, growth: Tensor) => Tensor): Found => {
  const { rows, lead, unit, zero, scale } = system
  const number = (n: number) => full(lead, n) as Tensor
  // a row without a finite solution has the solution zero and says so: NaN would reach what the rows share
  const grown = mul(ended.z, along(scale, unit)) as Tensor
  const sound = all(finite(grown), [rows]) as Bools
  const found = where(onRows(sound, unit), ended.z, zerosLike(unit)) as Tensor
  const last = system.product(found)
  const size = where(zero, number(1), rowNorm(unit)) as Tensor
  const residual = div(rowNorm(sub(unit, last.value) as Tensor), size) as Tensor
  const growth = div(rowNorm(found), size) as Tensor
  const decided = where(greater(ended.status, 1), ended.status, verdict(residual, growth)) as Tensor
  const status = where(and(sound, finite(residual)), decided, number(codeOf("NonFinite"))) as Tensor
  return {
    x: where(onRows(or(zero, not(sound)), unit), zerosLike(unit), grown) as Tensor,
    status: where(zero, number(codeOf("Converged")), status) as Tensor,
    residual: where(zero, number(0), where(finite(residual), residual, number(Number.POSITIVE_INFINITY))) as Tensor,
    evaluations: add(ended.evaluations, 1) as Tensor,
    condition: number(0),
    emitted: last.emitted,
  }
}
