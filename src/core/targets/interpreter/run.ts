/** Evaluates a graph equation by equation in float64, by what each op's `lower` says. */
import type { Equation, Graph } from "../../graph/graph.js"
import { typeOf } from "../../graph/graph.js"
import type { Lowering } from "../../op.js"
import { physicalShape, sizeOf, type TensorType } from "../../tensor/types.js"
import type { Cancellation } from "../target.js"
import { roundsNothing } from "./exact.js"
import { compileNest } from "./scalar.js"
import { sortRows } from "./sort.js"

export type Values = readonly Float64Array[]
type Runner = (inputs: Values, run: Run) => Values

/** What a run is told. */
export interface Run extends Cancellation {
  /**
   * What arithmetic makes of a float value: applied to all that index notation reads and to all that an equation makes, in every
   * body on every turn. `exact` says that the equation only moves, compares and chooses numbers. Left out, values stay as float64 has
   * them; random movements make it stochastic arithmetic, which shows how far rounding can move a program.
   */
  readonly rounded?: (value: Float64Array, exact: boolean) => Float64Array
}

const rounds = ({ rounded }: Run, values: Values, types: readonly TensorType[], exact: boolean): Values =>
  rounded === undefined ? values : values.map((x, i) => (types[i]?.elem === "float" ? rounded(x, exact) : x))

const isExact = (lowered: Lowering): boolean => lowered.t === "routine" || (lowered.t === "index" && lowered.nests.every(roundsNothing))

/** Thrown at a loop head when the run was cancelled; caught by the session. */
export class RunCancelled extends Error {}

const runners = new WeakMap<Equation, Runner>()

const runnerOf = (graph: Graph, e: Equation): Runner => {
  let runner = runners.get(e)
  if (runner === undefined) {
    const ins = e.inputs.map((v) => typeOf(graph, v))
    const outs = e.outputs.map((v) => typeOf(graph, v))
    const lowered = e.op.lower(e.params, ins, outs)
    const [of, exact] = [makeRunner(lowered, ins, outs), isExact(lowered)]
    runner = (inputs, run) => rounds(run, of(inputs, run), outs, exact)
    runners.set(e, runner)
  }
  return runner
}

/**
 * Values of an equation's outputs: row-major arrays, one an input.
 *
 * @example
 * const { graph } = closeExpression([add(tensor([1, 2]), tensor([3, 4]))])
 * interpretEquation(graph, graph.equations[0], [Float64Array.of(1, 2), Float64Array.of(3, 4)], { cancelled: false }) // [[4, 6]]
 */
export const runEquation = (graph: Graph, e: Equation, inputs: Values, run: Run): Values => runnerOf(graph, e)(inputs, run)

/**
 * Values of a graph's outputs: row-major arrays, one an input.
 *
 * @example
 * const twice = bodyOf("twice", [{ elem: "float", shape: [2] }], ([x]) => [apply1(addOp, null, [x, x])])
 * interpret(twice, [Float64Array.of(1, 2)], { cancelled: false }) // [[2, 4]]
 */
export const runGraph = (graph: Graph, inputs: Values, run: Run): Values => {
  const env: Float64Array[] = inputs.slice()
  for (const e of graph.equations) {
    const outputs = runnerOf(graph, e)(
      e.inputs.map((v) => env[v] as Float64Array),
      run,
    )
    for (let i = 0; i < e.outputs.length; i++) env[e.outputs[i] as number] = outputs[i] as Float64Array
  }
  return graph.outputs.map((v) => env[v] as Float64Array)
}

const atLoopHead = (run: Run) => {
  if (run.cancelled) throw new RunCancelled()
}

