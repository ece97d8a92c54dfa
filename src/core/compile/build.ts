/**
 * From a graph to a schedule. Every equation becomes kernels, a routine or structured control flow, by what its op's `lower`
 * says; graphs that it is made of are inlined. Values that a body captures are named by the outer buffer: nothing is copied.
 *
 * What targets can rely on: a carry's `next` is its own `current`, or a buffer that a step of the body writes and that no other
 * carry names. So `current := next` can be done carry by carry, or by writing `next` in place of a dead `current`.
 */
import { typeOf, type Graph } from "../graph/graph.js"
import type { Lowering } from "../op.js"
import type { Capabilities } from "../targets/target.js"
import { physicalShape, type TensorType } from "../tensor/types.js"
import type { BufferType, Carry, Schedule, Step } from "./schedule.js"

interface Builder {
  readonly capabilities: Capabilities
  readonly buffers: BufferType[]
}

type LoweringOf<T extends Lowering["t"]> = Extract<Lowering, { readonly t: T }>

const bufferOf = (b: Builder, type: TensorType): number => b.buffers.push({ elem: type.elem, shape: physicalShape(type) }) - 1

/** A schedule of `graph` for a target with these capabilities. */
export const buildSchedule = (graph: Graph, capabilities: Capabilities): Schedule => {
  const b: Builder = { capabilities, buffers: [] }
  const inputs = graph.types.slice(0, graph.inputs).map((t) => bufferOf(b, t))
  const steps: Step[] = []
  const outputs = emitGraph(b, graph, inputs, steps)
  return { buffers: b.buffers, inputs, outputs, steps }
}

/** Appends the steps of a graph applied to buffers; gives the buffers of its outputs. */
const emitGraph = (b: Builder, graph: Graph, inputs: readonly number[], steps: Step[]): readonly number[] => {
  const env = inputs.slice()
  for (const e of graph.equations) {
    const ins = e.inputs.map((v) => typeOf(graph, v))
    const outs = e.outputs.map((v) => typeOf(graph, v))
    const results = emit(
      b,
      e.op.name,
      e.op.lower(e.params, ins, outs),
      e.inputs.map((v) => env[v] as number),
      outs,
      steps,
    )
    for (let i = 0; i < e.outputs.length; i++) env[e.outputs[i] as number] = results[i] as number
  }
  return graph.outputs.map((v) => env[v] as number)
}

const emit = (
  b: Builder,
  name: string,
  lowered: Lowering,
  inputs: readonly number[],
  outs: readonly TensorType[],
  steps: Step[],
): readonly number[] => {
  switch (lowered.t) {
    case "index":
      return lowered.nests.map((nest, i) => {
        const output = bufferOf(b, outs[i] as TensorType)
        steps.push({ t: "kernel", name, nest, inputs, output })
        return output
      })
    case "graph":
      return emitGraph(b, lowered.graph, inputs, steps)
    case "region":
      return emitGraph(b, lowered.body, inputs, steps)
    case "routine": {
      if (!b.capabilities.routines) return emitGraph(b, lowered.graph(), inputs, steps)
      const outputs = outs.map((t) => bufferOf(b, t))
      steps.push({ t: "routine", name: lowered.name, inputs, outputs })
      return outputs
    }
    case "cond":
      return emitCond(b, lowered, inputs, outs, steps)
    case "while":
      return emitWhile(b, lowered, inputs, outs, steps)
    case "scan":
      return emitScan(b, lowered, inputs, outs, steps)
  }
}

const emitCond = (b: Builder, lowered: LoweringOf<"cond">, inputs: readonly number[], outs: readonly TensorType[], steps: Step[]) => {
  const [predicate, ...operands] = inputs as readonly [number, ...number[]]
  const branch = (graph: Graph) => {
    const own: Step[] = []
    return { results: emitGraph(b, graph, operands, own), steps: own }
  }
  const outputs = outs.map((t) => bufferOf(b, t))
  steps.push({ t: "cond", predicate, whenTrue: branch(lowered.whenTrue), whenFalse: branch(lowered.whenFalse), outputs })
  return outputs
}

const emitWhile = (b: Builder, lowered: LoweringOf<"while">, inputs: readonly number[], outs: readonly TensorType[], steps: Step[]) => {
  const constants = inputs.slice(0, lowered.constants)
  const current = outs.map((t) => bufferOf(b, t))
  const condition: Step[] = []
  const [predicate] = emitGraph(b, lowered.condition, [...constants, ...current], condition)
  const body: Step[] = []
  const next = emitGraph(b, lowered.body, [...constants, ...current], body)
  const carries = makeCarries(b, inputs.slice(lowered.constants), current, next, body)
  steps.push({ t: "while", carries, condition, predicate: predicate as number, body })
  return carries.map((c) => c.result)
}

const emitScan = (b: Builder, s: LoweringOf<"scan">, inputs: readonly number[], outs: readonly TensorType[], steps: Step[]) => {
  const constants = inputs.slice(0, s.constants)
  const current = outs.slice(0, s.carry).map((t) => bufferOf(b, t))
  const slices = inputs.slice(s.constants + s.carry).map((slab, i) => ({ slab, item: bufferOf(b, typeOf(s.body, s.constants + s.carry + i)) }))
  const body: Step[] = []
  const results = emitGraph(b, s.body, [...constants, ...current, ...slices.map((r) => r.item)], body)
  const carries = makeCarries(b, inputs.slice(s.constants, s.constants + s.carry), current, results.slice(0, s.carry), body)
  const stacks = outs.slice(s.carry).map((t, i) => ({ slab: bufferOf(b, t), item: results[s.carry + i] as number }))
  steps.push({ t: "loop", count: s.length, reverse: s.reverse, carries, slices, stacks, body })
  return [...carries.map((c) => c.result), ...stacks.map((r) => r.slab)]
}

/**
 * Carries in the form stated at the top. A `next` that is another carry's `current` (a swap), a captured value, a slice or
 * another carry's `next` is copied at the end of the body.
 */
const makeCarries = (b: Builder, init: readonly number[], current: readonly number[], next: readonly number[], body: Step[]): readonly Carry[] => {
  const free = new Set<number>()
  for (const step of body) for (const output of writtenBy(step)) free.add(output)
  return current.map((buffer, i) => {
    const type = b.buffers[buffer] as BufferType
    let own = next[i] as number
    if (own !== buffer && !free.delete(own)) {
      const to = b.buffers.push(type) - 1
      body.push({ t: "copy", from: own, to })
      own = to
    }
    return { init: init[i] as number, current: buffer, next: own, result: b.buffers.push(type) - 1 }
  })
}

/** Buffers that a step writes for the steps after it. */
export const writtenBy = (step: Step): readonly number[] => {
  switch (step.t) {
    case "kernel":
      return [step.output]
    case "copy":
      return [step.to]
    case "routine":
    case "cond":
      return step.outputs
    case "while":
      return step.carries.map((c) => c.result)
    case "loop":
      return [...step.carries.map((c) => c.result), ...step.stacks.map((r) => r.slab)]
  }
}
