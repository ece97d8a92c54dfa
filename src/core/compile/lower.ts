/**
 * From a graph to steps, one kernel an index lowering, nothing fused. Every equation becomes kernels, a routine or structured
 * control flow, by what its op's `lower` says; graphs that it is made of are inlined. Values that a body captures are named by
 * the outer buffer: nothing is copied.
 *
 * Loop invariants leave their loops on the way: an equation goes to the outermost list of steps in which all its inputs are
 * there already, but never out of a branch, and out of a region only with the region as a whole. Equal equations that meet there
 * (ten thousand layers that each prepare the same weights) are one.
 *
 * What targets can rely on: a carry's `next` is its own `current`, or a buffer that a step of the body writes and that no other
 * carry names. So `current := next` can be done carry by carry, or by writing `next` in place of a dead `current`. The item of a
 * stack is a buffer that a step of the body writes, so it can be written in its row.
 */
import { equationKey } from "../graph/digest.js"
import { type Graph, typeOf } from "../graph/graph.js"
import type { Lowering } from "../op.js"
import type { Capabilities } from "../targets/target.js"
import { physicalShape, type TensorType } from "../tensor/types.js"
import type { BufferType, Carry, Row, Schedule, Step } from "./schedule.js"

export interface Lowered {
  readonly schedule: Schedule
  /** The region in which each buffer is written, 0 for none: nothing is fused across its border. */
  readonly regions: readonly number[]
}

/** A list of steps inside those around it. */
interface Block {
  readonly steps: Step[]
  readonly outer: Block | null
  readonly depth: number
  /** Results of the equations whose place it is, by region and equation. */
  readonly made: Map<string, readonly number[]>
}

/** Where an equation is met: the innermost block, the outermost one that its steps may go to, and its region. */
interface Place {
  readonly block: Block
  readonly floor: number
  readonly region: number
}

interface Builder {
  readonly capabilities: Capabilities
  readonly buffers: BufferType[]
  /** Depth of the block in which each buffer is written. */
  readonly depths: number[]
  readonly regions: number[]
  lastRegion: number
}

type LoweringOf<T extends Lowering["t"]> = Extract<Lowering, { readonly t: T }>

export const lowerGraph = (graph: Graph, capabilities: Capabilities): Lowered => {
  const b: Builder = { capabilities, buffers: [], depths: [], regions: [], lastRegion: 0 }
  const place: Place = { block: newBlock(null), floor: 0, region: 0 }
  const inputs = graph.types.slice(0, graph.inputs).map((t) => newBuffer(b, place, t))
  const outputs = emitGraph(b, graph, inputs, place)
  return { schedule: { buffers: b.buffers, inputs, outputs, steps: place.block.steps }, regions: b.regions }
}

const addBuffer = (b: Builder, { block, region }: Place, type: BufferType): number => {
  b.depths.push(block.depth)
  b.regions.push(region)
  return b.buffers.push(type) - 1
}

const newBuffer = (b: Builder, place: Place, type: TensorType): number =>
  addBuffer(b, place, { elem: type.elem, shape: physicalShape(type) })

const newBlock = (outer: Block | null): Block => ({ steps: [], outer, depth: outer === null ? 0 : outer.depth + 1, made: new Map() })

/** The outermost place where all inputs are written. */
const hoisted = (b: Builder, place: Place, inputs: readonly number[]): Place => {
  let depth = place.floor
  for (const input of inputs) depth = Math.max(depth, b.depths[input] as number)
  let { block } = place
  while (block.depth > depth && block.outer !== null) block = block.outer
  return block === place.block ? place : { ...place, block }
}

