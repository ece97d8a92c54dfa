/** A user's own solver: four pure functions and a name. */
import * as E from "fp-ts/lib/Either.js"
import * as t from "io-ts"
import { nestsDeeperThan, sameType, shown, showType, TraceError } from "../core/index.js"
import { solver } from "./constructors/index.js"
import type { Algorithm, Answer, Beginning, Memory, Need, State, Turn, Vector } from "./solvers/index.js"
import { badDefinition, register } from "./solvers/index.js"
import type { Method, Solver, SolverOptions } from "./spec/index.js"

/** A solver as functions on the flat vector of one row, written in the language: the loop does the rest, as for every other solver. */
export interface SolverDefinition<O extends object, S extends State> {
  /** What stored solvers call it: a name for ever. */
  readonly name: string
  /** Reads its options. They are data that JSON can hold, and none of them is called like an option that every solver has. */
  readonly options: t.Type<O, O, unknown>
  /** What it uses beside f: products with the Jacobian, the Jacobian itself. Default nothing. */
  readonly needs?: readonly Need[]
  readonly init: (z: Vector, options: O) => Beginning<S>
  /** From f at the point that was asked for to the next ask. Whether the point is a solution, and which is the best one, the loop decides. */
  readonly step: (state: S, answer: Answer, options: O) => Turn<S>
  /** Turns without a better residual after which a solve of n unknowns has stalled. Default 64. */
  readonly patience?: (n: number, options: O) => number
  /** Whether it goes back to a better point when f is not finite at one it asked for. Default no: such a point ends the solve. */
  readonly recovers?: boolean
  /** What a warm start begins with. Default its state alone. */
  readonly memory?: Memory<S>
}

const shared = ["adjoint", "onFailure", "name", "atol", "rtol", "maxEvaluations"] as const satisfies readonly (keyof SolverOptions)[]

const isJson = (x: unknown): boolean =>
  x === null || typeof x === "string" || typeof x === "boolean"
    ? true
    : typeof x === "number"
      ? Number.isFinite(x) && !Object.is(x, -0)
      : typeof x === "object" && (Array.isArray(x) || Object.getPrototypeOf(x) === Object.prototype) && Object.values(x).every(isJson)

/** The names of the fields that a codec of records reads, where it tells them. */
const fieldsOf = (codec: unknown): readonly string[] => {
  if (codec instanceof t.InterfaceType || codec instanceof t.PartialType) return Object.keys(codec.props)
  if (codec instanceof t.ExactType) return fieldsOf(codec.type)
  return codec instanceof t.IntersectionType ? codec.types.flatMap(fieldsOf) : []
}

/** What a user's function gives, if it asks for f at a state of a row. */
const asking = <B extends { readonly ask: { readonly at: Vector } }>(name: string, z: Vector, made: B): B => {
  const { at } = made.ask
  if (!sameType(at.type, z.type))
    throw new TraceError(`${name}: it asks for f at ${showType(at.type)}; a row's state is ${showType(z.type)}`)
  return made
}

/** Levels of options that are read. */
const deepest = 50

/**
 * A solver of one's own: gives its constructor. What that makes is data like every solver (`{ _tag: "defined", name, options }`): it is
 * printed, stored and read by its name, and combined, traced, batched and differentiated like the others. Its functions hold no data: a
 * constant in them is a number, or made by `full` or `zeros`, and not by `tensor`.
 *
 * @throws TraceError when another solver has the name.
 *
 * @example
 * const heavyBall = defineSolver({
 *   name: "heavyBall",
 *   options: t.type({ momentum: t.number }),
 *   init: (z) => ({ state: { before: z }, ask: { at: z } }),
 *   step: ({ before }, { at, f }, { momentum }) => ({ state: { before: at }, ask: { at: add(f, mul(sub(at, before), momentum)) } }),
 * })
 * fixedPoint((z) => cos(z), tensor(1), heavyBall({ momentum: 0.1, rtol: 1e-8 }))
 */
export const defineSolver = <O extends object, S extends State>(
  definition: SolverDefinition<O, S>,
): ((options: O & SolverOptions) => Solver) => {
  const { name, options: codec, needs = [], init, step, patience = () => 64, recovers = false, memory } = definition
  const taken = fieldsOf(codec).filter((field) => shared.some((k) => k === field))
  if (taken.length > 0)
    throw new TraceError(`defineSolver: every solver has an option called ${taken.join(", ")}; call that of ${name} otherwise`)
  const algorithm = (options: O): Algorithm<S> => ({
    needs,
    recovers,
    patience: (n) => patience(n, options),
    init: (z) => asking(name, z, init(z, options)),
    step: (state, answer) => asking(name, answer.at, step(state, answer, options)),
    ...(memory === undefined ? {} : { memory }),
  })
  register(name, (options) => E.map(algorithm)(codec.decode(options)))
  return (options) => {
    const own = Object.entries(options).filter(([key]) => !shared.some((k) => k === key))
    const method: Extract<Method, { readonly _tag: "defined" }> = { _tag: "defined", name, options: Object.fromEntries(own) }
    if (nestsDeeperThan(method.options, deepest) || !isJson(method.options))
      throw new TraceError(`${name}: its options must be data that JSON can hold, found ${shown(method.options)}`)
    const fault = badDefinition(method)
    if (fault !== null) throw new TraceError(fault)
    return solver(method, Object.fromEntries(Object.entries(options).filter(([key]) => shared.some((k) => k === key))))
  }
}
