/**
 * A whole schedule as one WebAssembly module with one export, `run(arena)`: 0 when it is done, 1 when it was cancelled.
 *
 * The arena starts with a table of addresses (`slots`): the inputs and outputs of the call, and what moves during a run
 * (the current and next value of a carry, rows of a slab). Then come the buffers of the memory plan, then scratch.
 */
import { type MemoryPlan, planMemory } from "../../compile/memory.js"
import type { BufferType, Carry, Row, Schedule, Step } from "../../compile/schedule.js"
import { sizeOf } from "../../tensor/types.js"
import type { Arithmetic } from "./arithmetic.js"
import { assign, at, forNonEmpty, get, i32, simd } from "./assembly.js"
import { type Code, type Fn, I32, ModuleBuilder } from "./emitter.js"
import { Kernels } from "./kernel.js"
import { Library } from "./library.js"
import { sortScratch } from "./sort.js"

/** The address of the i32 in linear memory that stops a run at the next loop head when it isn't 0. */
export const cancellationAddress = 0

export interface Program {
  readonly module: Uint8Array<ArrayBuffer>
  readonly plan: MemoryPlan
  readonly arenaBytes: number
  /** Offsets in the arena of the table entries of inputs and outputs. */
  readonly inputSlots: readonly number[]
  readonly outputSlots: readonly number[]
  readonly outputTypes: readonly BufferType[]
  readonly description: readonly string[]
}

export const compileProgram = (schedule: Schedule, num: Arithmetic, plan: MemoryPlan = planMemory(schedule)): Program =>
  new ProgramCompiler(schedule, num, plan).compile()

/** Steps in a function; more of them make functions that engines compile slowly. */
const stepsPerFunction = 200

const slotBytes = 4

/** Up to here a copy is written out. */
const fewBytes = 64

/** A multiple of 16 bytes. */
const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16

type Loop = Extract<Step, { readonly t: "loop" | "while" }>
type Cond = Extract<Step, { readonly t: "cond" }>

class ProgramCompiler {
  private readonly m = new ModuleBuilder()
  private readonly library: Library
  private readonly kernels: Kernels
  private readonly arena = this.m.global()
  private readonly slots = new Map<number, number>()
  /** Items that are slices of some loop. They lie in what was sliced, so where one is stacked it must be copied. */
  private readonly sliced = new Set<number>()
  private readonly inputSlots: readonly number[]
  private readonly outputSlots: readonly number[]
  private readonly storage: number
  private readonly scratch: number
  private slotCount = 0
  private scratchBytes = 0
  private readonly description: string[] = []

  constructor(
    private readonly schedule: Schedule,
    private readonly num: Arithmetic,
    private readonly plan: MemoryPlan,
  ) {
    this.library = new Library(this.m, num)
    this.kernels = new Kernels(this.m, this.library)
    this.inputSlots = schedule.inputs.map(() => this.newSlot())
    this.outputSlots = schedule.outputs.map(() => this.newSlot())
    schedule.inputs.forEach((id, k) => void this.slots.set(id, at(this.inputSlots, k)))
    for (const [id, k] of plan.direct) this.slots.set(id, at(this.outputSlots, k))
    this.assignSlots(schedule.steps)
    this.storage = aligned(this.slotCount * slotBytes)
    this.scratch = this.storage + aligned(plan.arena * num.bytes)
  }

  compile(): Program {
    const { schedule, plan } = this
    const run = this.m.fn([I32], [I32], (f) => {
      f.get(0)
      f.globalSet(this.arena)
      this.emitSteps(f, schedule.steps, 0)
      schedule.outputs.forEach((id, k) => {
        if (plan.direct.get(id) !== k) this.copy(f, this.slot(at(this.outputSlots, k)), this.address(id), this.bytesOf(id))
      })
      f.i32(0)
    })
    this.m.export("run", run)
    return {
      module: this.m.finish(),
      plan,
      arenaBytes: this.scratch + this.scratchBytes,
      inputSlots: this.inputSlots,
      outputSlots: this.outputSlots,
      outputTypes: schedule.outputs.map((id) => this.type(id)),
      description: this.description,
    }
  }

  private newSlot(): number {
    return this.slotCount++ * slotBytes
  }

