/** gpu.js kernels of one session, made once for a source and its sizes and kept while a program uses them. */

import type { DeviceArray, Gpu, GpuKernel, KernelSettings } from "./gpujs.js"
import type { Mode } from "./modes.js"

export interface KernelSpec {
  readonly source: string
  /** Elements of the output. */
  readonly size: number
  /** Elements of each array argument: modes bake them in. */
  readonly argumentSizes: readonly number[]
  /** `stay`: the result stays where the mode keeps results; `leave`: it comes back as an array. */
  readonly result: "stay" | "leave"
}

export interface Kernel {
  readonly run: (args: readonly unknown[]) => Promise<Float32Array | DeviceArray>
  /** One holder less; the last one destroys it. */
  readonly release: () => void
}

export interface Kernels {
  readonly get: (spec: KernelSpec) => Kernel
  readonly count: () => number
}

interface Entry {
  readonly shortcut: GpuKernel
  readonly stays: boolean
  holders: number
  checked: boolean
}

const settingsOf = (mode: Mode, spec: KernelSpec): KernelSettings => {
  const settings: KernelSettings = { output: [spec.size], precision: "single", tactic: "precision" }
  if (mode.memory === "arrays") return settings
  if (spec.result === "leave") return { ...settings, asyncMode: true }
  return { ...settings, pipeline: true, immutable: mode.memory === "buffers" }
}

/**
 * A kernel would write every result into one texture, or (`immutable`) keep its last one alive. Each run gets a texture of its own
 * instead, which belongs to whoever holds the result.
 */
const detachTexture = (shortcut: GpuKernel): void => {
  const inner = shortcut.kernel
  const last = inner.texture
  if (last === undefined || last === null) return
  const fresh = last.clone()
  fresh.newTexture()
  inner.texture = fresh
  inner._textureSwitched = true
}

/** The same for WebGPU: gives up the kernel's own hold on the buffer that it has just written. */
const detachBuffer = (shortcut: GpuKernel): void => {
  const inner = shortcut.kernel
  const buffer = inner.outputBuffer
  if (buffer === undefined || buffer === null) return
  buffer._refs -= 1
  if (buffer._refs === 0) buffer.destroy()
  inner.outputBuffer = null
  inner.bindGroupDirty = true
}

export const createKernels = (gpu: Gpu, mode: Mode): Kernels => {
  const entries = new Map<string, Entry>()

  const run = async (entry: Entry, args: readonly unknown[]): Promise<Float32Array | DeviceArray> => {
    const { shortcut } = entry
    if (mode.memory === "textures" && entry.stays && entry.checked) detachTexture(shortcut)
    const result = (await shortcut(...args)) as Float32Array | DeviceArray
    if (mode.memory === "buffers" && entry.stays) detachBuffer(shortcut)
    if (!entry.checked) {
      const { kernel } = shortcut
      // gpu.js degrades to its cpu mode with no more than a warning.
      if (kernel.constructor !== gpu.Kernel) throw new Error(`gpu.js left mode ${mode.mode}: ${kernel.fallbackReason ?? "no reason given"}`)
      entry.checked = true
    }
    return result
  }

  const destroy = (key: string, { shortcut, stays }: Entry): void => {
    entries.delete(key)
    if (mode.memory === "textures") {
      // The last result belongs to its holder.
      if (stays) shortcut.kernel.texture = null
      // Deleting these vertices would silently stop every other kernel from drawing; they go with the last reference.
      shortcut.kernel.buffer = null
    }
    shortcut.destroy()
    const listed = gpu.kernels.indexOf(shortcut.kernel)
    if (listed >= 0) gpu.kernels.splice(listed, 1)
  }

  return {
    get: (spec) => {
      const key = [spec.result, spec.size, spec.argumentSizes.join(","), spec.source].join("|")
      const entry = entries.get(key) ?? {
        shortcut: gpu.createKernel(spec.source, settingsOf(mode, spec)),
        stays: spec.result === "stay",
        holders: 0,
        checked: false,
      }
      entry.holders += 1
      entries.set(key, entry)
      let held = true
      return {
        run: (args) => run(entry, args),
        release: () => {
          if (!held) return
          held = false
          entry.holders -= 1
          if (entry.holders === 0) destroy(key, entry)
        },
      }
    },
    count: () => entries.size,
  }
}
