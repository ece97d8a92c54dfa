/**
 * A session of the wasm target: one linear memory that grows, in which device buffers and the arenas of running programs
 * lie side by side, so a buffer goes into any program without being copied. The first 16 bytes hold the cancellation word.
 */
import * as E from "fp-ts/lib/Either.js"
import type { BufferType, Schedule } from "../../compile/schedule.js"
import { type RunError, TraceError, traceFailure } from "../../errors.js"
import type { Graph } from "../../graph/graph.js"
import { sameShape, sizeOf } from "../../tensor/types.js"
import type { Cancellation, Capabilities, DeviceBuffer, Executable, LoadOptions, TargetName, TargetSession } from "../target.js"
import { Allocator } from "./allocator.js"
import { type Arithmetic, arithmetic } from "./arithmetic.js"
import { at } from "./assembly.js"
import { mostPages } from "./emitter.js"
import { checkWholeNumbers } from "./exactness.js"
import { Profile } from "./profile.js"
import { type CompileOptions, cancellationAddress, compileProgram, type Program } from "./program.js"
import { controlBytes } from "./threads/control.js"
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

const pageBytes = 65536

/** How a session computes; what is beside `threads` is for tests, which can't wait and have small kernels. */
export interface SessionOptions extends Pick<CompileOptions, "threads" | "jobsFrom"> {
  /** Milliseconds without any progress after which a thread is given up. */
  readonly patience?: number
}

const noMark = (): void => undefined
const noStall = (): number => 1

/** Ends a run whose job will not. */
class Stalled extends Error {}

export class WasmSession implements TargetSession {
  readonly capabilities: Capabilities
  private readonly memory: WebAssembly.Memory
  private readonly allocator: Allocator
  private readonly pool: Pool | null
  private readonly addresses = new Map<DeviceBuffer, number>()
  private readonly num: Arithmetic
  private bytes = 0
  private closed = false

  constructor(
    private readonly name: TargetName,
    precision: Arithmetic["precision"],
    private readonly buildSchedule: BuildSchedule,
    private readonly options: SessionOptions = {},
  ) {
    const { threads = 1, patience } = options
    this.memory = new WebAssembly.Memory(threads > 1 ? { initial: 1, maximum: mostPages, shared: true } : { initial: 1 })
    this.allocator = new Allocator(controlBytes, pageBytes, (bytes) => this.grow(bytes))
    this.pool = threads > 1 ? new Pool(this.memory, threads, patience) : null
    this.num = arithmetic[precision]
    this.capabilities = capabilitiesOf(precision)
  }

  /** Starts the other threads, where there are to be any; says why they can't be, or null. */
  async start(): Promise<string | null> {
    return this.pool === null ? null : this.pool.start()
  }

  private grow(bytes: number): number {
    try {
      this.memory.grow(Math.ceil(bytes / pageBytes))
    } catch {
      // the engine has no more: the size stays as it was
    }
    return this.memory.buffer.byteLength
  }

  private failure(message: string): RunError {
    return { _tag: "TargetFailure", target: this.name, message: `${this.name}: ${message}` }
  }

  private caught(error: unknown): RunError {
    if (error instanceof TraceError) return traceFailure(error)
    return this.failure(error instanceof Error ? error.message : String(error))
  }

  private stale(what: string): RunError {
    const why = this.closed ? "the session was closed" : "it was freed, or belongs to another session"
    return { _tag: "StaleHandle", message: `${this.name}: ${what} can't be used: ${why}; make a new one in an open session` }
  }

  private outOfMemory(bytes: number): RunError {
    return this.failure(`there is no room for ${bytes} more bytes; free buffers, use a smaller batch, or another target`)
  }

  private view(address: number, length: number): Float32Array | Float64Array {
    return this.num.bytes === 4
      ? new Float32Array(this.memory.buffer, address, length)
      : new Float64Array(this.memory.buffer, address, length)
  }

  private byteLength(type: BufferType): number {
    return sizeOf(type.shape) * this.num.bytes
  }

  private hold(type: BufferType, address: number): DeviceBuffer {
    const buffer: DeviceBuffer = { type }
    this.addresses.set(buffer, address)
    this.bytes += this.byteLength(type)
    return buffer
  }

