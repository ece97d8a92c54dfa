/** The capability table of gpu.js' modes: one row each, with what a mode cannot make right. Tests pin every quirk. */
import type { UnaryFn } from "../../compile/nest.js"
import type { Capabilities, TargetName } from "../target.js"
import type { SourceTraits } from "./emit/traits.js"
import type { GpuMode } from "./gpujs.js"

export type Quirk =
  /** A kernel computes in float64 and rounds at its end. */
  | "double-in-kernel"
  /** Numbers below 1.2e-38 count as 0 in arithmetic and comparisons. */
  | "flushes-denormals"
  /** `(x + 2) + 3` is computed as `x + 5`, and so for factors: the rounding in between is gone. */
  | "joins-constants"
  /** sin and cos lose digits in proportion to the argument beyond 5e4. */
  | "sine-of-large"
  /** Results of exp below 2^-125 are 0. */
  | "exp-underflow"

export interface Mode {
  readonly mode: GpuMode
  readonly target: TargetName
  readonly capabilities: Capabilities
  /** Where results live: JavaScript arrays, GL textures or WebGPU buffers. */
  readonly memory: "arrays" | "textures" | "buffers"
  readonly source: SourceTraits
  readonly quirks: readonly Quirk[]
}

/** An index is a float in every mode but cpu, and whole numbers are exact in float32 below this. */
const maxElements = 2 ** 24

/** Host arrays: a slab is one array, written a row at a time. */
const onHost: Capabilities = {
  precision: "float32",
  scatter: false,
  partialWrites: true,
  maxInputs: 32,
  maxElements,
  routines: false,
  lanes: 1,
}

/** Unit 15 is gpu.js' own, and a program that uses more units than there are gives zeros without an error. */
const onTextures: Capabilities = { ...onHost, partialWrites: false, maxInputs: 15 }

/** Eight storage buffers a kernel, the output among them. Also the tightest table: a program that fits it fits all. */
export const tightest: Capabilities = { ...onHost, partialWrites: false, maxInputs: 7 }

const native = (...fns: readonly UnaryFn[]): ReadonlySet<UnaryFn> => new Set(fns)

export const modes: Readonly<Record<GpuMode, Mode>> = {
  cpu: {
    mode: "cpu",
    target: "gpu:cpu",
    capabilities: onHost,
    memory: "arrays",
    source: { native: native("exp", "log", "tanh", "sin", "cos"), nanSafeMax: true, foldsZeros: false, bitwise: true },
    quirks: ["double-in-kernel"],
  },
  webasm: {
    mode: "webasm",
    target: "gpu:webasm",
    capabilities: onHost,
    memory: "arrays",
    source: { native: native("sin", "cos"), nanSafeMax: true, foldsZeros: false, bitwise: true },
    quirks: ["exp-underflow"],
  },
  webgl2: {
    mode: "webgl2",
    target: "gpu:webgl2",
    capabilities: onTextures,
    memory: "textures",
    source: { native: native(), nanSafeMax: false, foldsZeros: true, bitwise: false },
    quirks: ["flushes-denormals", "joins-constants", "sine-of-large", "exp-underflow"],
  },
  webgpu: {
    mode: "webgpu",
    target: "gpu:webgpu",
    capabilities: tightest,
    memory: "buffers",
    source: { native: native(), nanSafeMax: false, foldsZeros: true, bitwise: true },
    quirks: ["flushes-denormals", "joins-constants", "sine-of-large", "exp-underflow"],
  },
  headlessgl: {
    mode: "headlessgl",
    target: "gpu:headlessgl",
    // WebGL 1 promises eight units.
    capabilities: { ...onTextures, maxInputs: 7 },
    memory: "textures",
    source: { native: native(), nanSafeMax: false, foldsZeros: true, bitwise: false },
    quirks: ["flushes-denormals", "joins-constants", "sine-of-large", "exp-underflow"],
  },
}
