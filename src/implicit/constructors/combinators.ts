/** Solvers made of solvers. */
import { TraceError } from "../../core/index.js"
import { badCombination, defaultEvaluations, type Method, type Solver } from "../spec/index.js"
import { portion, whole } from "./check.js"

const combined = (method: Method): Method => {
  const fault = badCombination(method)
  if (fault !== null) throw new TraceError(fault)
  return method
}

/**
 * A solver on (1 - tau) z + tau f(z), 0 < tau <= 1. The fixed points and the gradients are the same; residuals stay those of f.
 *
 * @example
 * damped(picard(), 0.5)
 */
export const damped = (of: Solver, tau: number): Solver => ({
  ...of,
  method: { _tag: "damped", tau: portion("damped: tau", tau), of: of.method },
})

/**
 * Each row of the first axis converges on its own and is then frozen; f still sees the whole batch, and must take each row as if it were
 * alone. A row that had converged and no longer does when others move is told as `Coupled`: rows that depend on one another, by statistics
 * of the batch say, are one state. Leave perRow out for them.
 *
 * @example
 * perRow(anderson({ memory: 5 }))
 */
export const perRow = (of: Solver): Solver => ({ ...of, method: { _tag: "perRow", of: of.method } })

/**
 * `first`; where it stalls, diverges, gives up, meets what is not finite, or has used up a `maxEvaluations` of its own, `second` takes over
 * from the best finite point (from the start, where there is none) and begins by evaluating there. `second` then has a budget of its own,
 * if `first` had one. Tolerances, adjoint, policy and name are those of `first`.
 *
 * @example
 * evaluate(fixedPoint((z) => add(mul(z, 2), 1), tensor(0), orElse(picard(), newton()))) // right(-1)
 */
export const orElse = (first: Solver, second: Solver): Solver => {
  const { maxEvaluations: evaluations, ...rest } = first
  const method = { _tag: "orElse", first: first.method, second: second.method } as const
  if (evaluations !== undefined)
    return {
      ...rest,
      method: combined({ ...method, evaluations }),
      maxEvaluations: evaluations + (second.maxEvaluations ?? defaultEvaluations),
    }
  return { ...rest, method: combined(method), ...(second.maxEvaluations === undefined ? {} : { maxEvaluations: second.maxEvaluations }) }
}

/**
 * `first` for `evaluations` of f, then `second` from the best point, which it begins by evaluating. Its budget is `evaluations` and that of
 * `second`; everything else beside the method is that of `first`. A failure of `first` before then is one of the whole: see `orElse`.
 *
 * @example
 * andThen(picard(), 5, newton()) // near enough first, then quadratically
 */
export const andThen = (first: Solver, evaluations: number, second: Solver): Solver => ({
  ...first,
  method: combined({
    _tag: "andThen",
    first: first.method,
    evaluations: whole("andThen: evaluations", evaluations, 1),
    second: second.method,
  }),
  maxEvaluations: evaluations + (second.maxEvaluations ?? defaultEvaluations),
})

/**
 * A solver that forgets its memory every `every` turns and goes on from where it is. (A solver that is amid products with the
 * Jacobian finishes them first.)
 *
 * @example
 * restarted(anderson({ memory: 10 }), 20)
 */
export const restarted = (of: Solver, every: number): Solver => ({
  ...of,
  method: { _tag: "restarted", every: whole("restarted: every", every, 1), of: of.method },
})

/**
 * The iterate with the smallest residual instead of the last one, for `iterate`; every other solver returns its best one anyway.
 *
 * @example
 * bestSoFar(iterate(10))
 */
export const bestSoFar = (of: Solver): Solver =>
  of.method._tag === "bestSoFar" ? of : { ...of, method: { _tag: "bestSoFar", of: of.method } }

/**
 * `steps` Newton steps with the dense Jacobian after the solver converged, and the best of the points: a solution as exact as the target
 * can tell, for checks of derivatives, at a cost of `steps` + 1 further evaluations. For small states.
 *
 * @example
 * polish(anderson(), 2)
 */
export const polish = (of: Solver, steps: number): Solver => ({
  ...of,
  method: combined({ _tag: "polish", steps: whole("polish: steps", steps, 1), of: of.method }),
})
