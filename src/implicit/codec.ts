/** Solvers from outside: configurations and stored graphs. */
import * as E from "fp-ts/lib/Either.js"
import * as t from "io-ts"
import type { Adjoint, LinearSolver, Method, Solver } from "./spec.js"

const whole = (least: number) =>
  new t.Type<number, number, unknown>(
    `a whole number of at least ${least}`,
    t.number.is,
    (u, c) => (typeof u === "number" && Number.isInteger(u) && u >= least ? t.success(u) : t.failure(u, c)),
    t.identity,
  )
const portion = new t.Type<number, number, unknown>(
  "a number in (0, 1]",
  t.number.is,
  (u, c) => (typeof u === "number" && u > 0 && u <= 1 ? t.success(u) : t.failure(u, c)),
  t.identity,
)
const tolerances = t.partial({ atol: t.number, rtol: t.number, maxEvaluations: whole(1) })
const tag = <T extends string>(name: T) => t.type({ _tag: t.literal(name) })

/** A union read by its tag, so that messages speak of the variant that was meant. */
const tagged = <A extends { readonly _tag: string }>(
  name: string,
  variants: () => Readonly<Record<A["_tag"], t.Mixed>>,
): t.Type<A, A, unknown> =>
  new t.Type<A, A, unknown>(
    name,
    (u): u is A => E.isRight(tagged<A>(name, variants).decode(u)),
    (u, c) => {
      const known = variants()
      const key = typeof u === "object" && u !== null && "_tag" in u ? String((u as { readonly _tag: unknown })._tag) : undefined
      if (key === undefined || !Object.hasOwn(known, key))
        return t.failure(u, c, `${name}: expected a _tag of ${Object.keys(known).join(", ")}; found ${key ?? "none"}`)
      return known[key as A["_tag"]].validate(u, c) as t.Validation<A>
    },
    t.identity,
  )

export const linearSolverCodec: t.Type<LinearSolver, LinearSolver, unknown> = tagged<LinearSolver>("linear solver", () => ({
  auto: t.exact(t.intersection([tag("auto"), tolerances])),
  picard: t.exact(t.intersection([tag("picard"), tolerances])),
  gmres: t.exact(t.intersection([tag("gmres"), tolerances, t.partial({ memory: whole(1) })])),
  dense: t.exact(tag("dense")),
}))

export const adjointCodec: t.Type<Adjoint, Adjoint, unknown> = tagged<Adjoint>("adjoint", () => ({
  exact: t.exact(t.intersection([tag("exact"), t.type({ linear: linearSolverCodec })])),
  neumann: t.exact(t.intersection([tag("neumann"), t.type({ terms: whole(0) })])),
  oneStep: t.exact(tag("oneStep")),
  unrolled: t.exact(t.intersection([tag("unrolled"), t.type({ steps: whole(0) })])),
  truncated: t.exact(t.intersection([tag("truncated"), t.type({ steps: whole(0), last: whole(0) })])),
}))

export const methodCodec: t.Type<Method, Method, unknown> = tagged<Method>("method", () => ({
  picard: t.exact(tag("picard")),
  anderson: t.exact(t.intersection([tag("anderson"), t.type({ memory: whole(1), mixing: portion })])),
  broyden: t.exact(t.intersection([tag("broyden"), t.type({ memory: whole(1), lineSearch: t.boolean })])),
  newton: t.exact(tag("newton")),
  newtonKrylov: t.exact(t.intersection([tag("newtonKrylov"), t.type({ memory: whole(1) })])),
  iterate: t.exact(t.intersection([tag("iterate"), t.type({ count: whole(0) })])),
  damped: t.exact(t.intersection([tag("damped"), t.type({ tau: portion, of: methodCodec })])),
  perRow: t.exact(t.intersection([tag("perRow"), t.type({ of: methodCodec })])),
}))

/** io-ts codec of a whole solver. `decode` then `encode` is the identity. */
export const solverCodec: t.Type<Solver, Solver, unknown> = t.exact(
  t.intersection([
    t.type({
      method: methodCodec,
      adjoint: adjointCodec,
      onFailure: t.keyof({ reject: null, useBest: null, fixedBudget: null }),
    }),
    tolerances,
    t.partial({ name: t.string }),
  ]),
) as unknown as t.Type<Solver, Solver, unknown>
