/**
 * Equations with the values that they meet: a graph is run in the interpreter, one point or several side by side, and each equation is
 * handed out with its actual inputs, in the order of execution. The bodies of an equation are runs of their own.
 */
import {
  type Equation,
  type Graph,
  interpretEquation,
  type Line,
  type Lowering,
  mapBodies,
  scanTurns,
  type TensorType,
  type Turn,
  typeOf,
  whileTurns,
} from "../../core/index.js"
import { solvedBody } from "../../implicit/index.js"
import { customName } from "../../ops/index.js"
import type { Mask } from "../function/masks.js"
import { varies } from "../op/instance.js"
import type { Values } from "../run.js"

/** Which variables a derivative moves, and which differ from row to row. */
export interface Marks {
  readonly active: Mask
  readonly batched: Mask
}

/** One run of an equation. */
export interface Point {
  readonly inputs: Values
  readonly outputs: Values
}

export interface Site {
  readonly equation: Equation
  readonly inputs: readonly TensorType[]
  readonly outputs: readonly TensorType[]
  readonly points: readonly Point[]
  /** Of its inputs. */
  readonly marks: Marks
  /** Its own line, or that of the nearest equation around it that has one. */
  readonly line: Line | null
  /** Equations in whose bodies it stands, from the outermost. */
  readonly inside: readonly string[]
}

export type Around = Pick<Site, "line" | "inside">

const RUN = { cancelled: false }
/** Turns of a loop that are looked at: a rule that is wrong is wrong in the first of them, unless its operand is 0 there. */
const TURNS = 16

/** Variables that depend on marked inputs; a derivative ends where outputs are whole numbers or constants by definition. */
const spread = (graph: Graph, mask: Mask, derivative: boolean): Mask => {
  const marked = mask.slice()
  for (const e of graph.equations) {
    const some = e.inputs.some((v) => marked[v])
    e.outputs.forEach((v, i) => {
      marked[v] = some && (!derivative || (varies(e, i) && typeOf(graph, v).elem === "float"))
    })
  }
  return marked
}

const both = (f: (mask: Mask, derivative: boolean) => Mask, { active, batched }: Marks): Marks => ({
  active: f(active, true),
  batched: f(batched, false),
})

/** A graph's equations at points. */
export function* sitesOf(graph: Graph, points: readonly Values[], marks: Marks, { line, inside }: Around): Generator<Site> {
  const envs = points.map((x) => x.slice())
  const all = both((mask, derivative) => spread(graph, mask, derivative), marks)
  for (const equation of graph.equations) {
    const runs = envs.map((env): Point => {
      const inputs = equation.inputs.map((v) => env[v] as Float64Array)
      const outputs = interpretEquation(graph, equation, inputs, RUN)
      equation.outputs.forEach((v, i) => {
        env[v] = outputs[i] as Float64Array
      })
      return { inputs, outputs }
    })
    yield {
      equation,
      inputs: equation.inputs.map((v) => typeOf(graph, v)),
      outputs: equation.outputs.map((v) => typeOf(graph, v)),
      points: runs,
      marks: both((mask) => equation.inputs.map((v) => mask[v] as boolean), all),
      line: equation.line ?? line,
      inside,
    }
  }
}

/** Whether an equation has bodies. */
export const hasBodies = ({ equation: { params } }: Pick<Site, "equation">): boolean => {
  let some = false
  mapBodies(params, (body) => {
    some = true
    return body
  })
  return some
}

/** Marks of a body's inputs that hold on every turn: a carry that comes out marked goes in marked. */
const onEveryTurn = (body: Graph, mask: Mask, from: number, count: number, derivative: boolean): Mask => {
  let now = mask
  for (;;) {
    const after = spread(body, now, derivative)
    const next = now.map((m, i) => m || (i >= from && i < from + count && (after[body.outputs[i - from] as number] as boolean)))
    if (next.every((m, i) => m === now[i])) return next
    now = next
  }
}

type Loop = Extract<Lowering, { readonly t: "scan" | "while" }>

function* turnSites(loop: Loop, site: Site): Generator<Site> {
  const { points, marks, line, inside, equation } = site
  const { body, constants } = loop
  const carry = loop.t === "scan" ? loop.carry : site.inputs.length - constants
  const stable = both((mask, derivative) => onEveryTurn(body, mask, constants, carry, derivative), marks)
  let live: readonly Generator<Turn>[] = points.map(({ inputs }) =>
    loop.t === "scan" ? scanTurns(loop, inputs, RUN) : whileTurns(loop, inputs, RUN),
  )
  for (let turn = 1; turn <= TURNS; turn++) {
    const given: Values[] = []
    live = live.filter((turns) => {
      const { done, value } = turns.next()
      if (done !== true) given.push(value.given)
      return done !== true
    })
    if (given.length === 0) return
    const place = `${equation.op.name}, turn ${turn}${loop.t === "scan" ? ` of ${loop.length}` : ""}`
    yield* sitesOf(body, given, stable, { line, inside: [...inside, place] })
  }
}

/**
 * The equations in the bodies of one. Where a derivative is in doubt (`lowered` false) that is what the derivative is made of: a solve's
 * function at the solution, and nothing of a function whose rule is a user's own.
 */
export function* innerSites(site: Site, lowered: boolean): Generator<Site> {
  const { equation, points, marks, line, inside } = site
  const around = { line, inside: [...inside, equation.op.name] }
  const within = (body: Graph, given: readonly Values[], of: Marks) => sitesOf(body, given, of, around)
  if (!lowered) {
    if (!hasBodies(site) || customName(equation) !== null) return
    const solves = points.flatMap(({ inputs, outputs }) => solvedBody(equation, inputs, outputs) ?? [])
    const [first] = solves
    if (first !== undefined) {
      const count = first.constants.length
      const of = both((mask) => [...mask.slice(0, count), ...first.state.map(() => mask.some(Boolean))], marks)
      return yield* within(
        first.body,
        solves.map(({ constants, state }) => [...constants, ...state]),
        of,
      )
    }
  }
  const lowering = equation.op.lower(equation.params, site.inputs, site.outputs)
  const given = points.map((p) => p.inputs)
  switch (lowering.t) {
    case "index":
    case "routine":
      return
    case "graph":
      return yield* within(lowering.graph, given, marks)
    case "region":
      return yield* within(lowering.body, given, marks)
    case "cond": {
      const rest = both((mask) => mask.slice(1), marks)
      for (const taken of [true, false]) {
        const rows = given.filter(([p]) => (p?.[0] !== 0) === taken).map((x) => x.slice(1))
        if (rows.length > 0) yield* within(taken ? lowering.whenTrue : lowering.whenFalse, rows, rest)
      }
      return
    }
    case "scan":
    case "while":
      return yield* turnSites(lowering, site)
  }
}
