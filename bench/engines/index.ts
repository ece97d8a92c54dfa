/** The engines by name. Each is loaded when it is asked for: those in `peers/` need what is installed in `bench/`. */
import { existsSync } from "node:fs"
import type { OpenEngine } from "./engine.js"

const files = {
  stillpoint: "./stillpoint/index.ts",
  "stillpoint-gpu": "./stillpoint/gpu.ts",
  microkernel: "./microkernel/index.ts",
  tfjs: "./peers/tfjs/index.ts",
  "jax-js": "./peers/jax-js/index.ts",
  "gpu.js": "./peers/gpujs.ts",
  onnx: "./peers/onnx/index.ts",
  torch: "./python/torch.ts",
  jax: "./python/jax.ts",
} as const

export type EngineName = keyof typeof files

export const engineNames = Object.keys(files) as readonly EngineName[]

export const isEngineName = (name: string): name is EngineName => Object.hasOwn(files, name)

/** How to get what engines of `peers/` import. */
export const howToInstall = "install the peers with: cd bench && npm ci"

/** Whether that has been done. */
export const isInstalled = (): boolean => existsSync(new URL("../node_modules/@tensorflow/tfjs", import.meta.url))

const notInstalled = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND")

/** The way to open an engine; one whose packages are absent says so when it is opened. */
export const loadEngine = async (name: EngineName): Promise<OpenEngine> => {
  try {
    const { open }: { readonly open: OpenEngine } = await import(new URL(files[name], import.meta.url).href)
    return open
  } catch (error) {
    if (!notInstalled(error)) throw error
    return async () => `${name}: not installed; ${howToInstall}`
  }
}

export * from "./engine.js"
