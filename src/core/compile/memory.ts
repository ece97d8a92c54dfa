/**
 * The memory plan: which virtual buffers of a schedule share storage. A buffer lives from the step that writes it to the
 * last one that reads it; one that is read in a loop but made before it lives to the end of the loop. Storage is given out
 * first-fit in one arena, in the order of the steps.
 *
 * Some buffers need no storage of their own, because they can be written or read where another one lies: a row of a slab,
 * the result of a branch, an output of the program, the next value of a carry, an operand that is read element by element for the last
 * time.
 */
import { sizeOf } from "../tensor/types.js"
import { type Interval, placeIntervals } from "./intervals.js"
import { overwritable } from "./overwriting.js"
import type { Carry, Row, Schedule, Step } from "./schedule.js"

export interface MemoryPlan {
  /** Where each virtual buffer starts in the arena, in elements, a multiple of 4; -1 for one that lies elsewhere or is never written. */
  readonly offsets: readonly number[]
  /** Elements of the arena. */
  readonly arena: number
  /** Elements that a run needs beyond its inputs: the arena and the outputs. */
  readonly peak: number
  /** Items that lie in their slab, item -> slab: all slices, and the stacks that are written in place. */
  readonly rows: ReadonlyMap<number, number>
  /** Results of a branch that are written straight into the output of the `cond`: result -> output. */
  readonly inPlace: ReadonlyMap<number, number>
  /** Buffers that are written straight into an output of the program: buffer -> index of the output. */
  readonly direct: ReadonlyMap<number, number>
  /** Carries that exchange the storage of `current` and `next` after a turn instead of copying, by `current`. */
  readonly exchanged: ReadonlySet<number>
  /** Where a carry's new value waits because it is the old value of another carry of the loop: `current` -> offset in elements. */
  readonly staging: ReadonlyMap<number, number>
}

export interface PlanOptions {
  /** Without reuse, every buffer has storage of its own: what a plan is checked against. */
  readonly reuse?: boolean
  /** Steps that run in turns with the one after them, so that what either needs is there throughout. */
  readonly together?: ReadonlySet<Step>
  /** Buffers that a target keeps elsewhere. */
  readonly elsewhere?: ReadonlyMap<number, unknown>
}

type Loop = Extract<Step, { readonly t: "loop" | "while" }>

export const planMemory = (
  schedule: Schedule,
  { reuse = true, together = new Set(), elsewhere = new Map() }: PlanOptions = {},
): MemoryPlan => {
  const liveness = new Liveness(schedule, together)
  const { sizes, rows, inPlace, direct, exchanged } = liveness
  const overwritten = reuse ? liveness.overwritten(elsewhere) : new Map<number, number>()
  const offsets = new Array<number>(sizes.length).fill(-1)
  const staging = new Map<number, number>()
  const intervals: Interval[] = liveness.staged.map(({ current, time }) => ({
    size: sizes[current] as number,
    start: time,
    end: time,
    place: (offset) => staging.set(current, offset),
  }))
  // from the last step to the first, so that all that ends as an output of the program lies there
  for (const [id, by] of [...overwritten].reverse()) {
    const k = direct.get(by)
    if (k !== undefined) direct.set(id, k)
  }
  const overwriters = new Set(overwritten.values())
  sizes.forEach((size, id) => {
    const start = liveness.start[id] as number
    if (start < 0 || elsewhere.has(id) || rows.has(id) || inPlace.has(id) || direct.has(id) || overwriters.has(id)) return
    const sharing = [id]
    for (let next = overwritten.get(id); next !== undefined; next = overwritten.get(next)) sharing.push(next)
    intervals.push({
      size,
      start,
      end: liveness.end[sharing.at(-1) as number] as number,
      place: (offset) => {
        for (const one of sharing) offsets[one] = offset
      },
    })
  })
  const arena = placeIntervals(intervals, reuse)
  const outputs = schedule.outputs.reduce((sum, id) => sum + (sizes[id] as number), 0)
  return { offsets, arena, peak: arena + outputs, rows, inPlace, direct, exchanged, staging }
}

/** One walk over the steps: when each buffer is written first and read last, and where it can lie in another's place. */
class Liveness {
  readonly sizes: readonly number[]
  /** -1 for buffers that no step writes, such as inputs. */
  readonly start: Float64Array
  readonly end: Float64Array
  readonly rows = new Map<number, number>()
  readonly inPlace = new Map<number, number>()
  readonly direct = new Map<number, number>()
  readonly exchanged = new Set<number>()
  readonly staged: { readonly current: number; readonly time: number }[] = []
  /** Kernels in the order of the steps, with what they may overwrite. */
  private readonly overwriters: { readonly output: number; readonly candidates: readonly number[]; readonly time: number }[] = []
  /** The output of the kernel that read a buffer last, -1 where something else did. */
  private readonly reader: Int32Array
  /** The list of steps that writes a buffer. */
  private readonly block: Int32Array
  private readonly loops: { readonly start: number; readonly used: Set<number> }[] = []
  private time = 0
  private blocks = 0

  constructor(
    private readonly schedule: Schedule,
    private readonly together: ReadonlySet<Step>,
  ) {
    const { buffers } = schedule
    this.sizes = buffers.map((type) => sizeOf(type.shape))
    this.start = new Float64Array(buffers.length).fill(-1)
    this.end = new Float64Array(buffers.length).fill(-1)
    this.block = new Int32Array(buffers.length).fill(-1)
    this.reader = new Int32Array(buffers.length).fill(-1)
    const top = this.walk(schedule.steps)
    schedule.outputs.forEach((id, k) => {
      this.use(id)
      if (this.block[id] === top && !this.direct.has(id)) this.direct.set(id, k)
    })
  }

