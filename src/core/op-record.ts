/** What a record must bring to be registered: every rule that transforms and laws look up, and no field that nobody looks up. */
import { TraceError } from "./errors.js"
import type { AnyOp, Modes } from "./op.js"

interface Field {
  readonly type: "string" | "boolean" | "function"
  readonly needed: boolean
  /** What it may be, where that is one of a few. */
  readonly oneOf?: readonly string[]
  /** How to write it, and who needs it. */
  readonly what: string
}

const needed = (type: Field["type"], what: string): Field => ({ type, needed: true, what })
const optional = (what: string): Field => ({ type: "function", needed: false, what })

const MODES: readonly Modes[] = ["both", "forward", "reverse"]

const FIELDS: Readonly<Record<keyof AnyOp, Field>> = {
  name: needed("string", "a name of its own, by which graphs are stored"),
  type: needed("function", "(params, input types) => output types, or a TraceError that names the op; tracing needs it"),
  jvp: needed("function", "(params, inputs, outputs, tangents) => output tangents, null where there is none; derivatives need it"),
  dual: optional("(params, inputs, tangents) => { outputs, tangents }"),
  transpose: optional("(params, inputs, linear, cotangents) => cotangents of the linear inputs"),
  split: optional("(params, inputs, active) => { outputs, linear }"),
  batch: needed("function", "(params, inputs, batched, size) => { outputs, batched }, one application for all rows; vmap needs it"),
  simplify: optional("(params, inputs) => equal and simpler outputs, or null"),
  lower: needed("function", '(params, input types, output types) => { t: "index", nests } or another meaning; every target needs it'),
  cheap: needed("boolean", "whether a loop computes it again in the backward pass rather than store it"),
  harvest: optional("(params) => what it emits, or null"),
  identity: optional("(params) => the part that takes part in equality"),
  unite: optional("(params, params) => params"),
  modes: {
    type: "string",
    needed: false,
    oneOf: MODES,
    what: `one of ${MODES.join(", ")}: the modes of differentiation that the op has by design`,
  },
  constant: optional("(params, number of an output) => whether it is a constant to every derivative by definition"),
  example: needed("function", "(choose) => { params, inputs, domains }, a well-typed use; the laws run on it"),
}

const found = (value: unknown): string => (value === undefined ? "nothing" : value === null ? "null" : `a ${typeof value}`)

/** @throws TraceError that names the field, what was expected there, and what it is for. */
export const checkRecord = (op: AnyOp): void => {
  const refuse = (why: string): never => {
    throw new TraceError(`defineOp: ${why}`)
  }
  if (typeof op.name !== "string" || op.name.trim() === "")
    refuse(`expected ${FIELDS.name.what} in the field "name", found ${op.name === "" ? "an empty one" : found(op.name)}`)
  const own: Readonly<Record<string, unknown>> = { ...op }
  for (const [key, { type, needed, oneOf, what }] of Object.entries(FIELDS)) {
    const value = own[key]
    if (value === undefined && !needed) continue
    if (typeof value !== type) refuse(`op "${op.name}": expected a ${type} in the field "${key}", found ${found(value)}; give it ${what}`)
    if (oneOf !== undefined && !oneOf.includes(String(value)))
      refuse(`op "${op.name}": found "${value}" in the field "${key}"; give it ${what}`)
  }
  for (const key of Object.keys(own))
    if (!(key in FIELDS)) refuse(`op "${op.name}": the field "${key}" is no rule of an op; rules are ${Object.keys(FIELDS).join(", ")}`)
  if (op.modes === "reverse" && op.split === undefined)
    refuse(`op "${op.name}": it has reverse mode only and no "split"; reverse mode comes from "jvp" otherwise, so give it one of the two`)
  if (op.unite !== undefined && op.identity === undefined)
    refuse(
      `op "${op.name}": it has "unite" without "identity"; equal applications have the same parameters then, so leave "unite" out or say in "identity" what equality ignores`,
    )
}
