/** A whole schedule as one WebAssembly module with an export `run(arena)`: 0 when it is done, 1 when it was cancelled, 2 when a thread was lost. */
import { type MemoryPlan, planMemory } from "../../compile/memory.js"
import type { BufferType, Schedule, Step } from "../../compile/schedule.js"
import type { Arithmetic } from "./arithmetic.js"
import { at, forNonEmpty, get, i32 } from "./assembly.js"
import { finishCarries, startCarries, turnCarries } from "./carries.js"
import { type Chain, chainsOf } from "./chains.js"
import { type Code, type Fn, type HostFunction, I32, ModuleBuilder } from "./emitter.js"
import { type Frames, framesOf } from "./frames.js"
import { costOf, type Phase } from "./kernel.js"
import { Layout } from "./layout.js"
import { type LeafOptions, Leaves, type StepOf } from "./leaves.js"
import { Team } from "./threads/team.js"

/** The address of the i32 in linear memory that stops a run at the next loop head when it isn't 0. */
export const cancellationAddress = 0

export interface Program {
  readonly module: Uint8Array<ArrayBuffer>
  readonly plan: MemoryPlan
  readonly arenaBytes: number
  /** Offsets in the arena where the addresses of inputs and outputs are expected. */
  readonly inputSlots: readonly number[]
  readonly outputSlots: readonly number[]
  readonly outputTypes: readonly BufferType[]
  /** A line a step. */
  readonly description: readonly string[]
  /** Whether other threads have a part in it. */
  readonly jobs: boolean
}

export interface CompileOptions extends LeafOptions {
  readonly plan?: MemoryPlan
  /** Above 1, memory is shared, and large kernels are jobs for so many threads. Default 1. */
  readonly threads?: number
}

export const compileProgram = (schedule: Schedule, num: Arithmetic, options: CompileOptions = {}): Program =>
  new ProgramCompiler(schedule, num, options).compile()

/** Steps in a function; more of them make functions that engines compile slowly. */
const stepsPerFunction = 200

const noFrames: Frames = { loops: new Set(), offsets: new Map(), slots: new Map(), bytes: 0 }

/** Nanoseconds of kernels within loops, roughly. */
const costOfSteps = (steps: readonly Step[]): number =>
  steps.reduce(
    (sum, step) => sum + (step.t === "loop" ? step.count * costOfSteps(step.body) : step.t === "kernel" ? costOf(step.nest, "vector") : 0),
    0,
  )

class ProgramCompiler {
  private readonly m: ModuleBuilder
  private readonly arena: number
  private readonly layout: Layout
  private readonly leaves: Leaves
  private readonly plan: MemoryPlan
  private readonly chains: ReadonlyMap<Step, Chain>
  private readonly frames: Frames
  private readonly frame: number
  private readonly team: Team | null
  /** The global that holds the number of the thread, 0 for the one that runs the program. */
  private readonly worker: number

  constructor(
    private readonly schedule: Schedule,
    private readonly num: Arithmetic,
    { plan, threads = 1, ...options }: CompileOptions,
  ) {
    // another plan knows nothing of chains
    this.chains = plan === undefined ? chainsOf(schedule, num.bytes) : new Map()
    this.frames = plan === undefined ? framesOf(schedule, num.bytes) : noFrames
    const together = new Set([...this.chains.values()].flatMap(({ steps }): readonly Step[] => steps.slice(0, -1)))
    this.plan = plan ?? planMemory(schedule, { together, elsewhere: this.frames.offsets })
    const host: HostFunction[] = []
    if (options.profile === true) host.push({ name: "mark", params: [I32], results: [] })
    const stalled = threads > 1 ? host.push({ name: "stalled", params: [I32], results: [I32] }) - 1 : -1
    this.m = new ModuleBuilder(host, threads > 1)
    this.arena = this.m.global()
    this.frame = this.m.global()
    this.worker = this.m.global()
    this.team = threads > 1 ? new Team(this.m, threads, stalled, this.worker) : null
    this.layout = new Layout(schedule, num, this.plan, this.frames, this.arena, this.frame, threads)
    this.leaves = new Leaves(this.m, num, this.layout, this.team, options)
  }

  compile(): Program {
    const { schedule, plan, layout } = this
    const run = this.m.fn([I32], [I32], (f) => {
      f.get(0)
      f.globalSet(this.arena)
      this.emitSteps(f, schedule.steps, 0)
      schedule.outputs.forEach((id, k) => {
        if (plan.direct.get(id) !== k) layout.copy(f, layout.slot(at(layout.outputSlots, k)), layout.address(id), layout.bytesOf(id))
      })
      this.leaves.done(f)
      f.i32(0)
    })
    this.m.export("run", run)
    this.team?.define()
    return {
      module: this.m.finish(),
      plan,
      arenaBytes: layout.bytes,
      inputSlots: layout.inputSlots,
      outputSlots: layout.outputSlots,
      outputTypes: schedule.outputs.map((id) => layout.type(id)),
      description: this.leaves.description,
      jobs: this.team?.gives ?? false,
    }
  }

  private checkCancellation(f: Fn): void {
    // a turn is short, and ends as a whole
    if (this.leaves.alone) return
    this.leaves.returnIf(f, i32.load(i32.const(cancellationAddress)))
  }