  private define(id: number, block: number, time = this.time): void {
    this.block[id] = block
    this.start[id] = time
    this.end[id] = Math.max(this.end[id] as number, time)
  }

  private use(id: number, reader = -1): void {
    this.reader[id] = reader
    this.end[id] = Math.max(this.end[id] as number, this.time)
    // made before a loop, read in it: read again in the next turn
    const outermost = this.loops.find((loop) => loop.start > (this.start[id] as number))
    outermost?.used.add(id)
  }

  /** Gives the number of the block. */
  private walk(steps: readonly Step[]): number {
    const block = this.blocks++
    for (const step of steps) {
      switch (step.t) {
        case "kernel":
          this.walkKernel(step, block)
          break
        case "copy":
          this.use(step.from)
          this.define(step.to, block)
          break
        case "routine":
          step.inputs.forEach((id) => this.use(id))
          step.outputs.forEach((id) => this.define(id, block))
          break
        case "cond":
          this.walkCond(step, block)
          break
        default:
          this.walkLoop(step, block)
      }
      if (!this.together.has(step)) this.time++
    }
    return block
  }

  private walkKernel(step: Extract<Step, { readonly t: "kernel" }>, block: number): void {
    // what is made in steps that run in turns is read there row by row; of the rest another of them may read all in every turn
    const isReadInTurns = (id: number): boolean => this.end[id] === this.time && this.start[id] !== this.time
    const candidates = overwritable(step, this.schedule.buffers).filter((id) => !isReadInTurns(id))
    for (const id of step.inputs) this.use(id, step.output)
    this.define(step.output, block)
    if (candidates.length > 0) this.overwriters.push({ output: step.output, candidates, time: this.time })
  }

  /** Buffers that are overwritten by the kernel that reads them last, in the order of the steps: buffer -> its output. */
  overwritten(elsewhere: ReadonlyMap<number, unknown>): ReadonlyMap<number, number> {
    const chosen = new Map<number, number>()
    const hasHome = (id: number): boolean => !elsewhere.has(id) && !this.rows.has(id) && !this.inPlace.has(id)
    for (const { output, candidates, time } of this.overwriters) {
      if (!hasHome(output) || this.start[output] !== time) continue
      const id = candidates.find(
        (c) =>
          hasHome(c) && !this.direct.has(c) && this.reader[c] === output && this.end[c] === time && this.block[c] === this.block[output],
      )
      if (id !== undefined) chosen.set(id, output)
    }
    return chosen
  }

  private walkCond(step: Extract<Step, { readonly t: "cond" }>, block: number): void {
    this.use(step.predicate)
    const start = this.time++
    const early = new Set<number>()
    for (const side of [step.whenTrue, step.whenFalse]) {
      const inner = this.walk(side.steps)
      side.results.forEach((result, k) => {
        const output = step.outputs[k] as number
        if (this.block[result] !== inner || this.inPlace.has(result)) return
        this.inPlace.set(result, output)
        early.add(output)
      })
    }
    for (const side of [step.whenTrue, step.whenFalse]) side.results.forEach((id) => this.use(id))
    for (const id of step.outputs) {
      this.define(id, block)
      if (early.has(id)) this.start[id] = start
    }
  }

  private walkLoop(step: Loop, block: number): void {
    const { carries } = step
    const slices: readonly Row[] = step.t === "loop" ? step.slices : []
    const stacks: readonly Row[] = step.t === "loop" ? step.stacks : []
    for (const { init } of carries) this.use(init)
    const start = this.time
    for (const { current } of carries) this.define(current, -1)
    for (const { slab } of stacks) this.define(slab, block)
    this.time++

    const loop = { start, used: new Set<number>() }
    this.loops.push(loop)
    for (const { slab, item } of slices) {
      this.use(slab)
      this.rows.set(item, slab)
    }
    if (step.t === "while") {
      this.walk(step.condition)
      this.use(step.predicate)
      this.time++
    }
    const body = this.walk(step.body)
    for (const { next } of carries) this.use(next)
    for (const { item } of stacks) this.use(item)
    this.loops.pop()

    const end = this.time
    const liveThrough = [...loop.used, ...carries.map((c) => c.current), ...stacks.map((s) => s.slab)]
    for (const id of liveThrough) this.end[id] = Math.max(this.end[id] as number, end)
    // without a turn, results are copied from the initial values
    if (step.t === "loop" && step.count === 0) for (const { init } of carries) this.use(init)
    this.placeStacks(stacks, carries, body)
    this.placeCarries(carries, body, start, end)
    for (const { result } of carries) this.define(result, block)
  }

  private placeStacks(stacks: readonly Row[], carries: readonly Carry[], body: number): void {
    const nexts = new Set(carries.map((c) => c.next))
    for (const { item, slab } of stacks)
      if (this.block[item] === body && !nexts.has(item) && !this.rows.has(item)) this.rows.set(item, slab)
  }

  private placeCarries(carries: readonly Carry[], body: number, start: number, end: number): void {
    const currents = new Set(carries.map((c) => c.current))
    const times = new Map<number, number>()
    for (const { next } of carries) times.set(next, (times.get(next) ?? 0) + 1)
    for (const { current, next } of carries) {
      if (this.block[next] === body && times.get(next) === 1) {
        this.exchanged.add(current)
        this.start[next] = start
        this.end[next] = end
      } else if (next !== current && currents.has(next)) this.staged.push({ current, time: end })
    }
  }
}
