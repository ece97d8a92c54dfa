/** Why a solve goes as it does: what was chosen, what repeated application would need, and what it took. */
import * as E from "fp-ts/lib/Either.js"
import {
  evaluate,
  flatten,
  type RunError,
  type SolveStatus,
  sizeOf,
  type Tensor,
  type TreeLike,
  toArray,
  unflatten,
} from "../core/index.js"
import { add, mul, sub } from "../ops/index.js"
import { auto, exact } from "./constructors/index.js"
import { solveFixedPoint } from "./fixed-point.js"
import { jacobianNorm } from "./jacobian-norm.js"
import { chosenLinear, type LinearAlgorithm } from "./linear-choice.js"
import { worstStatus } from "./solved-body.js"
import { algorithmOf } from "./solvers/index.js"
import { type Adjoint, budgetOf, type Method, partsOf, rowsOf, type Solver, showMethod } from "./spec/index.js"
import { spectralRadius } from "./spectral-radius.js"

/** What is known of a solve once it has run. Where there are rows, the worst one. */
export interface SolveExplanation {
  readonly method: string
  /** Unknowns a row, and rows. */
  readonly unknowns: number
  readonly rows: number
  readonly status: SolveStatus
  readonly residual: number
  readonly evaluations: number
  /** The most that it may take. */
  readonly budget: number
  /** Spectral radius and norm of df/dz (of the damped map, where the method is damped) at the state that is returned. */
  readonly spectralRadius: number
  readonly jacobianNorm: number
  /** Evaluations that repeated application needs from the first residual at that rate, 1 + ln(tolerance / residual) / ln(radius); null where it does not converge. */
  readonly repeated: number | null
  /** What a turn costs beside f, in products with the Jacobian of a row. */
  readonly productsPerTurn: number
  readonly adjoint: string
  /** Why that adjoint, and what it costs. */
  readonly adjointReason: string
}

/** Of a complex pair the estimate errs by a part of 1 / steps: enough to predict counts by. */
const RADIUS_STEPS = 512

const dampingOf = (method: Method): number => {
  const [inner] = partsOf(method)
  return (method._tag === "damped" ? method.tau : 1) * (inner === undefined ? 1 : dampingOf(inner))
}

const linearCost = (algorithm: LinearAlgorithm, unknowns: number): string => {
  switch (algorithm._tag) {
    case "dense":
      return `${unknowns + 1} products with the Jacobian and one factorisation`
    case "diagonal":
      return "two products with the Jacobian"
    case "substitution":
      return `${unknowns + 1} products with the Jacobian and one substitution`
    case "gmres":
    case "cg":
    case "bicgstab":
      return `${algorithm._tag === "bicgstab" ? "two products" : "one product"} a step, at most ${unknowns} steps where nothing rounds and the memory holds them`
    case "normalCg":
      return "two products a step, one of them with the transposed Jacobian"
    case "iteration":
      return "one product a step, as many as the method takes"
    case "picard":
      return "one product a step, at the rate of the spectral radius"
  }
}

const shownAdjoint = (adjoint: Adjoint, unknowns: number): readonly [string, string] => {
  switch (adjoint._tag) {
    case "exact": {
      const { linear, structure = "general" } = adjoint
      const [first, fallback] = chosenLinear(linear, unknowns, structure)
      const by = first._tag
      const otherwise = fallback === undefined ? "" : `, and ${fallback._tag} where that fails`
      const why =
        structure === "general" ? `${unknowns} unknowns are ${by === "dense" ? "at most" : "more than"} 64` : `the operator is ${structure}`
      const chosen = linear._tag === "auto" ? `auto chose ${by}${otherwise}: ${why}` : `${by} as asked for`
      const cost = linearCost(first, unknowns)
      return [`exact(${linear._tag})`, `${chosen}; ${cost}`]
    }
    case "neumann":
      return [`neumann(${adjoint.terms})`, `as asked for, biased; ${adjoint.terms + 1} products with the Jacobian`]
    case "oneStep":
      return ["oneStep", "as asked for, biased; one product with the Jacobian"]
    case "phantom":
      return [
        `phantom(${adjoint.steps}, ${adjoint.tau})`,
        `as asked for, biased; ${adjoint.steps} evaluations of f at the solution, which run backwards`,
      ]
    case "shine": {
      const { guard } = adjoint
      if (guard === undefined) return ["shine", "as asked for, biased; two products with the pairs of the forward solve"]
      const [first] = chosenLinear(auto(), unknowns)
      const taken = "one product with the Jacobian where the pairs of the forward solve give a residual of at most that share"
      return [`shine(${guard})`, `as asked for, biased; ${taken}, else auto chose ${first._tag}: ${linearCost(first, unknowns)}`]
    }
    case "checkpointed":
      return [
        `checkpointed(${adjoint.steps}, ${adjoint.snapshots})`,
        `as asked for; the ${adjoint.steps} steps run backwards, with at most ${adjoint.snapshots} states kept and the others made again`,
      ]
    case "bilevel": {
      const [name, reason] = shownAdjoint(adjoint.of, unknowns)
      return [`bilevel(${name})`, `as asked for, biased: the initial state gets the gradient of the solution; ${reason}`]
    }
    case "defined":
      return [adjoint.name, "as asked for, biased; defined by its user"]
    case "unrolled":
      return [`unrolled(${adjoint.steps})`, `as asked for; the ${adjoint.steps} steps run backwards`]
    case "truncated":
      return [`truncated(${adjoint.steps}, ${adjoint.last})`, `as asked for, biased; the last ${adjoint.last} steps run backwards`]
  }
}

