/**
 * Where numbers stop being numbers: the first op, in the order of execution, that made NaN of numbers without NaN, or infinity of finite
 * ones, and from which non-finite values reach an output. What is selected away (the branch of a `where` that is not taken) is
 * no fault; nor is an infinity that was given, as an argument or written in the program, and handed on.
 */
import type { Equation, Graph } from "../../graph/graph.js"
import { typeOf } from "../../graph/graph.js"
import type { Line } from "../../location.js"
import type { Lowering } from "../../op.js"
import { type Run, runEquation, scanTurns, type Values, whileTurns } from "./run.js"

/** An application that made non-finite values. */
export interface Origin {
  readonly graph: Graph
  readonly equation: Equation
  readonly inputs: Values
  readonly outputs: Values
  /** The application's line, or that of the nearest one around it that has one. */
  readonly line: Line | null
  /** Applications whose bodies it stands in, from the outermost, with the turn of a loop, from 1. */
  readonly inside: readonly string[]
}

/** An origin, or the input of the graph that held NaN already. */
export type Found = { readonly t: "op"; readonly origin: Origin } | { readonly t: "input"; readonly input: number }

interface Around {
  readonly inside: readonly string[]
  readonly line: Line | null
  readonly run: Run
}

export const hasNaN = (data: Float64Array): boolean => data.some(Number.isNaN)
export const allFinite = (data: Float64Array): boolean => data.every(Number.isFinite)

/** Which outputs are asked about; "all" is everything that is made, whether or not an output needs it. */
export type Wanted = readonly number[] | "all"

/** Variables that are not finite and make one of `outputs` so. */
const guilty = (graph: Graph, env: Values, outputs: Wanted): ReadonlySet<number> => {
  const bad = (v: number) => typeOf(graph, v).elem === "float" && !allFinite(env[v] as Float64Array)
  if (outputs === "all") return new Set(graph.types.flatMap((_, v) => (bad(v) ? [v] : [])))
  const marked = new Set(outputs.filter(bad))
  for (let n = graph.equations.length - 1; n >= 0; n--) {
    const e = graph.equations[n] as Equation
    if (e.outputs.some((v) => marked.has(v))) for (const v of e.inputs) if (bad(v)) marked.add(v)
  }
  return marked
}

const search = (graph: Graph, inputs: Values, wanted: Wanted, around: Around): Found | null => {
  const env: Float64Array[] = inputs.slice()
  const values = (list: readonly number[]): Values => list.map((v) => env[v] as Float64Array)
  for (const e of graph.equations) {
    const made = runEquation(graph, e, values(e.inputs), around.run)
    e.outputs.forEach((v, i) => {
      env[v] = made[i] as Float64Array
    })
  }
  const marked = guilty(graph, env, wanted)
  for (const e of graph.equations) {
    const bad = e.outputs.filter((v) => marked.has(v))
    if ((bad.length === 0 && wanted !== "all") || e.inputs.length === 0) continue
    const given = values(e.inputs.filter((v) => typeOf(graph, v).elem === "float"))
    const fresh = given.every(allFinite) || (values(bad).some(hasNaN) && !given.some(hasNaN))
    const places = e.outputs.flatMap((v, i) => (marked.has(v) ? [i] : []))
    const deeper = searchBody(graph, e, values(e.inputs), wanted === "all" ? wanted : places, around)
    if (deeper !== null) return deeper
    if (bad.length === 0 || !fresh) continue
    const { line, inside } = around
    const origin = { graph, equation: e, inputs: values(e.inputs), outputs: values(e.outputs), line: e.line ?? line, inside }
    return { t: "op", origin }
  }
  const input = Array.from({ length: graph.inputs }, (_, v) => v).find((v) => marked.has(v) && hasNaN(env[v] as Float64Array))
  return input === undefined ? null : { t: "input", input }
}

/** What is found in the body of an equation; NaN that came into the body is told by the graph around it. */
const searchBody = (graph: Graph, e: Equation, inputs: Values, places: Wanted, around: Around): Found | null => {
  const lowered = e.op.lower(
    e.params,
    e.inputs.map((v) => typeOf(graph, v)),
    e.outputs.map((v) => typeOf(graph, v)),
  )
  const within = (body: Graph, given: Values, outputs: Wanted, turn = ""): Found | null => {
    const found = search(body, given, outputs, {
      inside: [...around.inside, `${e.op.name}${turn}`],
      line: e.line ?? around.line,
      run: around.run,
    })
    return found?.t === "op" ? found : null
  }
  const pick = (body: Graph): Wanted => (places === "all" ? places : places.map((i) => body.outputs[i] as number))
  switch (lowered.t) {
    case "index":
    case "routine":
      return null
    case "graph":
      return within(lowered.graph, inputs, pick(lowered.graph))
    case "region":
      return within(lowered.body, inputs, pick(lowered.body))
    case "cond": {
      const branch = (inputs[0] as Float64Array)[0] !== 0 ? lowered.whenTrue : lowered.whenFalse
      return within(branch, inputs.slice(1), pick(branch))
    }
    case "scan":
    case "while":
      return searchTurns(lowered, inputs, places, around.run, within)
  }
}

/** The turns in order; a turn is searched where it hands on what is not finite. */
const searchTurns = (
  loop: Extract<Lowering, { readonly t: "scan" | "while" }>,
  inputs: Values,
  places: Wanted,
  run: Run,
  within: (body: Graph, given: Values, outputs: Wanted, turn: string) => Found | null,
): Found | null => {
  const { body } = loop
  const turns = loop.t === "scan" ? scanTurns(loop, inputs, run) : whileTurns(loop, inputs, run)
  let n = 0
  for (const { given, results } of turns) {
    n++
    const counts = (i: number) => loop.t === "while" || i < loop.carry || places === "all" || places.includes(i)
    const bad = body.outputs.filter((v, i) => counts(i) && typeOf(body, v).elem === "float" && !allFinite(results[i] as Float64Array))
    if (bad.length === 0 && places !== "all") continue
    const found = within(body, given, places === "all" ? places : bad, `, turn ${n}${loop.t === "scan" ? ` of ${loop.length}` : ""}`)
    if (found !== null) return found
  }
  return null
}

/** The first fault on the way to the outputs with these numbers, or null where all that is not finite was given. */
export const firstNonFinite = (graph: Graph, inputs: Values, outputs: Wanted, run: Run): Found | null =>
  search(graph, inputs, outputs === "all" ? outputs : outputs.map((i) => graph.outputs[i] as number), { inside: [], line: null, run })