/** Appends the steps of a graph applied to buffers; gives the buffers of its outputs. */
const emitGraph = (b: Builder, graph: Graph, inputs: readonly number[], at: Place): readonly number[] => {
  const env = inputs.slice()
  for (const e of graph.equations) {
    const args = e.inputs.map((v) => env[v] as number)
    const place = hoisted(b, at, args)
    const key = `${place.region} ${equationKey(e.op, e.params, args)}`
    let results = place.block.made.get(key)
    if (results === undefined) {
      const ins = e.inputs.map((v) => typeOf(graph, v))
      const outs = e.outputs.map((v) => typeOf(graph, v))
      results = emit(b, e.op.name, e.op.lower(e.params, ins, outs), args, outs, place)
      place.block.made.set(key, results)
    }
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
  place: Place,
): readonly number[] => {
  const { steps, depth } = place.block
  switch (lowered.t) {
    case "index":
      return lowered.nests.map((nest, i) => {
        const output = newBuffer(b, place, outs[i] as TensorType)
        steps.push({ t: "kernel", name, nest, inputs, output })
        return output
      })
    case "graph":
      return emitGraph(b, lowered.graph, inputs, place)
    case "region":
      return emitGraph(b, lowered.body, inputs, { block: place.block, floor: depth, region: ++b.lastRegion })
    case "routine": {
      if (!b.capabilities.routines) return emitGraph(b, lowered.graph(), inputs, place)
      const outputs = outs.map((t) => newBuffer(b, place, t))
      steps.push({ t: "routine", name: lowered.name, inputs, outputs })
      return outputs
    }
    case "cond":
      return emitCond(b, lowered, inputs, outs, place)
    case "while":
      return emitWhile(b, lowered, inputs, outs, place)
    case "scan":
      return emitScan(b, lowered, inputs, outs, place)
  }
}

const emitCond = (b: Builder, lowered: LoweringOf<"cond">, inputs: readonly number[], outs: readonly TensorType[], place: Place) => {
  const [predicate, ...operands] = inputs as readonly [number, ...number[]]
  const branch = (graph: Graph) => {
    const block = newBlock(place.block)
    return { results: emitGraph(b, graph, operands, { ...place, block, floor: block.depth }), steps: block.steps }
  }
  const outputs = outs.map((t) => newBuffer(b, place, t))
  place.block.steps.push({ t: "cond", predicate, whenTrue: branch(lowered.whenTrue), whenFalse: branch(lowered.whenFalse), outputs })
  return outputs
}

const emitWhile = (b: Builder, lowered: LoweringOf<"while">, inputs: readonly number[], outs: readonly TensorType[], place: Place) => {
  const constants = inputs.slice(0, lowered.constants)
  const condition: Place = { ...place, block: newBlock(place.block) }
  const body: Place = { ...place, block: newBlock(place.block) }
  const current = outs.map((t) => newBuffer(b, body, t))
  const [predicate] = emitGraph(b, lowered.condition, [...constants, ...current], condition)
  const next = emitGraph(b, lowered.body, [...constants, ...current], body)
  const carries = makeCarries(b, inputs.slice(lowered.constants), current, next, body, place)
  place.block.steps.push({ t: "while", carries, condition: condition.block.steps, predicate: predicate as number, body: body.block.steps })
  return carries.map((c) => c.result)
}

const emitScan = (b: Builder, s: LoweringOf<"scan">, inputs: readonly number[], outs: readonly TensorType[], place: Place) => {
  const constants = inputs.slice(0, s.constants)
  const body: Place = { ...place, block: newBlock(place.block) }
  const current = outs.slice(0, s.carry).map((t) => newBuffer(b, body, t))
  const slices = inputs
    .slice(s.constants + s.carry)
    .map((slab, i) => ({ slab, item: newBuffer(b, body, typeOf(s.body, s.constants + s.carry + i)) }))
  const results = emitGraph(b, s.body, [...constants, ...current, ...slices.map((r) => r.item)], body)
  const carries = makeCarries(b, inputs.slice(s.constants, s.constants + s.carry), current, results.slice(0, s.carry), body, place)
  const written = new Set(body.block.steps.flatMap(writtenBy))
  const stacks = outs.slice(s.carry).map((t, i): Row => {
    const item = results[s.carry + i] as number
    return { slab: newBuffer(b, place, t), item: written.has(item) ? item : copied(b, item, body) }
  })
  place.block.steps.push({ t: "loop", count: s.length, reverse: s.reverse, carries, slices, stacks, body: body.block.steps })
  return [...carries.map((c) => c.result), ...stacks.map((r) => r.slab)]
}

/**
 * Carries in the form stated at the top. A `next` that is another carry's `current` (a swap), a captured value, a slice or
 * another carry's `next` is copied at the end of the body.
 */
const makeCarries = (
  b: Builder,
  init: readonly number[],
  current: readonly number[],
  next: readonly number[],
  body: Place,
  place: Place,
): readonly Carry[] => {
  const free = new Set(body.block.steps.flatMap(writtenBy))
  return current.map((buffer, i) => {
    const value = next[i] as number
    const own = value === buffer || free.delete(value) ? value : copied(b, value, body)
    return { init: init[i] as number, current: buffer, next: own, result: addBuffer(b, place, b.buffers[buffer] as BufferType) }
  })
}

/** A copy at the end of a body. */
const copied = (b: Builder, from: number, body: Place): number => {
  const to = addBuffer(b, body, b.buffers[from] as BufferType)
  body.block.steps.push({ t: "copy", from, to })
  return to
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