const largest = (t: Tensor): number => toArray(t).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)

/** Evaluations of repeated application that contracts by `rho`: the first, and one for each factor until the residual is the tolerance. */
const repeatedBy = (rho: number, residual: number, tolerance: number): number | null =>
  residual <= tolerance ? 1 : rho < 1 ? 1 + Math.max(1, Math.ceil(rho === 0 ? 1 : Math.log(tolerance / residual) / Math.log(rho))) : null

/** (1 - tau) z + tau f(z), the map whose powers a damped method takes. */
const dampedMap =
  <Z>(f: (z: Z) => Z, tau: number) =>
  (z: Z): Z => {
    if (tau === 1) return f(z)
    const [at, to] = [flatten("explainSolve", z), flatten("explainSolve", f(z))]
    const mixed = at.leaves.map((t, i) => add(t as Tensor, mul(sub(to.leaves[i] as Tensor, t as Tensor), tau)))
    return unflatten(at.structure, mixed) as Z
  }

/**
 * Runs a solve on the interpreter and tells why it went as it did; `showExplanation` renders it. A solve that fails is explained, too.
 *
 * @example
 * E.map(showExplanation)(explainSolve((z) => cos(z), tensor(1), anderson()))
 */
export const explainSolve = <Z>(f: (z: Z) => NoInfer<Z>, init: Z & TreeLike<Z>, solver: Solver): E.Either<RunError, SolveExplanation> => {
  const { method, adjoint, atol = Number.EPSILON ** (2 / 3), rtol = Number.EPSILON ** (2 / 3) } = solver
  const { leaves, structure } = flatten("explainSolve", init)
  const rows = rowsOf(method) === 0 ? 1 : (leaves[0]?.shape[0] as number)
  const unknowns = leaves.reduce((n, t) => n + sizeOf(t.shape), 0) / rows
  // how the solve ended is what is asked for: neither refused, nor changed by its adjoint
  const seen: Solver = { ...solver, onFailure: "useBest", adjoint: exact() }
  const { z, status, residual, evaluations, trace } = solveFixedPoint(f, init, seen, { trace: true })
  const state = flatten("explainSolve", z).leaves as readonly Tensor[]
  const map = dampedMap(
    (flat: readonly Tensor[]) => flatten("explainSolve", f(unflatten(structure, flat) as Z)).leaves as readonly Tensor[],
    dampingOf(method),
  )
  const told = evaluate({
    status,
    residual,
    evaluations,
    trace,
    rho: spectralRadius(map, state, { steps: RADIUS_STEPS }),
    norm: jacobianNorm(map, state),
    state,
  })
  return E.map(
    (
      run: { readonly [K in "status" | "residual" | "evaluations" | "trace" | "rho" | "norm"]: Tensor } & {
        readonly state: readonly Tensor[]
      },
    ) => {
      const rho = largest(run.rho)
      const [residuals, budget] = [toArray(run.trace), budgetOf(solver)]
      const needed = Array.from({ length: rows }, (_, row) => {
        const parts = run.state.map((t) => toArray(t)).map((x) => x.subarray((row * x.length) / rows, ((row + 1) * x.length) / rows))
        return repeatedBy(rho, residuals[row * budget] as number, atol + rtol * Math.hypot(...parts.map((x) => Math.hypot(...x))))
      })
      const { needs } = algorithmOf(method)
      const [adjointName, adjointReason] = shownAdjoint(adjoint, unknowns)
      return {
        method: showMethod(method),
        unknowns,
        rows,
        status: worstStatus(toArray(run.status)),
        residual: largest(run.residual),
        evaluations: largest(run.evaluations),
        budget,
        spectralRadius: rho,
        jacobianNorm: largest(run.norm),
        repeated: needed.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b))) ?? null,
        productsPerTurn: (needs.includes("direction") ? 1 : 0) + (needs.includes("jacobian") ? unknowns : 0),
        adjoint: adjointName,
        adjointReason,
      }
    },
  )(told)
}

/**
 * An explanation as text, a line a question.
 *
 * @example
 * E.map(showExplanation)(explainSolve((z) => cos(z), tensor(1), anderson()))
 */
export const showExplanation = (e: SolveExplanation): string => {
  const number = (x: number) => String(Number(x.toPrecision(3)))
  const of = `${e.unknowns} unknown${e.unknowns === 1 ? "" : "s"}${e.rows === 1 ? "" : ` a row, ${e.rows} rows; the worst of each figure`}`
  const growth =
    e.spectralRadius < 1 && e.jacobianNorm > 1
      ? "; it converges, but residuals may grow before they fall"
      : e.spectralRadius >= 1
        ? "; repeated application does not converge from nearby"
        : ""
  return [
    `${e.method} on ${of}: ${e.status} after ${e.evaluations} of at most ${e.budget} evaluations, residual ${number(e.residual)}`,
    `spectral radius ${number(e.spectralRadius)}, norm of the Jacobian ${number(e.jacobianNorm)}${growth}`,
    `repeated application at that rate: ${e.repeated === null ? "no number of evaluations is enough" : `${e.repeated} evaluations`}`,
    `a turn costs one evaluation of f${e.productsPerTurn === 0 ? "" : ` and at most ${e.productsPerTurn} products with the Jacobian`}`,
    `adjoint ${e.adjoint}: ${e.adjointReason}`,
  ].join("\n")
}