  /** A table entry for every buffer that moves during a run. */
  private assignSlots(steps: readonly Step[]): void {
    const add = (id: number): void => {
      if (!this.slots.has(id)) this.slots.set(id, this.newSlot())
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

  private type(id: number): BufferType {
    return at(this.schedule.buffers, id)
  }

  private bytesOf(id: number): number {
    return sizeOf(this.type(id).shape) * this.num.bytes
  }

  /** An address in the arena. */
  private inArena(offset: number): Code {
    return (f) => {
      f.globalGet(this.arena)
      f.i32(offset)
      f.op([0x6a])
    }
  }

  private slot(offset: number): Code {
    return (f) => {
      f.globalGet(this.arena)
      f.memory([0x28], offset)
    }
  }

  private setSlot(f: Fn, id: number, address: Code): void {
    f.globalGet(this.arena)
    address(f)
    f.memory([0x36], this.slots.get(id) as number)
  }

  private stored(offset: number): Code {
    return this.inArena(this.storage + offset * this.num.bytes)
  }

  private address(id: number): Code {
    const host = this.plan.inPlace.get(id)
    if (host !== undefined) return this.address(host)
    const slot = this.slots.get(id)
    if (slot !== undefined) return this.slot(slot)
    const offset = this.plan.offsets[id] as number
    if (offset < 0) throw new Error(`buffer ${id} is read but never written`)
    return this.stored(offset)
  }

  private copy(f: Fn, to: Code, from: Code, bytes: number): void {
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

  private returnIf(f: Fn, condition: Code): void {
    condition(f)
    f.if(null, () => {
      f.i32(1)
      f.return()
    })
  }

  private checkCancellation(f: Fn): void {
    this.returnIf(f, i32.load(i32.const(cancellationAddress)))
  }

  private emitSteps(f: Fn, steps: readonly Step[], depth: number): void {
    if (steps.length <= stepsPerFunction) {
      for (const step of steps) this.emitStep(f, step, depth)
      return
    }
    for (let from = 0; from < steps.length; from += stepsPerFunction) {
      const part = this.m.fn([], [I32], (g) => {
        this.emitSteps(g, steps.slice(from, from + stepsPerFunction), depth)
        g.i32(0)
      })
      this.returnIf(f, (g) => g.call(part))
    }
  }

  private emitStep(f: Fn, step: Step, depth: number): void {
    switch (step.t) {
      case "kernel":
        return this.emitKernel(f, step, depth)
      case "copy":
        this.describe(depth, `copy [${this.type(step.to).shape.join(", ")}]`)
        return this.copy(f, this.address(step.to), this.address(step.from), this.bytesOf(step.to))
      case "routine":
        return this.emitSort(f, step, depth)
      case "cond":
        return this.emitCond(f, step, depth)
      case "loop":
        return this.emitLoop(f, step, depth)
      case "while":
        return this.emitWhile(f, step, depth)
    }
  }

  private describe(depth: number, line: string): void {
    this.description.push(`${"  ".repeat(depth)}${line}`)
  }

  private emitKernel(f: Fn, step: Extract<Step, { readonly t: "kernel" }>, depth: number): void {
    const kernel = this.kernels.kernel(
      step.nest,
      step.inputs.map((id) => this.type(id).shape),
    )
    const { domain, reduce } = step.nest
    const over = reduce === null ? "" : ` ${reduce.combine} over [${reduce.extent.join(", ")}]`
    this.describe(depth, `${step.name} [${domain.join(", ")}]${over}: ${kernel?.style ?? "empty"}`)
    if (kernel === null) return
    this.scratchBytes = Math.max(this.scratchBytes, kernel.scratchBytes)
    for (const id of [...step.inputs, step.output]) this.address(id)(f)
    this.inArena(this.scratch)(f)
    f.call(kernel.index)
  }

  private emitSort(f: Fn, step: Extract<Step, { readonly t: "routine" }>, depth: number): void {
    const [input, values, positions] = [...step.inputs, ...step.outputs] as [number, number, number]
    const { shape } = this.type(input)
    const length = shape.at(-1) ?? 1
    this.describe(depth, `${step.name} [${shape.join(", ")}]`)
    if (sizeOf(shape) === 0) return
    this.scratchBytes = Math.max(this.scratchBytes, sortScratch(length) * this.num.bytes)
    for (const id of [input, values, positions]) this.address(id)(f)
    f.i32(sizeOf(shape) / length)
    f.i32(length)
    this.inArena(this.scratch)(f)
    f.call(this.library.sort())
  }

  private predicate(id: number): Code {
    return (f) => {
      this.address(id)(f)
      f.memory(this.num.scalar.load, 0)
      this.num.constant(f, 0)
      f.op(this.num.scalar.notEqual)
    }
  }

  private emitCond(f: Fn, step: Cond, depth: number): void {
    const side = (branch: Cond["whenTrue"], name: string): void => {
      this.describe(depth, `${name}:`)
      this.emitSteps(f, branch.steps, depth + 1)
      branch.results.forEach((result, k) => {
        const output = at(step.outputs, k)
        if (this.plan.inPlace.get(result) !== output) this.copy(f, this.address(output), this.address(result), this.bytesOf(output))
      })
    }
    this.predicate(step.predicate)(f)
    f.if(
      null,
      () => side(step.whenTrue, "when true"),
      () => side(step.whenFalse, "when false"),
    )
  }

  private startCarries(f: Fn, carries: readonly Carry[]): void {
    for (const { init, current, next } of carries) {
      if (this.plan.exchanged.has(current)) for (const id of [current, next]) this.setSlot(f, id, this.stored(at(this.plan.offsets, id)))
      this.copy(f, this.address(current), this.address(init), this.bytesOf(current))
    }
  }

  /** `current := next` for all carries at once. */
  private turnCarries(f: Fn, carries: readonly Carry[]): void {
    const { exchanged, staging } = this.plan
    const copied = carries.filter(({ current, next }) => current !== next && !exchanged.has(current))
    for (const { current, next } of copied) {
      const offset = staging.get(current)
      if (offset !== undefined) this.copy(f, this.stored(offset), this.address(next), this.bytesOf(current))
    }
    for (const { current, next } of copied) {
      const offset = staging.get(current)
      const from = offset === undefined ? this.address(next) : this.stored(offset)
      this.copy(f, this.address(current), from, this.bytesOf(current))
    }
    for (const { current, next } of carries) {
      if (!exchanged.has(current)) continue
      const old = f.local(I32)
      assign(f, old, this.address(current))
      this.setSlot(f, current, this.address(next))
      this.setSlot(f, next, get(old))
    }
  }

  private finishCarries(f: Fn, carries: readonly Carry[]): void {
    for (const { current, result } of carries) this.copy(f, this.address(result), this.address(current), this.bytesOf(result))
  }

  private emitLoop(f: Fn, step: Extract<Loop, { readonly t: "loop" }>, depth: number): void {
    const { count, carries, slices, stacks } = step
    this.describe(depth, `loop ${count}${step.reverse ? " in reverse" : ""}:`)
    if (count === 0) {
      for (const { init, result } of carries) this.copy(f, this.address(result), this.address(init), this.bytesOf(result))
      return
    }
    this.startCarries(f, carries)
    const turn = f.local(I32)
    const index = step.reverse ? i32.sub(i32.const(count - 1), get(turn)) : get(turn)
    const row = (slab: number): Code => i32.add(this.address(slab), i32.mul(index, i32.const(this.bytesOf(slab) / count)))
    const inPlace = ({ slab, item }: Row): boolean => this.plan.rows.get(item) === slab && !this.sliced.has(item)
    forNonEmpty(f, turn, i32.const(0), i32.const(count), 1, () => {
      this.checkCancellation(f)
      for (const { slab, item } of [...slices, ...stacks.filter(inPlace)]) this.setSlot(f, item, row(slab))
      this.emitSteps(f, step.body, depth + 1)
      for (const { slab, item } of stacks.filter((r) => !inPlace(r))) this.copy(f, row(slab), this.address(item), this.bytesOf(item))
      this.turnCarries(f, carries)
    })
    this.finishCarries(f, carries)
  }

  private emitWhile(f: Fn, step: Extract<Loop, { readonly t: "while" }>, depth: number): void {
    this.describe(depth, "while:")
    this.startCarries(f, step.carries)
    f.while(
      () => {
        this.checkCancellation(f)
        this.emitSteps(f, step.condition, depth + 1)
        this.predicate(step.predicate)(f)
      },
      () => {
        this.describe(depth, "do:")
        this.emitSteps(f, step.body, depth + 1)
        this.turnCarries(f, step.carries)
      },
    )
    this.finishCarries(f, step.carries)
  }
}
