import { describe, expect, it } from "vitest"
import { open } from "../../bench/engines/microkernel/index.js"
import { distance } from "../../bench/runner/agree.js"
import { type Filled, type Kernel, numbers, type Tensors } from "../../bench/workloads/index.js"

const normal = (...shape: readonly number[]) => ({ shape, fill: { t: "normal", deviation: 1 } }) as const

const kernel = (f: Kernel["function"], inputs: Tensors, output: readonly number[]): Kernel => ({
  kind: "kernel",
  id: "test",
  family: "test",
  function: f,
  inputs,
  output,
  flops: null,
  bytes: 0,
})

/** Twice: the first call, and another after a timed run, which must leave nothing behind. */
const resultOf = async (workload: Kernel): Promise<ArrayLike<number>> => {
  const engine = await open({ threads: 1 })
  if (typeof engine === "string") throw new Error(engine)
  const prepared = await engine.prepare(workload)
  await prepared.run(2)
  return (await prepared.result()).numbers
}

/** b products of [m, k] by [k, n]; one right side serves all where it has no batch axis. */
const product = (a: Filled, b: Filled, batch: number, m: number, k: number, n: number): Float64Array => {
  const out = new Float64Array(batch * m * n)
  const own = b.shape.length === 3
  for (let q = 0; q < batch; q++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++)
        for (let s = 0; s < k; s++)
          out[(q * m + i) * n + j]! += (a.data[(q * m + i) * k + s] as number) * (b.data[((own ? q : 0) * k + s) * n + j] as number)
  return out
}

/** Every product of a pixel, a tap and a channel pair, added where each of the three tensors wants it. */
const eachTerm = (shape: readonly number[], size: number, features: number, f: (x: number, w: number, y: number) => void): void => {
  const [batch, height, width, channels] = shape as [number, number, number, number]
  const before = (size - 1) >> 1
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++)
        for (let a = 0; a < size; a++)
          for (let b = 0; b < size; b++) {
            const [y, x] = [i + a - before, j + b - before]
            if (y < 0 || y >= height || x < 0 || x >= width) continue
            for (let c = 0; c < channels; c++)
              for (let o = 0; o < features; o++)
                f(
                  ((n * height + y) * width + x) * channels + c,
                  ((a * size + b) * channels + c) * features + o,
                  ((n * height + i) * width + j) * features + o,
                )
          }
}

describe("the micro-kernel", () => {
  it.each([
    [8, 8, 8],
    [5, 1, 3], // tiles that are not full, one step along k
    [13, 37, 19],
    [200, 900, 10], // several blocks of A
  ])("multiplies [%i, %i] by [.., %i] as three loops do", async (m, k, n) => {
    const workload = kernel({ t: "matmul" }, { a: normal(m, k), b: normal(k, n) }, [m, n])
    const { a, b } = numbers(workload) as { a: Filled; b: Filled }
    expect(distance(product(a, b, 1, m, k, n), await resultOf(workload))).toBeLessThan(1e-5)
  })

  it.each([
    [[3, 6, 7] as const, [3, 7, 5] as const],
    [[3, 6, 7] as const, [7, 5] as const],
  ])("multiplies batches: %j by %j", async (left, right) => {
    const workload = kernel({ t: "matmul" }, { a: normal(...left), b: normal(...right) }, [3, 6, 5])
    const { a, b } = numbers(workload) as { a: Filled; b: Filled }
    expect(distance(product(a, b, 3, 6, 7, 5), await resultOf(workload))).toBeLessThan(1e-5)
  })

  it.each([1, 3, 5])("convolves, and gives both gradients, with kernels of %i", async (size) => {
    const [image, weights, out] = [
      [2, 5, 6, 3],
      [size, size, 3, 4],
      [2, 5, 6, 4],
    ] as const
    const parts = { x: normal(...image), w: normal(...weights), g: normal(...out) }
    const { x, w, g } = numbers(kernel({ t: "conv", pass: "forward" }, parts, out)) as { x: Filled; w: Filled; g: Filled }
    const want = { forward: new Float64Array(g.data.length), dx: new Float64Array(x.data.length), dw: new Float64Array(w.data.length) }
    eachTerm(image, size, 4, (p, q, r) => {
      want.forward[r]! += (x.data[p] as number) * (w.data[q] as number)
      want.dx[p]! += (w.data[q] as number) * (g.data[r] as number)
      want.dw[q]! += (x.data[p] as number) * (g.data[r] as number)
    })
    const found = async (pass: "forward" | "dx" | "dw", inputs: Tensors, output: readonly number[]) =>
      distance(want[pass], await resultOf(kernel({ t: "conv", pass }, inputs, output)))
    expect(await found("forward", { x: parts.x, w: parts.w }, out)).toBeLessThan(1e-5)
    expect(await found("dx", { w: parts.w, g: parts.g }, image)).toBeLessThan(1e-5)
    expect(await found("dw", { x: parts.x, g: parts.g }, weights)).toBeLessThan(1e-5)
  })
})
