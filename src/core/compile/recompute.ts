/**
 * Large values that are cheap to make again. What the backward pass needs of the forward pass is kept from the one to the other, and of a
 * chain of pointwise kernels that may be every link. Where a program needs most storage, a large link whose inputs are kept anyhow is let
 * go, and made again in front of its next use: the same kernel, so the same bits, for one more pass over memory.
 */
import { sizeOf } from "../tensor/types.js"
import { visit } from "./kernel-form.js"
import { writtenBy } from "./lower.js"
import type { Nest } from "./nest.js"
import type { BufferType, Schedule, Step } from "./schedule.js"
import { readWithin } from "./step-reads.js"

type Kernel = Extract<Step, { readonly t: "kernel" }>

/** Elements from which a value is large: it stays in no cache between its uses. */
const LARGE = 2 ** 22
/** An input of at most this share of the value may be kept for longer. */
const SMALL_SHARE = 1 / 8
/** Nodes of a kernel that takes no longer than its loads and stores. */
const MOST_NODES = 32
/** Kernels that are run again for one value. */
const LONGEST = 4
/** Each round lowers the highest point, which may then lie elsewhere. */
const ROUNDS = 8

const costly: readonly string[] = ["exp", "log", "tanh", "sqrt", "sin", "cos"]

const isCheap = (nest: Nest): boolean => {
  if (nest.reduce !== null) return false
  let [nodes, cheap] = [0, true]
  visit(nest, (s) => {
    nodes++
    if (s.t === "threefry" || (s.t === "unary" && costly.includes(s.fn))) cheap = false
  })
  return cheap && nodes <= MOST_NODES
}

/** When a buffer is written, and the steps that read it, in order. */
interface Life {
  readonly made: number
  readonly reads: readonly number[]
}

/** Steps before all others write inputs, those after all others read outputs. */
const livesOf = ({ steps, inputs, outputs }: Schedule): ReadonlyMap<number, Life> => {
  const lives = new Map<number, { made: number; reads: number[] }>(inputs.map((id) => [id, { made: -1, reads: [steps.length] }]))
  steps.forEach((step, time) => {
    for (const id of new Set(readWithin(step))) lives.get(id)?.reads.push(time)
    for (const id of writtenBy(step)) lives.set(id, { made: time, reads: [] })
  })
  for (const id of outputs) lives.get(id)?.reads.push(steps.length)
  for (const { reads } of lives.values()) reads.sort((a, b) => a - b)
  return lives
}

/** The step at which most elements are alive. */
const highest = ({ steps, buffers }: Schedule, lives: ReadonlyMap<number, Life>): { readonly time: number; readonly elements: number } => {
  const change = new Float64Array(steps.length + 2)
  for (const [id, { made, reads }] of lives) {
    if (made < 0) continue
    const size = sizeOf(buffers[id]?.shape ?? [])
    change[made] = (change[made] as number) + size
    const end = (reads.at(-1) ?? made) + 1
    change[end] = (change[end] as number) - size
  }
  let [alive, time, elements] = [0, 0, 0]
  for (let t = 0; t < steps.length; t++) {
    alive += change[t] as number
    if (alive > elements) [time, elements] = [t, alive]
  }
  return { time, elements }
}

/** The most elements that are alive at once in a schedule, inputs aside; steps with bodies count as one. */
export const mostAlive = (schedule: Schedule): number => highest(schedule, livesOf(schedule)).elements

/** The schedule with values of `large` elements or more made again where that lowers the most that is alive at once. */
export const recompute = (schedule: Schedule, large = LARGE): Schedule => {
  if (!schedule.buffers.some(({ shape }) => sizeOf(shape) >= large)) return schedule
  let best = schedule
  for (let round = 0; round < ROUNDS; round++) {
    const lives = livesOf(best)
    const peak = highest(best, lives)
    const next = lowered(best, lives, peak.time, large)
    if (next === null || mostAlive(next) >= peak.elements) return best
    best = next
  }
  return best
}

