/** A session: one GPU object of gpu.js, its memory, and the programs loaded into it. */

import type { Either } from "fp-ts/lib/Either.js"
import * as E from "fp-ts/lib/Either.js"
import { buildSchedule } from "../../compile/build.js"
import type { BufferType, Schedule } from "../../compile/schedule.js"
import { type RunError, TraceError, traceFailure } from "../../errors.js"
import type { Graph } from "../../graph/graph.js"
import { showType, sizeOf } from "../../tensor/types.js"
import type { Capabilities, DeviceBuffer, Executable, TargetSession } from "../target.js"
import { type Block, createBlocks } from "./blocks.js"
import { exactLimit } from "./emit/indices.js"
import { destroyGpu, type Gpu } from "./gpujs.js"
import { createKernels } from "./kernels.js"
import { type Loaded, loadProgram } from "./load.js"
import type { Mode } from "./modes.js"
import { peakBytes } from "./peak.js"
import { type Launch, RunStopped, runProgram } from "./run.js"

export interface GpuSession extends TargetSession {
  /** As `load`, from a schedule that was made for this session's capabilities. */
  readonly loadSchedule: (schedule: Schedule) => Either<RunError, Executable>
}

const stale = (message: string): RunError => ({ _tag: "StaleHandle", message })

export const createSession = (gpu: Gpu, mode: Mode, capabilities: Capabilities): GpuSession => {
  const { target } = mode
  const kernels = createKernels(gpu, mode)
  const blocks = createBlocks({ ...mode, capabilities }, kernels)
  /** The live handles; a freed or foreign one is in no map. */
  const handles = new Map<DeviceBuffer, Block>()
  let open = true

  const failure = (error: unknown): RunError => {
    if (error instanceof RunStopped) return error.error
    if (error instanceof TraceError) return traceFailure(error)
    const reason = error instanceof Error ? error.message : String(error)
    return { _tag: "TargetFailure", target, message: `${target} failed: ${reason}` }
  }
  const closed = stale(`this ${target} session was closed: open a new one`)
  const assertContext = (): void => {
    // A lost GL context throws nothing: everything reads as zeros.
    if (gpu.context?.isContextLost?.() === true) {
      throw new RunStopped({
        _tag: "TargetFailure",
        target,
        message: `${target} lost its GL context (out of memory, or too many contexts on the page)`,
      })
    }
  }
  const blockOf = (buffer: DeviceBuffer): Either<RunError, Block> => {
    if (!open) return E.left(closed)
    const block = handles.get(buffer)
    return block === undefined
      ? E.left(
          stale(`a ${showType(buffer.type)} handle was freed, or belongs to another session: ${target} reads only live handles of its own`),
        )
      : E.right(block)
  }
  const hand = (block: Block, type: BufferType): DeviceBuffer => {
    const buffer: DeviceBuffer = { type }
    handles.set(buffer, block)
    return buffer
  }

  const upload: TargetSession["upload"] = (data, type) => {
    if (!open) return E.left(closed)
    const size = sizeOf(type.shape)
    const refuse = (message: string): Either<RunError, never> => E.left({ _tag: "TargetFailure", target, message })
    if (data.length !== size) return refuse(`${showType(type)} has ${size} elements, but ${data.length} were given`)
    if (size > capabilities.maxElements)
      return refuse(`${target} holds at most ${capabilities.maxElements} elements in one array, not ${size}`)
    if (type.elem === "int") {
      for (let i = 0; i < size; i++) {
        const value = data[i] ?? 0
        if (Math.abs(value) > exactLimit)
          return refuse(`${target} holds integers up to 2^24 exactly; element ${i} is ${value}: use the target wasm:f64`)
      }
    }
    return E.right(hand(blocks.fromHost(Float32Array.from(data)), type))
  }

  const read: TargetSession["read"] = (buffer) => async () => {
    const block = blockOf(buffer)
    if (E.isLeft(block)) return block
    blocks.hold(block.right)
    try {
      const data = Float64Array.from(await blocks.read(block.right))
      assertContext()
      return E.right(data)
    } catch (error) {
      return E.left(failure(error))
    } finally {
      blocks.release(block.right)
    }
  }

  const executable = ({ schedule, lifetimes, launches, lines }: Loaded): Executable => {
    let disposed = false
    const assertOpen = (): void => {
      if (!open) throw new RunStopped(closed)
      if (disposed) throw new RunStopped(stale(`this program was disposed of: load it into the ${target} session again`))
    }
    const program = {
      schedule,
      lifetimes,
      partialWrites: capabilities.partialWrites,
      assertOpen,
      launchOf: (step: Schedule["steps"][number]): Launch => {
        const launch = launches.get(step)
        if (launch === undefined) throw new Error("a kernel was not loaded")
        return launch
      },
    }
    return {
      run: (buffers, cancellation) => async () => {
        try {
          assertOpen()
          if (buffers.length !== schedule.inputs.length) {
            throw new Error(`the program takes ${schedule.inputs.length} inputs, but ${buffers.length} were given`)
          }
          const inputs: Block[] = []
          for (const [i, buffer] of buffers.entries()) {
            const type = schedule.buffers[schedule.inputs[i] ?? -1]
            const block = blockOf(buffer)
            if (E.isLeft(block)) return block
            if (type !== undefined && sizeOf(type.shape) !== block.right.size) {
              throw new Error(`input ${i} must be ${showType(type)}, but ${showType(buffer.type)} was given`)
            }
            inputs.push(block.right)
          }
          const outputs = await runProgram(program, blocks, inputs, cancellation)
          try {
            assertOpen()
            assertContext()
          } catch (error) {
            for (const block of outputs) blocks.release(block)
            throw error
          }
          return E.right(
            outputs.map((block, i) => hand(block, schedule.buffers[schedule.outputs[i] ?? -1] ?? { elem: "float", shape: [] })),
          )
        } catch (error) {
          return E.left(failure(error))
        }
      },
      peakBytes: peakBytes(schedule, lifetimes),
      describe: () => lines,
      dispose: () => {
        if (disposed) return
        disposed = true
        for (const { kernel } of launches.values()) kernel.release()
      },
    }
  }

  const loadSchedule: GpuSession["loadSchedule"] = (schedule) => {
    if (!open) return E.left(closed)
    try {
      return E.right(executable(loadProgram(schedule, mode, capabilities, kernels)))
    } catch (error) {
      return E.left(failure(error))
    }
  }

  return {
    capabilities,
    loadSchedule,
    load: (graph: Graph) => {
      try {
        return loadSchedule(buildSchedule(graph, capabilities))
      } catch (error) {
        return E.left(failure(error))
      }
    },
    upload,
    read,
    free: (buffer) => {
      const block = handles.get(buffer)
      handles.delete(buffer)
      if (block !== undefined && open) blocks.release(block)
    },
    bytesInUse: () => (open ? blocks.bytes() : 0),
    close: async () => {
      if (!open) return
      for (const block of handles.values()) blocks.release(block)
      handles.clear()
      open = false
      blocks.close()
      void destroyGpu(gpu)
    },
  }
}
