/** What an op computes, written a second time: from its parameters and inputs to its outputs, by plain loops. */
import type { Nd } from "./nd.js"

/**
 * `undefined` stands for an output that is not compared (what a solve reports). Parameters are those of the op, read as data:
 * the reference shares no code with its rules.
 */
// biome-ignore lint/suspicious/noExplicitAny: each entry reads the parameters of its own op; the table is keyed by name
export type Reference = (params: any, inputs: readonly Nd[], run: RunBody) => readonly (Nd | undefined)[]

/** Runs a body (a graph) by the references of its own ops. */
export type RunBody = (body: unknown, inputs: readonly Nd[]) => readonly Nd[]

export type References = Readonly<Record<string, Reference>>

/** A reference with one output. */
export const one =
  // biome-ignore lint/suspicious/noExplicitAny: as in Reference
    (f: (params: any, ...inputs: readonly Nd[]) => Nd): Reference =>
    (params, inputs) => [f(params, ...inputs)]
