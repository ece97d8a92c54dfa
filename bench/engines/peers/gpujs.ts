/** Plain gpu.js on its CPU mode: what a kernel is without a compiler around it. */
import { createRequire } from "node:module"
import { type Filled, type Kernel, numbers } from "../../workloads/index.js"
import { type OpenEngine, output, type Prepared, timed } from "../engine.js"
import { at } from "./named.js"

const require = createRequire(import.meta.url)
const { GPU } = require("gpu.js") as typeof import("gpu.js")
const { version } = require("gpu.js/package.json") as { version: string }

/** A matrix as gpu.js takes it: a list of rows. */
const given = ({ data, shape }: Filled): Float32Array[] => {
  const [rows, columns] = shape as [number, number]
  return Array.from({ length: rows }, (_, i) => (data as Float32Array).subarray(i * columns, (i + 1) * columns))
}

const flat = (rows: unknown): Float32Array => {
  const all = rows as Float32Array | readonly Float32Array[]
  return all instanceof Float32Array ? all : Float32Array.from(all.flatMap((row) => [...row]))
}

const prepare = (gpu: InstanceType<typeof GPU>, kernel: Kernel): Prepared => {
  const all = numbers(kernel)
  if (kernel.function.t === "chain") {
    const f = gpu
      .createKernel(function (this: { thread: { x: number } }, a: number[], w: number[], b: number[]) {
        const x = a[this.thread.x]!
        return x / (1 + Math.exp(-(x * w[this.thread.x]! + b[this.thread.x]!))) + 0.5 * Math.exp(-x * x)
      } as never)
      .setOutput([at(all, "a").data.length])
    const call = () => f(at(all, "a").data as never, at(all, "w").data as never, at(all, "b").data as never)
    return { result: () => output(call, flat), run: timed(call), dispose: () => f.destroy() }
  }
  const [a, b] = [at(all, "a"), at(all, "b")]
  const [k, columns] = b.shape as [number, number]
  const f = gpu
    .createKernel(function (this: { thread: { x: number; y: number }; constants: { k: number } }, left: number[][], right: number[][]) {
      let sum = 0
      for (let i = 0; i < this.constants.k; i++) sum += left[this.thread.y]![i]! * right[i]![this.thread.x]!
      return sum
    } as never)
    .setConstants({ k })
    .setOutput([columns, a.shape[0] as number])
  const [left, right] = [given(a), given(b)]
  const call = () => f(left as never, right as never)
  return { result: () => output(call, flat), run: timed(call), dispose: () => f.destroy() }
}

const able = (kernel: Kernel): boolean =>
  kernel.function.t === "chain" || (kernel.function.t === "matmul" && kernel.inputs.a?.shape.length === 2)

export const open: OpenEngine = async ({ threads }) => {
  if (threads > 1) return "gpu.js: its CPU mode has one thread"
  const gpu = new GPU({ mode: "cpu" })
  return {
    name: "gpu.js",
    version,
    threads: 1,
    lacks: (workload) => (workload.kind === "kernel" && able(workload) ? null : "single kernels only: products of matrices and K3"),
    prepare: async (workload) => {
      if (workload.kind !== "kernel") throw new Error("gpu.js: kernels only")
      return prepare(gpu, workload)
    },
    close: () => gpu.destroy(),
  }
}
