/**
 * gpu.js as far as it is used here: loaded when a GPU target is opened for the first time, so that nobody else pays for it. The types
 * are narrower than its own, and name the few inner fields that memory management needs (version 2.24.1 is pinned, tests watch them).
 */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { RunError } from "../../errors.js"
import type { TargetName } from "../target.js"

export type GpuMode = "cpu" | "webasm" | "webgl2" | "webgpu" | "headlessgl"

/** A result that stays on the device: a GL texture or a WebGPU buffer. */
export interface DeviceArray {
  readonly toArray: () => unknown
  readonly delete: () => void
}

/** A GL texture: the kernel that wrote it does not own it (see launch.ts), so it is deleted by its context. */
export interface GlTexture extends DeviceArray {
  readonly context: { readonly deleteTexture: (texture: unknown) => void; readonly isContextLost: () => boolean }
  readonly texture: unknown
  readonly clone: () => GlTexture
  readonly newTexture: () => void
}

export interface InnerKernel {
  readonly constructor: unknown
  readonly fallbackReason: string | null
  /** GL modes: what the next run writes into; `_textureSwitched` tells it to bind a new one. */
  texture?: GlTexture | null
  _textureSwitched?: boolean
  /** GL modes: the vertices of the square that a run draws. All kernels draw with those of the kernel built last. */
  buffer?: unknown
  /** WebGPU: what the last run wrote into, with a count of its holders. */
  outputBuffer?: { _refs: number; readonly destroy: () => void } | null
  bindGroupDirty?: boolean
}

export interface GpuKernel {
  (...args: readonly unknown[]): unknown
  readonly kernel: InnerKernel
  readonly destroy: () => void
}

export interface KernelSettings {
  readonly output: readonly number[]
  readonly precision: "single"
  readonly tactic: "precision"
  readonly pipeline?: boolean
  readonly immutable?: boolean
  readonly asyncMode?: boolean
}

export interface Gpu {
  readonly Kernel: unknown
  readonly context: {
    readonly isContextLost?: () => boolean
    readonly getExtension?: (name: string) => { readonly loseContext?: () => void } | null
  } | null
  /** Every kernel made and not destroyed. */
  readonly kernels: unknown[]
  readonly createKernel: (source: string, settings: KernelSettings) => GpuKernel
  readonly destroy: () => Promise<void>
}

export interface GpuLibrary {
  readonly isWebAssemblySupported: boolean
  readonly isWebGL2Supported: boolean
  readonly isWebGPUSupported: boolean
  readonly isHeadlessGLSupported: boolean
  readonly isWebGPUAvailable: () => Promise<boolean>
  readonly WebGL2Kernel?: { readonly features: { readonly maxTextureSize: number } | null }
  new (settings: { readonly mode: GpuMode }): Gpu
}

const isLibrary = (x: unknown): x is GpuLibrary => typeof x === "function" && "isWebGPUAvailable" in x

/** Bundlers and Node give the CommonJS module in different wrappings. */
const unwrap = (module: unknown): GpuLibrary | null => {
  const seen: unknown[] = [module]
  for (const x of seen) {
    if (isLibrary(x)) return x
    if (x === null || (typeof x !== "object" && typeof x !== "function")) continue
    for (const key of ["GPU", "default"]) if (key in x && seen.length < 8) seen.push((x as Record<string, unknown>)[key])
  }
  return null
}

const missingPackage = (target: TargetName, reason: string): RunError => ({
  _tag: "TargetMissing",
  target,
  message: `${target} needs the package gpu.js, which could not be loaded (${reason}). Install it with "npm install gpu.js@2.24.1", or use the target wasm.`,
})

export const loadGpuJs =
  (target: TargetName): TaskEither<RunError, GpuLibrary> =>
  async () => {
    try {
      const library = unwrap(await import("gpu.js"))
      return library === null ? E.left(missingPackage(target, "it exports no class GPU")) : E.right(library)
    } catch (error) {
      return E.left(missingPackage(target, error instanceof Error ? error.message : String(error)))
    }
  }

/** What a machine lacks for a mode; null where nothing. */
export const whatIsMissing = async (mode: GpuMode, library: GpuLibrary): Promise<string | null> => {
  switch (mode) {
    case "cpu":
      return null
    case "webasm":
      return library.isWebAssemblySupported ? null : "this runtime has no WebAssembly"
    case "webgl2":
      if (library.isWebGL2Supported) return null
      return "this runtime has no WebGL2 (it is a browser feature; in Node use wasm)"
    case "webgpu":
      if (!library.isWebGPUSupported) return "this runtime has no WebGPU (it needs a browser that has navigator.gpu, on https or localhost)"
      return (await library.isWebGPUAvailable()) ? null : "WebGPU gives no adapter here (no driver that the browser accepts)"
    case "headlessgl":
      if (library.isHeadlessGLSupported) return null
      return 'the native package "gl" is missing or cannot make a context ("npm install gl" needs a C++ compiler and libxi-dev; running it needs an X display, for example Xvfb)'
  }
}

/** Frees everything of a GPU object. gpu.js gives up its GL context only where a kernel is left, and a page has no more than sixteen. */
export const destroyGpu = async (gpu: Gpu): Promise<void> => {
  const { context } = gpu
  await gpu.destroy().catch(() => undefined)
  if (context?.isContextLost?.() === false) context.getExtension?.("WEBGL_lose_context")?.loseContext?.()
}