/** The schedule without the large values that only wait at a time, or null where there are none. */
const lowered = (schedule: Schedule, lives: ReadonlyMap<number, Life>, time: number, large: number): Schedule | null => {
  const round = new Round(schedule, lives, large)
  // later ones first: what a value is made of is then known to be wanted where the value is made again
  for (let made = time - 1; made >= 0; made--) round.visit(made, time)
  return round.result()
}

const renamed = (kernel: Kernel, names: ReadonlyMap<number, number>): Kernel => ({
  ...kernel,
  inputs: kernel.inputs.map((id) => names.get(id) ?? id),
})

class Round {
  private readonly steps: Step[]
  private readonly buffers: BufferType[]
  /** Kernels that run in front of a step. */
  private readonly inFront = new Map<number, Kernel[]>()
  /** When each buffer is read last. */
  private readonly last: Map<number, number>

  constructor(
    private readonly schedule: Schedule,
    private readonly lives: ReadonlyMap<number, Life>,
    private readonly large: number,
  ) {
    this.steps = [...schedule.steps]
    this.buffers = [...schedule.buffers]
    this.last = new Map([...lives].map(([id, { made, reads }]) => [id, reads.at(-1) ?? made]))
  }

  private size(id: number): number {
    return sizeOf(this.buffers[id]?.shape ?? [])
  }

  private cheapKernel(made: number): Kernel | null {
    const step = this.steps[made]
    return step?.t === "kernel" && isCheap(step.nest) ? step : null
  }

  /** The kernels, in order, that make a value from what is there at a time or may be kept until then; null where others are needed. */
  private chain(kernel: Kernel, time: number, length = 0): readonly Kernel[] | null {
    const before: Kernel[] = []
    for (const id of kernel.inputs) {
      if ((this.last.get(id) ?? -1) >= time || this.size(id) <= SMALL_SHARE * this.size(kernel.output)) continue
      const maker = length + 1 < LONGEST ? this.cheapKernel(this.lives.get(id)?.made ?? -1) : null
      const more = maker === null ? null : this.chain(maker, time, length + 1)
      if (more === null) return null
      before.push(...more)
    }
    return [...before, kernel]
  }

  /** Lets the value go that a step makes, if it only waits at `time`. */
  visit(made: number, time: number): void {
    const kernel = this.cheapKernel(made)
    if (kernel === null || this.size(kernel.output) < this.large) return
    const own = kernel.output
    const again = [...this.inFront].filter(([, list]) => list.some(({ inputs }) => inputs.includes(own))).map(([at]) => at)
    const reads = [...(this.lives.get(own)?.reads ?? []), ...again].sort((a, b) => a - b)
    const late = reads.filter((at) => at > time)
    const [first] = late
    if (first === undefined || reads.includes(time) || late.some((at) => this.steps[at]?.t !== "kernel")) return
    const chain = this.chain(kernel, first)
    if (chain === null) return
    const copies = new Map<number, number>()
    const copied = chain.map((k): Kernel => {
      const output = this.buffers.push(this.buffers[k.output] as BufferType) - 1
      const copy = { ...renamed(k, copies), output }
      copies.set(k.output, output)
      return copy
    })
    const instead = new Map([[own, copies.get(own) as number]])
    for (const at of late) {
      this.steps[at] = renamed(this.steps[at] as Kernel, instead)
      this.inFront.set(
        at,
        (this.inFront.get(at) ?? []).map((k) => renamed(k, instead)),
      )
    }
    this.inFront.set(first, [...copied, ...(this.inFront.get(first) ?? [])])
    this.last.set(own, reads.filter((at) => at < time).at(-1) ?? made)
    for (const id of chain.flatMap(({ inputs }) => inputs)) if (!copies.has(id)) this.last.set(id, Math.max(this.last.get(id) ?? -1, first))
  }

  result(): Schedule | null {
    const { schedule, buffers, steps, inFront } = this
    if (inFront.size === 0) return null
    return { ...schedule, buffers, steps: steps.flatMap((step, at) => [...(inFront.get(at) ?? []), step]) }
  }
}
