/** A session of the wasm target: one linear memory for all of its programs, so a buffer goes into any of them without being copied. */
import * as E from "fp-ts/lib/Either.js"
import type { BufferType, Schedule } from "../../compile/schedule.js"
import { type RunError, TraceError, traceFailure } from "../../errors.js"
import type { Graph } from "../../graph/graph.js"
import { after, type Soon } from "../../soon.js"
import { sameShape, sizeOf } from "../../tensor/types.js"
import type { Cancellation, Capabilities, DeviceBuffer, Executable, LoadOptions, TargetName, TargetSession } from "../target.js"
import { type Arithmetic, arithmetic } from "./arithmetic.js"
import { at } from "./assembly.js"
import { checkWholeNumbers } from "./exactness.js"
import { SessionMemory } from "./memory.js"
import { Profile } from "./profile.js"
import { type CompileOptions, cancellationAddress, compileProgram, type Program } from "./program.js"
import { Pool } from "./threads/pool.js"
import { SharedProgram } from "./threads/shared-program.js"

export type BuildSchedule = (graph: Graph, capabilities: Capabilities) => Schedule

export const capabilitiesOf = (precision: Arithmetic["precision"]): Capabilities => ({
  precision,
  scatter: true,
  partialWrites: true,
  // engines allow 1000 parameters of a function
  maxInputs: 900,
  // offsets in bytes must fit 31 bits
  maxElements: precision === "float32" ? 2 ** 29 - 1 : 2 ** 28 - 1,
  routines: true,
  lanes: arithmetic[precision].width,
})

/** How a session computes; what is beside `threads` is for tests, which can't wait and have small kernels. */
export interface SessionOptions extends Pick<CompileOptions, "threads" | "jobsFrom" | "slice"> {
  /** Milliseconds without any progress after which a thread is given up. */
  readonly patience?: number
}

const noMark = (): void => undefined
const noStall = (): number => 1

/** Ends a run whose job will not. */
class Stalled extends Error {}

export class WasmSession implements TargetSession {
  readonly capabilities: Capabilities
  private readonly memory: SessionMemory
  private readonly pool: Pool | null
  private readonly num: Arithmetic
  private closed = false

  constructor(
    private readonly name: TargetName,
    precision: Arithmetic["precision"],
    private readonly buildSchedule: BuildSchedule,
    private readonly options: SessionOptions = {},
  ) {
    const { threads = 1, patience } = options
    this.num = arithmetic[precision]
    this.memory = new SessionMemory(this.num, threads > 1)
    this.pool = threads > 1 ? new Pool(this.memory.memory, threads, patience) : null
    this.capabilities = capabilitiesOf(precision)
  }

  /** Starts the other threads, where there are to be any; says why they can't be, or null. */
  async start(): Promise<string | null> {
    return this.pool === null ? null : this.pool.start()
  }

  private failure(message: string): RunError {
    return { _tag: "TargetFailure", target: this.name, message: `${this.name}: ${message}` }
  }

  private caught(error: unknown): RunError {
    if (error instanceof TraceError) return traceFailure(error)
    return this.failure(error instanceof Error ? error.message : String(error))
  }

  private cancelled(): RunError {
    return { _tag: "Cancelled", message: `${this.name}: the run was cancelled; its inputs are as they were` }
  }

  private stale(what: string): RunError {
    const why = this.closed ? "the session was closed" : "it was freed, or belongs to another session"
    return { _tag: "StaleHandle", message: `${this.name}: ${what} can't be used: ${why}; make a new one in an open session` }
  }

  private outOfMemory(bytes: number): RunError {
    return this.failure(`there is no room for ${bytes} more bytes; free buffers, use a smaller batch, or another target`)
  }

  // Properties, not methods, so that each can be handed on alone.
  readonly upload = (data: ArrayLike<number>, type: BufferType): E.Either<RunError, DeviceBuffer> => {
    const size = sizeOf(type.shape)
    if (this.closed) return E.left(this.stale("this session"))
    if (data.length !== size)
      return E.left(this.failure(`expected ${size} elements for the shape [${type.shape.join(", ")}], found ${data.length}`))
    const { memory } = this
    const bytes = memory.byteLength(type)
    const address = memory.allocate(bytes)
    if (address < 0) return E.left(this.outOfMemory(bytes))
    const view = memory.view(address, size)
    view.set(data)
    const rounded = type.elem === "int" ? view.findIndex((x, i) => x !== data[i]) : -1
    if (rounded < 0) return E.right(memory.hold(type, address))
    memory.release(address, bytes)
    return E.left({
      _tag: "TraceError",
      at: null,
      message: `${this.name}: element ${rounded} of an int tensor is ${data[rounded]}, which its ${this.num.precision} can't hold exactly; use whole numbers up to 2^${this.num.bytes === 4 ? 24 : 53}`,
    })
  }

  readonly read = (buffer: DeviceBuffer) => (): E.Either<RunError, Float64Array> => {
    const address = this.memory.addressOf(buffer)
    return address < 0 ? E.left(this.stale("this buffer")) : E.right(new Float64Array(this.memory.view(address, sizeOf(buffer.type.shape))))
  }

  readonly free = (buffer: DeviceBuffer): void => this.memory.free(buffer)

  readonly bytesInUse = (): number => this.memory.inUse

  readonly close = async (): Promise<void> => {
    this.closed = true
    this.memory.close()
    await this.pool?.close()
  }

  readonly load = (graph: Graph, options: LoadOptions = {}): E.Either<RunError, Executable> => {
    const schedule = E.tryCatch(
      () => this.buildSchedule(graph, this.capabilities),
      (error) => this.caught(error),
    )
    return E.isLeft(schedule) ? schedule : this.loadSchedule(schedule.right, options)
  }