const makeRunner = (lowered: Lowering, ins: readonly TensorType[], outs: readonly TensorType[]): Runner => {
  switch (lowered.t) {
    case "index": {
      const shapes = ins.map(physicalShape)
      const nests = lowered.nests.map((n) => compileNest(n, shapes))
      const exact = isExact(lowered)
      return (inputs, run) => {
        const read = rounds(run, inputs, ins, exact)
        return nests.map((nest) => nest(read))
      }
    }
    case "graph":
      return (inputs, run) => runGraph(lowered.graph, inputs, run)
    case "region":
      return (inputs, run) => runGraph(lowered.body, inputs, run)
    case "routine":
      return ([x]) => sortRows(x as Float64Array, ins[0]?.shape.at(-1) ?? 1)
    case "cond":
      return ([p, ...rest], run) => runGraph((p as Float64Array)[0] !== 0 ? lowered.whenTrue : lowered.whenFalse, rest, run)
    case "while":
      return (inputs, run) => {
        let carry = inputs.slice(lowered.constants)
        for (const { results } of whileTurns(lowered, inputs, run)) carry = results.slice()
        return carry
      }
    case "scan":
      return scanRunner(lowered, outs)
  }
}

/** A turn of a loop: what its body was given, and what it gave. */
export interface Turn {
  readonly given: Values
  readonly results: Values
}

/**
 * The turns of a loop, one by one.
 *
 * @example
 * const condition = bodyOf("condition", [{ elem: "float", shape: [] }], ([x]) => [less(x, 3)])
 * const body = bodyOf("body", [{ elem: "float", shape: [] }], ([x]) => [add(x, 1)])
 * const turns = [...whileTurns({ t: "while", constants: 0, condition, body }, [Float64Array.of(0)], { cancelled: false })]
 * turns.map(({ results }) => results[0]) // [[1], [2], [3]]
 */
export function* whileTurns(loop: Extract<Lowering, { t: "while" }>, inputs: Values, run: Run): Generator<Turn> {
  const constants = inputs.slice(0, loop.constants)
  let given: Values = inputs
  for (;;) {
    atLoopHead(run)
    if (runGraph(loop.condition, given, run)[0]?.[0] === 0) return
    const results = runGraph(loop.body, given, run)
    yield { given, results }
    given = [...constants, ...results]
  }
}

/** The row that a turn reads and writes. */
const rowOfTurn = ({ reverse, length }: Extract<Lowering, { t: "scan" }>, turn: number): number => (reverse ? length - 1 - turn : turn)

/**
 * The turns of a scan, one by one, in the order of execution.
 *
 * @example
 * const one = { elem: "float", shape: [] } as const
 * const body = bodyOf("body", [one, one], ([carry, x]) => [add(carry, x)])
 * const loop = { t: "scan", constants: 0, carry: 1, length: 3, reverse: false, body } as const
 * const turns = [...scanTurns(loop, [Float64Array.of(0), Float64Array.of(1, 2, 3)], { cancelled: false })]
 * turns.map(({ results }) => results[0]) // [[1], [3], [6]]
 */
export function* scanTurns(s: Extract<Lowering, { t: "scan" }>, inputs: Values, run: Run): Generator<Turn> {
  const constants = inputs.slice(0, s.constants)
  let carry = inputs.slice(s.constants, s.constants + s.carry)
  const slabs = inputs.slice(s.constants + s.carry)
  for (let turn = 0; turn < s.length; turn++) {
    atLoopHead(run)
    const i = rowOfTurn(s, turn)
    const rows = slabs.map((slab) => slab.subarray((i * slab.length) / s.length, ((i + 1) * slab.length) / s.length))
    const given = [...constants, ...carry, ...rows]
    const results = runGraph(s.body, given, run)
    yield { given, results }
    carry = results.slice(0, s.carry)
  }
}

const scanRunner = (s: Extract<Lowering, { t: "scan" }>, outs: readonly TensorType[]): Runner => {
  const sizes = outs.map((t) => sizeOf(physicalShape(t)))
  return (inputs, run) => {
    let carry = inputs.slice(s.constants, s.constants + s.carry)
    const stacked = sizes.slice(s.carry).map((n) => new Float64Array(n))
    let turn = 0
    for (const { results } of scanTurns(s, inputs, run)) {
      const i = rowOfTurn(s, turn++)
      carry = results.slice(0, s.carry)
      stacked.forEach((slab, k) => {
        slab.set(results[s.carry + k] as Float64Array, (i * slab.length) / s.length)
      })
    }
    return [...carry, ...stacked]
  }
}
