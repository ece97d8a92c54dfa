/**
 * What an op tells of, by definition: a tap the value that it sees, a body with every run what it tells in that run, in order, a solve its
 * status. Loops are unrolled and branches chosen on the numbers, so that nothing of the `harvest` rules of loops and branches is shared.
 * Rows of loops, branches and solves (after vmap) have no definition here.
 */
import {
  type AnyOp,
  type AnyTensor,
  apply,
  type Emission,
  type Graph,
  harvestGraph,
  inline,
  solveStatuses,
  zerosOf,
} from "../../../src/core/index.js"
import type { Tensor } from "../../../src/index.js"
import { drawn } from "../../../src/laws/arbitraries/index.js"
import { allOf, fails, type Law, type Verdict, vacuous } from "../../../src/laws/index.js"
import { same } from "../../../src/laws/numbers.js"
import { type Instance, instance, showInstance } from "../../../src/laws/op/instance.js"
import { leaves, valuesOf } from "../../../src/laws/run.js"
import { reshape, slice } from "../../../src/ops/index.js"

/** An emission's values in one run. */
type Told = readonly (readonly AnyTensor[])[]

interface Ran {
  readonly outputs: readonly AnyTensor[]
  readonly told: Told
}

const truth = (t: AnyTensor): boolean => valuesOf([t])[0]?.[0] !== 0

const ran = (graph: Graph, inputs: readonly AnyTensor[]): Ran => {
  const harvested = harvestGraph(graph)
  const outs = inline(harvested.graph, inputs)
  let next = graph.outputs.length
  const told = harvested.emissions.map(({ types }) => {
    next += types.length
    return outs.slice(next - types.length, next)
  })
  return { outputs: outs.slice(0, graph.outputs.length), told }
}

const neutral = (graph: Graph): Told => harvestGraph(graph).emissions.map(({ types }) => types.map(zerosOf))

const merged = (graph: Graph, before: Told, now: Told): Told =>
  harvestGraph(graph).emissions.map(({ merge }: Emission, k) => merge(before[k] ?? [], now[k] ?? []))

type Definition = (params: never, inputs: readonly AnyTensor[], apply: () => readonly AnyTensor[]) => Told | null

const body: Definition = (params: { readonly body?: Graph; readonly value?: Graph }, inputs) =>
  ran((params.body ?? params.value) as Graph, inputs).told

const solve: Definition = (params: { readonly rows: number }, _inputs, outputs) => (params.rows > 0 ? null : [outputs().slice(-3)])

const scalar = (value: number): AnyTensor => leaves([{ elem: "float", shape: [] }], [Float64Array.of(value)])[0] as AnyTensor

/** Status, residual, evaluations and condition, and how many unknowns the operator has. */
const linearSolve: Definition = (params: { readonly rows: number }, _inputs, outputs) => {
  if (params.rows > 0) return null
  const all = outputs()
  const unknowns = all.slice(0, -4).reduce((n, t) => n + (t.shape as readonly number[]).reduce((a, b) => a * b, 1), 0)
  return [[...all.slice(-4), scalar(unknowns)]]
}

/** Nothing of finite numbers, else a solve that ended so. */
const toldFinite: Definition = (params: { readonly seen: boolean }, inputs) => {
  if (!params.seen) return null
  const sound = valuesOf(inputs).every((x) => x.every(Number.isFinite))
  return [[scalar(sound ? 0 : solveStatuses.indexOf("NonFinite")), scalar(sound ? 0 : Number.POSITIVE_INFINITY), scalar(0)]]
}

interface Scan {
  readonly constants: number
  readonly carry: number
  readonly length: number
  readonly reverse: boolean
  readonly body: Graph
}

interface Cond {
  readonly rows: number
  readonly whenTrue: Graph
  readonly whenFalse: Graph
}

interface While {
  readonly rows: number
  readonly constants: readonly number[]
  readonly condition: Graph
  readonly body: Graph
}

