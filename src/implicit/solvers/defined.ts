/** Solvers that users define, by their names: data can only name one, and this is where it is found. */
import type { Validation, ValidationError } from "io-ts"
import { shown, TraceError } from "../../core/index.js"
import type { Method } from "../spec/index.js"
import type { Algorithm } from "./algorithm.js"

/** The algorithm for options that are read first. */
export type Define = (options: unknown) => Validation<Algorithm>

const registry = new Map<string, Define>()

export const register = (name: string, define: Define): void => {
  if (registry.has(name)) throw new TraceError(`defineSolver: a solver called "${name}" exists already; choose another name`)
  registry.set(name, define)
}

type DefinedMethod = Extract<Method, { readonly _tag: "defined" }>

const told = (name: string, { context, value, message }: ValidationError): string => {
  const fields = context.map((c) => c.key).filter((key) => key !== "" && !/^\d+$/.test(key))
  const last = context[context.length - 1]
  return `${["the options", ...fields].join(".")} of ${name} must be ${last?.type.name ?? "known"}, found ${shown(value)}${message === undefined ? "" : `: ${message}`}`
}

const found = ({ name, options }: DefinedMethod): string | Algorithm => {
  const define = registry.get(name)
  if (define === undefined) {
    const known = [...registry.keys()]
    return `no solver is called ${shown(name)}; ${known.length === 0 ? "none is defined" : `defined are ${known.join(", ")}`}. Import what calls defineSolver for it first`
  }
  const made = define(options)
  return made._tag === "Left" ? told(name, made.left[0] as ValidationError) : made.right
}

/** Why a method that names a user's solver can't be read, or null. */
export const badDefinition = (method: DefinedMethod): string | null => {
  const made = found(method)
  return typeof made === "string" ? made : null
}

/** What the user's functions do. */
export const definedAlgorithm = (method: DefinedMethod): Algorithm => {
  const made = found(method)
  if (typeof made === "string") throw new TraceError(made)
  return made
}
