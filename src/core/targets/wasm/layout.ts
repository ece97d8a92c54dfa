/**
 * Where the buffers of a schedule lie during a run. The arena starts with a table of addresses (`slots`): the inputs and
 * outputs of the call, and what moves during a run (the current and next value of a carry, rows of a slab). Then come the
 * buffers of the memory plan, then scratch.
 */
import type { MemoryPlan } from "../../compile/memory.js"
import type { BufferType, Row, Schedule, Step } from "../../compile/schedule.js"
import { sizeOf } from "../../tensor/types.js"
import type { Arithmetic } from "./arithmetic.js"
import { at, simd } from "./assembly.js"
import type { Code, Fn } from "./emitter.js"
import type { Frames } from "./frames.js"

const slotBytes = 4

/** Up to here a copy is written out. */
const fewBytes = 64

/** A multiple of 16 bytes. */
const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16

export class Layout {
  /** Offsets in the arena of the table entries of inputs and outputs. */
  readonly inputSlots: readonly number[]
  readonly outputSlots: readonly number[]
  private readonly slots = new Map<number, number>()
  /** Items that are slices of some loop. They lie in what was sliced, so where one is stacked it must be copied. */
  private readonly sliced = new Set<number>()
  private readonly storage: number
  /** Where the frames start in the arena. */
  readonly frameStart: number
  private readonly scratchStart: number
  private slotCount = 0
  private scratchBytes = 0

  /**
   * `arena`: the global that holds the address of the arena; `frame`: that of the frame of the running thread. There are as many frames
   * as threads.
   */
  constructor(
    private readonly schedule: Schedule,
    private readonly num: Arithmetic,
    private readonly plan: MemoryPlan,
    private readonly frames: Frames,
    private readonly arena: number,
    private readonly frame: number,
    threads: number,
  ) {
    this.inputSlots = schedule.inputs.map(() => this.newSlot())
    this.outputSlots = schedule.outputs.map(() => this.newSlot())
    schedule.inputs.forEach((id, k) => void this.slots.set(id, at(this.inputSlots, k)))
    for (const [id, k] of plan.direct) this.slots.set(id, at(this.outputSlots, k))
    this.assignSlots(schedule.steps)
    this.storage = aligned(this.slotCount * slotBytes)
    this.frameStart = this.storage + aligned(plan.arena * num.bytes)
    this.scratchStart = this.frameStart + threads * frames.bytes
  }

  private newSlot(): number {
    return this.slotCount++ * slotBytes
  }

  /** A table entry for every buffer that moves during a run. */
  private assignSlots(steps: readonly Step[]): void {
    const add = (id: number): void => {
      if (!this.slots.has(id) && !this.frames.slots.has(id)) this.slots.set(id, this.newSlot())
    }
    for (const step of steps) {
      if (step.t === "cond") {
        this.assignSlots(step.whenTrue.steps)
        this.assignSlots(step.whenFalse.steps)
      } else if (step.t === "loop" || step.t === "while") {
        for (const { current, next } of step.carries) if (this.plan.exchanged.has(current)) [current, next].forEach(add)
        if (step.t === "loop") {
          for (const { item } of step.slices) {
            add(item)
            this.sliced.add(item)
          }
          for (const { item, slab } of step.stacks) if (this.plan.rows.get(item) === slab) add(item)
        }
        if (step.t === "while") this.assignSlots(step.condition)
        this.assignSlots(step.body)
      }
    }
  }

  /** Whether an item is made where it is stacked. */
  isStackedInPlace({ slab, item }: Row): boolean {
    return this.plan.rows.get(item) === slab && !this.sliced.has(item)
  }

  type(id: number): BufferType {
    return at(this.schedule.buffers, id)
  }

  bytesOf(id: number): number {
    return sizeOf(this.type(id).shape) * this.num.bytes
  }

  /** Bytes of the arena; known when all steps are emitted. */
  get bytes(): number {
    return this.scratchStart + this.scratchBytes
  }

  /** Memory that one step may use, at least so many bytes. */
  scratch(bytes: number): Code {
    this.scratchBytes = Math.max(this.scratchBytes, bytes)
    return this.inArena(this.scratchStart)
  }

  private inArena(offset: number): Code {
    return (f) => {
      f.globalGet(this.arena)
      f.i32(offset)
      f.op([0x6a])
    }
  }

  /** The address in a table entry. */
  slot(offset: number): Code {
    return (f) => {
      f.globalGet(this.arena)
      f.memory([0x28], offset)
    }
  }

  setSlot(f: Fn, id: number, address: Code): void {
    const inFrame = this.frames.slots.get(id)
    f.globalGet(inFrame === undefined ? this.arena : this.frame)
    address(f)
    f.memory([0x36], inFrame ?? (this.slots.get(id) as number))
  }

  /** The storage that a buffer has of its own. */
  home(id: number): Code {
    const offset = this.frames.offsets.get(id)
    if (offset === undefined) return this.stored(at(this.plan.offsets, id))
    return (f) => {
      f.globalGet(this.frame)
      f.i32(offset)
      f.op([0x6a])
    }
  }

  /** An address in the storage of the memory plan. */
  stored(offset: number): Code {
    return this.inArena(this.storage + offset * this.num.bytes)
  }

  address(id: number): Code {
    const host = this.plan.inPlace.get(id)
    if (host !== undefined) return this.address(host)
    const inFrame = this.frames.slots.get(id)
    if (inFrame !== undefined)
      return (f) => {
        f.globalGet(this.frame)
        f.memory([0x28], inFrame)
      }
    if (this.frames.offsets.has(id)) return this.home(id)
    const slot = this.slots.get(id)
    if (slot !== undefined) return this.slot(slot)
    const offset = this.plan.offsets[id] as number
    if (offset < 0) throw new Error(`buffer ${id} is read but never written`)
    return this.stored(offset)
  }

  copy(f: Fn, to: Code, from: Code, bytes: number): void {
    if (bytes === 0) return
    if (bytes > fewBytes) {
      to(f)
      from(f)
      f.i32(bytes)
      f.op([0xfc, 10, 0, 0])
      return
    }
    // a call of the engine's copy would take longer
    for (let done = 0; done < bytes; ) {
      const step = bytes - done >= 16 ? 16 : 4
      to(f)
      from(f)
      f.memory(step === 16 ? simd(0) : [0x28], done)
      f.memory(step === 16 ? simd(11) : [0x36], done)
      done += step
    }
  }

  copyBuffer(f: Fn, to: number, from: number): void {
    this.copy(f, this.address(to), this.address(from), this.bytesOf(to))
  }
}
