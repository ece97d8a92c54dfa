/**
 * What WebAssembly SIMD gives by hand on this machine: the bar for products and convolutions. Operands are packed outside of the time, for
 * convolutions as matrices of all taps.
 */
import { type Filled, type Kernel, numbers, sizeOf } from "../../workloads/index.js"
import { type OpenEngine, output, type Prepared, timed } from "../engine.js"
import { microkernelModule, tileColumns, tileRows } from "./emit.js"
import { type Matrix, matrix, packColumns, packRows, patches, transposed, turned } from "./pack.js"

/** Panels of A that are read again for every panel of B stay in the second cache. */
const blockBytes = 2 ** 18

type Product = (a: number, b: number, c: number, rows: number, columns: number, k: number) => void

/** A kernel's operands as one product, or as a batch of equal ones. */
const productsOf = (kernel: Kernel): readonly (readonly [Matrix, Matrix])[] => {
  const tensors = numbers(kernel)
  const of = (name: string) => tensors[name] as Filled
  if (kernel.function.t === "conv") {
    const { pass } = kernel.function
    if (pass === "forward") {
      const [x, w] = [of("x"), of("w")]
      return [[patches(x.data, x.shape, w.shape[0] as number), matrix(w.data, sizeOf(w.shape.slice(0, 3)), w.shape[3] as number)]]
    }
    const g = of("g")
    if (pass === "dx") {
      const w = of("w")
      const [size, , channels, features] = w.shape as [number, number, number, number]
      return [[patches(g.data, g.shape, size), matrix(turned(w.data, w.shape), size * size * features, channels)]]
    }
    const x = of("x")
    const taps = patches(x.data, x.shape, kernel.output[0] as number)
    return [[transposed(taps), matrix(g.data, taps.rows, g.shape[3] as number)]]
  }
  const [a, b] = [of("a"), of("b")]
  const [k, columns] = b.shape.slice(-2) as [number, number]
  if (b.shape.length === 2) return [[matrix(a.data, a.data.length / k, k), matrix(b.data, k, columns)]]
  const rows = a.shape[1] as number
  return Array.from({ length: b.shape[0] as number }, (_, i) => [
    matrix(a.data, rows, k, i * rows * k),
    matrix(b.data, k, columns, i * k * columns),
  ])
}

const prepare = (kernel: Kernel): Prepared => {
  const products = productsOf(kernel)
  const [a, b] = products[0] as readonly [Matrix, Matrix]
  const [rows, columns, k] = [Math.ceil(a.rows / tileRows), Math.ceil(b.columns / tileColumns), a.columns]
  const [left, right, out] = [rows * tileRows * k, columns * tileColumns * k, rows * tileRows * columns * tileColumns]
  const count = products.length
  const memory = new WebAssembly.Memory({ initial: Math.ceil((4 * count * (left + right + out)) / 65536) + 1 })
  const all = new Float32Array(memory.buffer)
  products.forEach(([x, y], i) => {
    all.set(packRows(x), i * left)
    all.set(packColumns(y), count * left + i * right)
  })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(microkernelModule()), { env: { memory } })
  const product = exports.product as Product
  const [starts, ends] = [4 * count * left, 4 * count * (left + right)]
  const block = Math.max(1, Math.floor(blockBytes / (4 * tileRows * k)))
  const call = () => {
    for (let i = 0; i < count; i++)
      for (let row = 0; row < rows; row += block) {
        const [from, to] = [4 * (i * left + row * tileRows * k), ends + 4 * (i * out + row * tileRows * columns * tileColumns)]
        product(from, starts + 4 * i * right, to, Math.min(block, rows - row), columns, k)
      }
  }
  return {
    result: () =>
      output(call, () => {
        const found = new Float32Array(count * a.rows * b.columns)
        for (let i = 0; i < count; i++)
          for (let r = 0; r < a.rows; r++) {
            const row = ends / 4 + i * out + r * columns * tileColumns
            found.set(all.subarray(row, row + b.columns), (i * a.rows + r) * b.columns)
          }
        return found
      }),
    run: timed(call),
    dispose: () => undefined,
  }
}

export const open: OpenEngine = async ({ threads }) =>
  threads > 1
    ? "microkernel: it has one thread"
    : {
        name: "microkernel",
        version: "4x8",
        threads: 1,
        lacks: (workload) =>
          workload.kind === "kernel" && (workload.function.t === "matmul" || workload.function.t === "conv")
            ? null
            : "products and convolutions only",
        prepare: async (workload) => {
          if (workload.kind !== "kernel") throw new Error("microkernel: kernels only")
          return prepare(workload)
        },
        close: async () => undefined,
      }
