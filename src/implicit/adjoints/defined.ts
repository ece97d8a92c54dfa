/** Adjoints of users: a function under a name, and its options as data. */
import * as E from "fp-ts/lib/Either.js"
import type * as t from "io-ts"
import { type AnyTensor, applyClosed, type Closed, sameType, showType, type Tensor, TraceError } from "../../core/index.js"
import { stopGradient } from "../../ops/index.js"
import type { Adjoint } from "../spec/index.js"

/** What an adjoint sees of a solve: leaves of the state in, leaves of the state out. */
export interface AtSolution {
  /** f with its parameters live: gradients reach them through what is returned. */
  readonly f: (z: readonly Tensor[]) => readonly Tensor[]
  /** f with its parameters stopped, for products with its Jacobian. */
  readonly frozen: (z: readonly Tensor[]) => readonly Tensor[]
  /** The solution, stopped. */
  readonly z: readonly Tensor[]
}

/** What `defineAdjoint` takes. */
export interface AdjointDefinition<O> {
  /** Stands in stored solvers; one name, one definition. */
  readonly name: string
  /** io-ts codec of the options, which have to be plain data: JSON in, the same JSON out. */
  readonly options: t.Type<O, O, unknown>
  /** Leaves with the value of the solution (or of f there) and the derivatives that the adjoint stands for. */
  readonly differentiate: (at: AtSolution, options: O) => readonly Tensor[]
}

interface Known {
  /** What the options have to be, and whether a value from outside is. */
  readonly expected: string
  readonly accepts: (options: unknown) => boolean
  readonly differentiate: (at: AtSolution, options: unknown) => readonly Tensor[]
}

const known = new Map<string, Known>()

/** The definition under a name, or null where there is none. */
export const definedAdjoint = (name: string): Known | null => known.get(name) ?? null

/** Names of all adjoints that users defined. */
export const definedNames = (): readonly string[] => [...known.keys()]

/**
 * An adjoint of one's own: a pure function of f and the stopped solution. Gives the constructor of the adjoint from its options.
 * As data it is its name and its options, so a stored solver can be read wherever the definition has been made. `isBiased` holds of solvers with it.
 *
 * @throws TraceError when the name is taken.
 * @example
 * // one application at the stopped solution, its gradient scaled: JFB with a step size
 * const scaled = defineAdjoint({
 *   name: "scaledOneStep",
 *   options: t.strict({ by: t.number }),
 *   differentiate: ({ f, z }, { by }) => f(z).map((y) => add(stopGradient(y), mul(sub(y, stopGradient(y)), by))),
 * })
 * picard({ adjoint: scaled({ by: 0.5 }) })
 */
export const defineAdjoint = <O>({ name, options, differentiate }: AdjointDefinition<O>): ((options: O) => Adjoint) => {
  if (known.has(name)) throw new TraceError(`defineAdjoint: there is an adjoint called ${name} already`)
  known.set(name, {
    expected: options.name,
    accepts: (given) => E.isRight(options.decode(given)),
    differentiate: (at, given) => {
      if (!options.is(given)) throw new TraceError(`fixedPoint: the options of the adjoint ${name} are no ${options.name}`)
      return differentiate(at, given)
    },
  })
  return (given) => ({ _tag: "defined", name, options: given })
}

const stopped = (leaves: readonly AnyTensor[]): readonly AnyTensor[] =>
  leaves.map((t) => (t.type.elem === "float" ? stopGradient(t as Tensor) : t))

/** What the adjoint of that name makes of a solution. */
export const differentiateDefined = (
  { name, options }: Extract<Adjoint, { readonly _tag: "defined" }>,
  f: Closed,
  solution: readonly AnyTensor[],
): readonly AnyTensor[] => {
  const own = definedAdjoint(name)
  if (own === null) throw new TraceError(`fixedPoint: no adjoint is called ${name}; defineAdjoint makes it known`)
  const frozen: Closed = { ...f, captured: stopped(f.captured) }
  const made = own.differentiate(
    {
      f: (z) => applyClosed(f, z) as readonly Tensor[],
      frozen: (z) => applyClosed(frozen, z) as readonly Tensor[],
      z: stopped(solution) as readonly Tensor[],
    },
    options,
  )
  return sameLeaves(name, made, solution)
}

const sameLeaves = (name: string, made: readonly AnyTensor[], like: readonly AnyTensor[]): readonly AnyTensor[] => {
  const fits = made.length === like.length && made.every((t, i) => sameType(t.type, (like[i] as AnyTensor).type))
  if (!fits)
    throw new TraceError(
      `fixedPoint: the adjoint ${name} has to return the leaves of the state, ${like.map((t) => showType(t.type)).join(", ")}; found ${made.map((t) => showType(t.type)).join(", ")}`,
    )
  return made
}