  // Properties, not methods, so that each can be handed on alone.
  readonly upload = (data: ArrayLike<number>, type: BufferType): E.Either<RunError, DeviceBuffer> => {
    const size = sizeOf(type.shape)
    if (this.closed) return E.left(this.stale("this session"))
    if (data.length !== size)
      return E.left(this.failure(`expected ${size} elements for the shape [${type.shape.join(", ")}], found ${data.length}`))
    const address = this.allocator.allocate(this.byteLength(type))
    if (address < 0) return E.left(this.outOfMemory(this.byteLength(type)))
    const view = this.view(address, size)
    view.set(data)
    const rounded = type.elem === "int" ? view.findIndex((x, i) => x !== data[i]) : -1
    if (rounded < 0) return E.right(this.hold(type, address))
    this.allocator.release(address)
    return E.left({
      _tag: "TraceError",
      at: null,
      message: `${this.name}: element ${rounded} of an int tensor is ${data[rounded]}, which its ${this.num.precision} can't hold exactly; use whole numbers up to 2^${this.num.bytes === 4 ? 24 : 53}`,
    })
  }

  readonly read = (buffer: DeviceBuffer) => async (): Promise<E.Either<RunError, Float64Array>> => {
    const address = this.addresses.get(buffer)
    return address === undefined
      ? E.left(this.stale("this buffer"))
      : E.right(new Float64Array(this.view(address, sizeOf(buffer.type.shape))))
  }

  readonly free = (buffer: DeviceBuffer): void => {
    const address = this.addresses.get(buffer)
    if (address === undefined) return
    this.addresses.delete(buffer)
    this.bytes -= this.byteLength(buffer.type)
    this.allocator.release(address)
  }

  readonly bytesInUse = (): number => this.bytes

  readonly close = async (): Promise<void> => {
    this.closed = true
    this.addresses.clear()
    this.bytes = 0
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
        const env = { memory: this.memory, mark: profile?.mark ?? noMark, stalled: this.pool?.stalled ?? noStall }
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
    const outputBytes = program.outputTypes.reduce((sum, type) => sum + this.byteLength(type), 0)
    return {
      run: (inputs, cancellation) => async () => {
        if (disposed) return E.left({ _tag: "StaleHandle", message: `${this.name}: this program was disposed of; compile it again` })
        if (shared === null) return this.run(program, types, enter, inputs, cancellation)
        await shared.ready()
        const lost = this.lost()
        if (lost !== null) return E.left(lost)
        return this.run(program, types, (arena) => shared.during(() => enter(arena)), inputs, cancellation)
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
  private async brokenOff(error: unknown): Promise<RunError> {
    if (this.pool?.works === true) await this.pool.giveUp(error instanceof Stalled ? undefined : String(error))
    return this.lost() ?? this.caught(error)
  }

  private async run(
    program: Program,
    types: readonly BufferType[],
    enter: (arena: number) => number,
    inputs: readonly DeviceBuffer[],
    cancellation: Cancellation,
  ): Promise<E.Either<RunError, readonly DeviceBuffer[]>> {
    if (this.closed) return E.left(this.stale("this session"))
    if (inputs.length !== types.length) return E.left(this.failure(`expected ${types.length} inputs, found ${inputs.length}`))
    const addresses: number[] = []
    for (let k = 0; k < inputs.length; k++) {
      const [buffer, type] = [at(inputs, k), at(types, k)]
      const address = this.addresses.get(buffer)
      if (address === undefined) return E.left(this.stale(`input ${k}`))
      if (!sameShape(buffer.type.shape, type.shape))
        return E.left(this.failure(`input ${k}: expected shape [${type.shape.join(", ")}], found [${buffer.type.shape.join(", ")}]`))
      addresses.push(address)
    }
    const taken: number[] = []
    const giveBack = (error: RunError): E.Either<RunError, never> => {
      for (const address of taken) this.allocator.release(address)
      return E.left(error)
    }
    for (const bytes of [program.arenaBytes, ...program.outputTypes.map((type) => this.byteLength(type))]) {
      const address = this.allocator.allocate(bytes)
      if (address < 0) return giveBack(this.outOfMemory(bytes))
      taken.push(address)
    }
    const [arena, ...outputs] = taken as [number, ...number[]]
    const words = new DataView(this.memory.buffer)
    program.inputSlots.forEach((slot, k) => void words.setUint32(arena + slot, at(addresses, k), true))
    program.outputSlots.forEach((slot, k) => void words.setUint32(arena + slot, at(outputs, k), true))
    words.setInt32(cancellationAddress, cancellation.cancelled ? 1 : 0, true)
    const cancelled: RunError = { _tag: "Cancelled", message: `${this.name}: the run was cancelled; its inputs are as they were` }
    try {
      const code = cancellation.cancelled ? 1 : enter(arena)
      if (code === 2) throw new Stalled("another thread does not go on")
      if (code !== 0) return giveBack(cancelled)
    } catch (error) {
      return giveBack(await this.brokenOff(error))
    }
    this.allocator.release(arena)
    return E.right(program.outputTypes.map((type, k) => this.hold(type, at(outputs, k))))
  }
}