  /** Compiles a schedule; another memory plan than its own can be given. */
  readonly loadSchedule = (schedule: Schedule, options: CompileOptions = {}): E.Either<RunError, Executable> => {
    if (this.closed) return E.left(this.stale("this session"))
    const tooLarge = schedule.buffers.find((type) => sizeOf(type.shape) > this.capabilities.maxElements)
    if (tooLarge !== undefined)
      return E.left(
        this.failure(`a buffer of shape [${tooLarge.shape.join(", ")}] has more than ${this.capabilities.maxElements} elements`),
      )
    return E.tryCatch(
      () => {
        if (this.num.precision === "float32") checkWholeNumbers(schedule)
        const program = compileProgram(schedule, this.num, { ...this.options, ...options })
        const profile = options.profile === true ? new Profile(program.description.length) : null
        const env = { memory: this.memory.memory, mark: profile?.mark ?? noMark, stalled: this.pool?.stalled ?? noStall }
        const module = new WebAssembly.Module(program.module)
        const instance = new WebAssembly.Instance(module, { env })
        const types = schedule.inputs.map((id) => at(schedule.buffers, id))
        const run = instance.exports.run as (arena: number) => number
        const shared = this.pool !== null && program.jobs ? new SharedProgram(this.pool, module) : null
        const enter = profile?.timed(run) ?? run
        return this.executable(program, types, enter, profile, shared)
      },
      (error) => this.caught(error),
    )
  }

  private executable(
    program: Program,
    types: readonly BufferType[],
    enter: (arena: number) => number,
    profile: Profile | null,
    shared: SharedProgram | null,
  ): Executable {
    let disposed = false
    const outputBytes = program.outputTypes.reduce((sum, type) => sum + this.memory.byteLength(type), 0)
    return {
      run: (inputs, cancellation) => () => {
        if (disposed) return E.left({ _tag: "StaleHandle", message: `${this.name}: this program was disposed of; compile it again` })
        if (shared === null) return this.run(program, types, enter, inputs, cancellation)
        return shared.ready().then(() => {
          const lost = this.lost()
          if (lost !== null) return E.left(lost)
          return this.run(program, types, (arena) => shared.during(() => enter(arena)), inputs, cancellation)
        })
      },
      peakBytes: program.arenaBytes + outputBytes,
      describe: () => profile?.lines(program.description) ?? program.description,
      dispose: () => {
        disposed = true
        shared?.dispose()
      },
    }
  }

  /** Tells once that the other threads are gone; null otherwise. */
  private lost(): RunError | null {
    const why = this.pool?.loss() ?? null
    if (why === null) return null
    return this.failure(`a worker thread is gone (${why}); inputs are as they were, and from now on this session runs on one thread`)
  }

  /** What a run that broke off gives, when other threads have no part in it any more: then its storage can be given back. */
  private brokenOff(error: unknown): Soon<RunError> {
    const given = this.pool?.works === true ? this.pool.giveUp(error instanceof Stalled ? undefined : String(error)) : undefined
    return after(given, () => this.lost() ?? this.caught(error))
  }

  /** Gives back what a run had taken that comes to nothing. */
  private giveBack(program: Program, arena: number, outputs: readonly number[], error: RunError): E.Either<RunError, never> {
    this.memory.release(arena, program.arenaBytes)
    for (const [k, address] of outputs.entries()) this.memory.release(address, this.memory.byteLength(at(program.outputTypes, k)))
    return E.left(error)
  }

  private run(
    program: Program,
    types: readonly BufferType[],
    enter: (arena: number) => number,
    inputs: readonly DeviceBuffer[],
    cancellation: Cancellation,
  ): Soon<E.Either<RunError, readonly DeviceBuffer[]>> {
    if (this.closed) return E.left(this.stale("this session"))
    if (inputs.length !== types.length) return E.left(this.failure(`expected ${types.length} inputs, found ${inputs.length}`))
    const { memory } = this
    const addresses: number[] = []
    for (let k = 0; k < inputs.length; k++) {
      const [buffer, type] = [at(inputs, k), at(types, k)]
      const address = memory.addressOf(buffer)
      if (address < 0) return E.left(this.stale(`input ${k}`))
      if (!sameShape(buffer.type.shape, type.shape))
        return E.left(this.failure(`input ${k}: expected shape [${type.shape.join(", ")}], found [${buffer.type.shape.join(", ")}]`))
      addresses.push(address)
    }
    const arena = memory.allocate(program.arenaBytes)
    if (arena < 0) return E.left(this.outOfMemory(program.arenaBytes))
    const outputs: number[] = []
    for (const type of program.outputTypes) {
      const address = memory.allocate(memory.byteLength(type))
      if (address < 0) return this.giveBack(program, arena, outputs, this.outOfMemory(memory.byteLength(type)))
      outputs.push(address)
    }
    const { words } = memory
    program.inputSlots.forEach((slot, k) => {
      words[(arena + slot) / 4] = at(addresses, k)
    })
    program.outputSlots.forEach((slot, k) => {
      words[(arena + slot) / 4] = at(outputs, k)
    })
    words[cancellationAddress / 4] = cancellation.cancelled ? 1 : 0
    try {
      const code = cancellation.cancelled ? 1 : enter(arena)
      if (code === 2) throw new Stalled("another thread does not go on")
      if (code !== 0) return this.giveBack(program, arena, outputs, this.cancelled())
    } catch (error) {
      return after(this.brokenOff(error), (failure) => this.giveBack(program, arena, outputs, failure))
    }
    memory.release(arena, program.arenaBytes)
    return E.right(program.outputTypes.map((type, k) => memory.hold(type, at(outputs, k))))
  }
}