  private emitSteps(f: Fn, steps: readonly Step[], depth: number): void {
    if (steps.length <= stepsPerFunction) {
      for (let i = 0; i < steps.length; ) {
        const chain = this.chains.get(at(steps, i))
        if (chain !== undefined && i + chain.steps.length <= steps.length) {
          this.leaves.chain(f, chain, depth)
          i += chain.steps.length
        } else this.emitStep(f, at(steps, i++), depth)
      }
      return
    }
    for (let from = 0; from < steps.length; from += stepsPerFunction) {
      const part = this.m.fn([], [I32], (g) => {
        this.emitSteps(g, steps.slice(from, from + stepsPerFunction), depth)
        g.i32(0)
      })
      this.leaves.returnIf(f, (g) => g.call(part))
    }
  }

  private emitStep(f: Fn, step: Step, depth: number): void {
    switch (step.t) {
      case "kernel":
      case "copy":
      case "routine":
        return this.leaves.emit(f, step, depth)
      case "cond":
        return this.emitCond(f, step, depth)
      case "loop":
        return this.emitLoop(f, step, depth)
      case "while":
        return this.emitWhile(f, step, depth)
    }
  }

  private predicate(id: number): Code {
    return (f) => {
      this.layout.address(id)(f)
      f.memory(this.num.scalar.load, 0)
      this.num.constant(f, 0)
      f.op(this.num.scalar.notEqual)
    }
  }

  private emitCond(f: Fn, step: StepOf<"cond">, depth: number): void {
    const side = (branch: StepOf<"cond">["whenTrue"], name: string): void => {
      this.leaves.describe(depth, `${name}:`)
      this.emitSteps(f, branch.steps, depth + 1)
      branch.results.forEach((result, k) => {
        const output = at(step.outputs, k)
        if (this.plan.inPlace.get(result) !== output) this.layout.copyBuffer(f, output, result)
      })
    }
    this.predicate(step.predicate)(f)
    f.if(
      null,
      () => side(step.whenTrue, "when true"),
      () => side(step.whenFalse, "when false"),
    )
  }

  private emitLoop(f: Fn, step: StepOf<"loop">, depth: number): void {
    const { layout, plan } = this
    const { count, carries, slices, stacks } = step
    this.leaves.describe(depth, `loop ${count}${step.reverse ? " in reverse" : ""}:`)
    if (count === 0) {
      for (const { init, result } of carries) layout.copyBuffer(f, result, init)
      return
    }
    if (this.frames.loops.has(step) && !this.leaves.alone) return this.emitFreeLoop(f, step, depth)
    startCarries(f, layout, plan, carries)
    const turn = f.local(I32)
    const index = step.reverse ? i32.sub(i32.const(count - 1), get(turn)) : get(turn)
    const row = (slab: number): Code => i32.add(layout.address(slab), i32.mul(index, i32.const(layout.bytesOf(slab) / count)))
    const placed = stacks.filter((r) => layout.isStackedInPlace(r))
    const copied = stacks.filter((r) => !layout.isStackedInPlace(r))
    forNonEmpty(f, turn, i32.const(0), i32.const(count), 1, () => {
      this.checkCancellation(f)
      for (const { slab, item } of [...slices, ...placed]) layout.setSlot(f, item, row(slab))
      this.emitSteps(f, step.body, depth + 1)
      for (const { slab, item } of copied) layout.copy(f, row(slab), layout.address(item), layout.bytesOf(item))
      turnCarries(f, layout, plan, carries)
    })
    finishCarries(f, layout, carries)
  }

  /** A loop whose turns any thread can take. */
  private emitFreeLoop(f: Fn, step: StepOf<"loop">, depth: number): void {
    const { layout } = this
    const { count, slices, stacks } = step
    this.leaves.alone = true
    const index = this.m.fn([I32, I32, I32], [], (g) => {
      g.get(0)
      g.globalSet(this.arena)
      const start = i32.mul((h) => h.globalGet(this.worker), i32.const(this.frames.bytes))
      i32.add(i32.add(get(0), i32.const(layout.frameStart)), start)(g)
      g.globalSet(this.frame)
      const turn = g.local(I32)
      const at = step.reverse ? i32.sub(i32.const(count - 1), get(turn)) : get(turn)
      forNonEmpty(g, turn, get(1), get(2), 1, () => {
        for (const { slab, item } of [...slices, ...stacks])
          layout.setSlot(g, item, i32.add(layout.address(slab), i32.mul(at, i32.const(layout.bytesOf(slab) / count))))
        this.emitSteps(g, step.body, depth + 1)
      })
    })
    this.leaves.alone = false
    const phase: Phase = { index, args: 1, extent: count, grain: 1, streams: false }
    this.leaves.call(f, { phases: [phase], style: "vector", cost: costOfSteps([step]) }, [(g) => g.globalGet(this.arena)])
  }

  private emitWhile(f: Fn, step: StepOf<"while">, depth: number): void {
    const { layout, plan } = this
    this.leaves.describe(depth, "while:")
    startCarries(f, layout, plan, step.carries)
    f.while(
      () => {
        this.checkCancellation(f)
        this.emitSteps(f, step.condition, depth + 1)
        this.predicate(step.predicate)(f)
      },
      () => {
        this.leaves.describe(depth, "do:")
        this.emitSteps(f, step.body, depth + 1)
        turnCarries(f, layout, plan, step.carries)
      },
    )
    finishCarries(f, layout, step.carries)
  }
}
