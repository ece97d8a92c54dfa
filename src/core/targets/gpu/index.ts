/** The gpu.js targets: `gpu:cpu`, `gpu:webasm`, `gpu:webgl2`, `gpu:webgpu`, `gpu:headlessgl`. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { RunError } from "../../errors.js"
import type { Capabilities, Target } from "../target.js"
import { destroyGpu, type Gpu, type GpuLibrary, type GpuMode, loadGpuJs, whatIsMissing } from "./gpujs.js"
import { modes } from "./modes.js"
import { createSession, type GpuSession } from "./session.js"

export type { GpuMode } from "./gpujs.js"
export { type Mode, modes, type Quirk, tightest } from "./modes.js"
export type { GpuSession } from "./session.js"

export interface GpuOptions {
  /** Replaces entries of the mode's table, for instance by `tightest`; claims that the mode cannot keep are the caller's own. */
  readonly capabilities?: Partial<Capabilities>
}

/** A kernel of known result: a mode that computes something else, or that gpu.js has swapped for another, is not there. */
const selfTest = async (gpu: Gpu): Promise<string | null> => {
  const kernel = gpu.createKernel("function (a, b) { return a[this.thread.x] * b; }", {
    output: [3],
    precision: "single",
    tactic: "precision",
  })
  try {
    const result = (await kernel(Float32Array.of(1, 2, 3), 1.5)) as ArrayLike<number>
    if (kernel.kernel.constructor !== gpu.Kernel) return `gpu.js replaced it: ${kernel.kernel.fallbackReason ?? "no reason given"}`
    const right = result[0] === 1.5 && result[1] === 3 && result[2] === 4.5
    return right ? null : `a test kernel gave [${Array.from(result).join(", ")}] for [1.5, 3, 4.5]`
  } finally {
    kernel.kernel.buffer = null // see kernels.ts
    kernel.destroy()
  }
}

/** A GL array is a square of texels. */
const fitTextures = (mode: GpuMode, library: GpuLibrary, table: Capabilities): Capabilities => {
  const side = mode === "webgl2" ? library.WebGL2Kernel?.features?.maxTextureSize : undefined
  return side === undefined ? table : { ...table, maxElements: Math.min(table.maxElements, side * side) }
}

export const openGpu =
  (mode: GpuMode, options: GpuOptions = {}): TaskEither<RunError, GpuSession> =>
  async () => {
    const row = modes[mode]
    const { target } = row
    const library = await loadGpuJs(target)()
    if (E.isLeft(library)) return library
    const absent = (message: string): RunError => ({ _tag: "TargetMissing", target, message: `${target} is not available: ${message}.` })
    try {
      const missing = await whatIsMissing(mode, library.right)
      if (missing !== null) return E.left(absent(missing))
      const gpu = new library.right({ mode })
      const fault = await selfTest(gpu)
      if (fault !== null) {
        await destroyGpu(gpu)
        return E.left(absent(fault))
      }
      const capabilities = { ...fitTextures(mode, library.right, row.capabilities), ...options.capabilities }
      return E.right(createSession(gpu, row, capabilities))
    } catch (error) {
      return E.left(absent(error instanceof Error ? error.message : String(error)))
    }
  }

export const gpuTarget = (mode: GpuMode): Target => ({ name: modes[mode].target, open: () => openGpu(mode) })