/** Row `i` of the first axis. */
const row = (t: AnyTensor, i: number): AnyTensor => {
  const [, ...rest] = t.shape as readonly number[]
  return reshape(slice(t as Tensor, { start: [i], end: [i + 1] }) as Tensor, rest) as AnyTensor
}

const definitions: Readonly<Record<string, Definition>> = {
  tap: (params: { readonly limit: number }, [x]) => {
    const seen = (valuesOf([x as AnyTensor]) as readonly [Float64Array])[0]
    const log = new Float64Array(params.limit * seen.length)
    log.set(seen)
    const type = (shape: readonly number[]) => ({ elem: "float", shape }) as const
    return [leaves([type([]), type([params.limit, ...(x as AnyTensor).shape])], [Float64Array.of(1), log])]
  },
  checkpoint: body,
  customJvp: body,
  customVjp: body,
  scan: (p: Scan, inputs) => {
    const constants = inputs.slice(0, p.constants)
    let carry: readonly AnyTensor[] = inputs.slice(p.constants, p.constants + p.carry)
    const xs = inputs.slice(p.constants + p.carry)
    let told = neutral(p.body)
    for (let turn = 0; turn < p.length; turn++) {
      const at = p.reverse ? p.length - 1 - turn : turn
      const now = ran(p.body, [...constants, ...carry, ...xs.map((t) => row(t, at))])
      told = merged(p.body, told, now.told)
      carry = now.outputs.slice(0, p.carry)
    }
    return told
  },
  cond: (p: Cond, [predicate, ...operands]) => {
    if (p.rows > 0) return null
    const taken = truth(predicate as AnyTensor)
    return [
      ...(taken ? ran(p.whenTrue, operands).told : neutral(p.whenTrue)),
      ...(taken ? neutral(p.whenFalse) : ran(p.whenFalse, operands).told),
    ]
  },
  while: (p: While, inputs) => {
    if (p.rows > 0) return null
    const constants = inputs.slice(0, p.constants.length)
    let carry: readonly AnyTensor[] = inputs.slice(p.constants.length)
    let told = neutral(p.body)
    while (truth(inline(p.condition, [...constants, ...carry])[0] as AnyTensor)) {
      const now = ran(p.body, [...constants, ...carry])
      told = merged(p.body, told, now.told)
      carry = now.outputs
    }
    return told
  },
  fixedPoint: solve,
  linearSolve,
  toldFinite,
}

/** The ops for which it is defined here what they tell. */
export const telling = Object.keys(definitions)

const tells = (op: AnyOp, { params, fn, x }: Instance): Verdict => {
  const harvest = op.harvest?.(params) ?? null
  if (harvest === null) return vacuous
  const inputs = leaves(fn.inputs, x)
  const expected = definitions[op.name]?.(params as never, inputs, () => apply(op, params, inputs)) ?? null
  if (expected === null) return vacuous
  const { emitted } = harvest.apply(inputs)
  if (emitted.length !== expected.length) return fails(`it tells ${emitted.length} values, expected ${expected.length}`)
  return allOf(
    harvest.emissions.map(({ kind, types }, k) => {
      const [want, found] = [valuesOf(expected[k] as readonly AnyTensor[]), valuesOf(emitted[k] as readonly AnyTensor[])]
      return allOf(
        types.map(({ shape }, part) =>
          same({ what: `part ${part} of what it emits (${kind})`, shape }, want[part] as Float64Array, found[part] as Float64Array),
        ),
      )
    }),
  )
}

export const emissionsLaw = (op: AnyOp): Law<Instance> => ({
  name: `${op.name}: the emissions' reference`,
  theorem: "An op tells what its definition says, body by body and turn by turn (test/ops/reference/emissions).",
  arbitrary: drawn((d) => instance(d, op)),
  show: showInstance,
  check: (i) => tells(op, i),
})
