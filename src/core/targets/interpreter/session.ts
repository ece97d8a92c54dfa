/** A session of the interpreter: arrays on the JavaScript heap, and graphs run as they are. */
import * as E from "fp-ts/lib/Either.js"
import type { BufferType } from "../../compile/schedule.js"
import { type RunError, TraceError, traceFailure } from "../../errors.js"
import type { Graph } from "../../graph/graph.js"
import { outputTypes } from "../../graph/graph.js"
import { printGraph } from "../../graph/print.js"
import { physicalShape, sizeOf } from "../../tensor/types.js"
import type { Cancellation, Capabilities, DeviceBuffer, Executable, TargetSession } from "../target.js"
import { RunCancelled, runGraph } from "./run.js"

export const interpreterCapabilities: Capabilities = {
  precision: "float64",
  scatter: true,
  partialWrites: true,
  maxInputs: Number.POSITIVE_INFINITY,
  // Loop variables are doubles; typed arrays end long before these are not exact.
  maxElements: 2 ** 32,
  routines: true,
  lanes: 1,
}

interface HeapBuffer extends DeviceBuffer {
  readonly data: Float64Array
}

const failure = (message: string): RunError => ({ _tag: "TargetFailure", target: "interpreter", message })

/** What was thrown while a graph ran, as a failure; programming errors of the library itself are told too. */
export const runFailure = (error: unknown): RunError =>
  error instanceof RunCancelled
    ? { _tag: "Cancelled", message: "interpreter: the run was cancelled; its inputs are as they were" }
    : error instanceof TraceError
      ? traceFailure(error)
      : failure(`interpreter: ${error instanceof Error ? error.message : String(error)}`)

export const openInterpreter = (): TargetSession => {
  const live = new Map<DeviceBuffer, HeapBuffer>()
  let bytes = 0
  const hold = (data: Float64Array, type: BufferType): DeviceBuffer => {
    const buffer: HeapBuffer = { type, data }
    live.set(buffer, buffer)
    bytes += data.byteLength
    return buffer
  }
  const dataOf = (buffer: DeviceBuffer): E.Either<RunError, Float64Array> => {
    const found = live.get(buffer)
    return found === undefined ? E.left(failure("interpreter: this buffer was freed, or belongs to another session")) : E.right(found.data)
  }
  const load = (graph: Graph): E.Either<RunError, Executable> => {
    const types = outputTypes(graph).map((t): BufferType => ({ elem: t.elem, shape: physicalShape(t) }))
    const run = (inputs: readonly DeviceBuffer[], cancellation: Cancellation) => (): E.Either<RunError, readonly DeviceBuffer[]> => {
      const data: Float64Array[] = []
      for (const input of inputs) {
        const found = dataOf(input)
        if (E.isLeft(found)) return found
        data.push(found.right)
      }
      if (cancellation.cancelled) return E.left(runFailure(new RunCancelled()))
      try {
        // Values may be shared between outputs and inputs; buffers may not.
        return E.right(runGraph(graph, data, cancellation).map((x, i) => hold(x.slice(), types[i] as BufferType)))
      } catch (error) {
        return E.left(runFailure(error))
      }
    }
    return E.right({
      run,
      // Arrays come and go on the JavaScript heap; there is no plan to have a peak.
      peakBytes: 0,
      describe: () => printGraph(graph).split("\n"),
      dispose: () => undefined,
    })
  }
  return {
    capabilities: interpreterCapabilities,
    load,
    upload: (data, type) =>
      data.length === sizeOf(type.shape)
        ? E.right(hold(Float64Array.from(data), type))
        : E.left(
            failure(`interpreter: expected ${sizeOf(type.shape)} elements for the shape [${type.shape.join(", ")}], found ${data.length}`),
          ),
    read: (buffer) => () => E.map((data: Float64Array) => data.slice())(dataOf(buffer)),
    free: (buffer) => {
      bytes -= live.get(buffer)?.data.byteLength ?? 0
      live.delete(buffer)
    },
    bytesInUse: () => bytes,
    close: async () => {
      live.clear()
      bytes = 0
    },
  }
}
