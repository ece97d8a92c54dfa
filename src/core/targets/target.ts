/** What a target is: a session that owns memory, device buffers in it, and executables made from graphs. */
import type { Either } from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { BufferType } from "../compile/schedule.js"
import type { RunError } from "../errors.js"
import type { Graph } from "../graph/graph.js"
import type { SoonEither } from "../soon.js"

/** The targets there are. Whether a machine has one is known when it is opened. */
export type TargetName = "interpreter" | "wasm" | "wasm:f64" | "gpu:cpu" | "gpu:webasm" | "gpu:webgl2" | "gpu:webgpu" | "gpu:headlessgl"

/** What a target can do: chooses between lowerings and bounds what may be emitted. */
export interface Capabilities {
  readonly precision: "float32" | "float64"
  /** True scatter; else scatterAdd is a sum over an indicator. */
  readonly scatter: boolean
  /** A slab can be written one row at a time; else it is one buffer an iteration. */
  readonly partialWrites: boolean
  /** Most distinct input buffers of one kernel. */
  readonly maxInputs: number
  /** Most elements of one buffer. */
  readonly maxElements: number
  /** Runs `sort` as a routine; else it is lowered to index notation. */
  readonly routines: boolean
  /** Elements of a vector. Above 1, kernels are vectorised over the last axis of their domain, so operands are laid out for it. */
  readonly lanes: number
}

/** A value in a session's memory. Only the session that made it can read it. */
export interface DeviceBuffer {
  readonly type: BufferType
}

/** Set by the caller, read at loop heads and between kernels. */
export interface Cancellation {
  cancelled: boolean
}

export interface Executable {
  /** Leaves its inputs valid whatever happens. Gives fresh buffers, also where an output repeats or is an input. */
  readonly run: (inputs: readonly DeviceBuffer[], cancellation: Cancellation) => SoonEither<RunError, readonly DeviceBuffer[]>
  /** Bytes of storage that a run needs beyond its inputs (the memory plan's peak). */
  readonly peakBytes: number
  /** One line a kernel, for `explain`. */
  readonly describe: () => readonly string[]
  readonly dispose: () => void
}

/** How a graph is loaded. */
export interface LoadOptions {
  /** Take the time of each kernel, for `describe`; runs are then slower by a call a kernel. Targets that can't, don't. */
  readonly profile?: boolean
}

export interface TargetSession {
  readonly capabilities: Capabilities
  readonly load: (graph: Graph, options?: LoadOptions) => Either<RunError, Executable>
  readonly upload: (data: ArrayLike<number>, type: BufferType) => Either<RunError, DeviceBuffer>
  readonly read: (buffer: DeviceBuffer) => SoonEither<RunError, Float64Array>
  readonly free: (buffer: DeviceBuffer) => void
  /** Bytes held by live device buffers. */
  readonly bytesInUse: () => number
  /** Resolves when nothing of the session is left. */
  readonly close: () => Promise<void>
}

/** How a target is opened. */
export interface OpenOptions {
  /**
   * Threads that compute together, the caller's among them; results are the same bits for any number. Only `wasm` and `wasm:f64`
   * have more than one, in Node and in pages that are isolated (`crossOriginIsolated`). Default 1.
   */
  readonly threads?: number
}

/** A way of running graphs, by name. */
export interface Target {
  readonly name: TargetName
  /** `Left` names what is missing on this machine. */
  readonly open: (options?: OpenOptions) => TaskEither<RunError, TargetSession>
}
