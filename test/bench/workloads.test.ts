import { describe, expect, it } from "vitest"
import { type Filled, type Kernel, numbers, pick, sizeOf, workloads } from "../../bench/workloads/index.js"

const kernel = (id: string): Kernel => {
  const [found] = pick([id])
  if (found?.kind !== "kernel") throw new Error(`${id} is no kernel`)
  return found
}

const tensor = (id: string, name: string): Filled => numbers(kernel(id))[name] as Filled

describe("workloads", () => {
  it.each([
    ["K1.64", 2 * 64 ** 3, 3 * 4 * 64 ** 2],
    ["K1b.a", 2 * 64 * 576 * 64 * 4, 4 * (64 * 576 * 64 + 64 * 64 * 4 + 64 * 576 * 4)],
    ["K1b.b", 2 * 4 * 64 * 64, 4 * (4 * 64 + 64 * 64 + 4 * 64)],
    ["K1b.c", 2 * 32 * 7 * 64 * 192, 4 * (32 * 7 * 64 + 64 * 192 + 32 * 7 * 192)],
    ["K2a.forward", 2 * 56 * 56 * 9 * 64 * 64, 4 * (2 * 56 * 56 * 64 + 9 * 64 * 64)],
    ["K2b.dw", 2 * 32 * 35 * 35 * 25 * 32 * 32, 4 * (2 * 32 * 35 * 35 * 32 + 25 * 32 * 32)],
  ])("%s has the flops and bytes of its definition", (id, flops, bytes) => {
    expect(kernel(id)).toMatchObject({ flops, bytes })
  })

  it("have names of their own, and shapes that their numbers fill", () => {
    expect(new Set(workloads.map(({ id }) => id)).size).toBe(workloads.length)
    for (const id of ["K4.layerNorm", "K5", "T2", "T3", "T5.exact.10", "T6"])
      for (const workload of pick([id]))
        for (const { shape, data } of Object.values(numbers(workload))) expect(data.length).toBe(sizeOf(shape))
  })

  it("have the numbers of parameters that the models have", () => {
    const parameters = (id: string) =>
      pick([id]).flatMap((w) => (w.kind === "training" ? [Object.values(w.params).reduce((n, { shape }) => n + sizeOf(shape), 0)] : []))
    // T4: embeddings, 4 blocks of 2 norms, 4 maps and the network, the last norm, the output
    const block = 4 * 192 + 4 * 192 ** 2 + 8 * 192 ** 2 + 5 * 192
    expect(parameters("T4")).toEqual([(1024 + 256) * 192 + 4 * block + 2 * 192 + 192 * 1024])
    expect(parameters("T2")).toEqual([784 * 256 + 256 + 256 * 10 + 10])
    // T6: the discrete VAE, words and places, in front of slots, slots, 2 blocks of 3 norms, 8 maps and the network, the last norm, the output
    const blocks = (...sizes: readonly (readonly [number, number])[]) => sizes.reduce((n, [w, out]) => n + w * out + 2 * out, 0)
    const doubling = [
      [576, 64],
      [64, 64],
      [64, 64],
      [64, 256],
    ] as const
    const dvae = blocks([48, 64], ...Array.from({ length: 6 }, () => [64, 64] as const), [128, 64], ...doubling, ...doubling)
    const slots = 6 * 64 + 3 * 64 ** 2 + 2 * (64 * 192 + 192) + 2 * (64 ** 2 + 64) + 2 * 64
    const decoderBlock = 6 * 64 + 8 * 64 ** 2 + 8 * 64 ** 2 + 5 * 64
    expect(parameters("T6")).toEqual([
      dvae + 65 * 128 + 65 * 3 + (129 + 65) * 64 + 2 * 64 + 2 * (64 ** 2 + 64) + slots + 64 ** 2 + 2 * decoderBlock + 2 * 64 + 64 * 128,
    ])
    expect(parameters("T3")).toEqual([32 * 192 + 64 * 192 + 2 * 192])
  })

  it("start from the same standard normal numbers every time", () => {
    const data = Array.from(tensor("K4.layerNorm", "x").data)
    const again = Array.from(tensor("K4.layerNorm", "x").data)
    expect(again.every((v, i) => v === data[i])).toBe(true)
    expect(Array.from(tensor("K1.1024", "a").data.slice(0, 8))).not.toEqual(data.slice(0, 8))
    const mean = data.reduce((a, b) => a + b, 0) / data.length
    const square = data.reduce((a, b) => a + b * b, 0) / data.length
    const fourth = data.reduce((a, b) => a + b ** 4, 0) / data.length
    expect(Math.abs(mean)).toBeLessThan(0.005)
    expect(Math.abs(square - 1)).toBeLessThan(0.01)
    expect(Math.abs(fourth - 3)).toBeLessThan(0.06)
  })

  it("T5 contracts: its matrix has the spectral norm 0.9", () => {
    const [workload] = pick(["T5.exact.1"])
    const { data } = numbers(workload as NonNullable<typeof workload>).W as Filled
    // Rayleigh quotients of W'W from another start than the one it was scaled with
    let x = Float64Array.from({ length: 64 }, (_, i) => Math.cos(i))
    let norm = 0
    for (let turn = 0; turn < 2000; turn++) {
      const y = Float64Array.from({ length: 64 }, (_, i) => x.reduce((s, v, j) => s + (data[64 * i + j] as number) * v, 0))
      const z = Float64Array.from({ length: 64 }, (_, j) => y.reduce((s, v, i) => s + (data[64 * i + j] as number) * v, 0))
      norm = Math.hypot(...y) / Math.hypot(...x)
      x = z.map((v) => v / Math.hypot(...z))
    }
    expect(norm).toBeCloseTo(0.9, 5)
  })

  it("are picked by name, family or variant, and no name picks nothing in silence", () => {
    expect(pick(["K1"]).map(({ id }) => id)).toEqual(["K1.64", "K1.256", "K1.512", "K1.1024"])
    expect(pick(["K2"])).toHaveLength(6)
    expect(pick(["T1"]).map(({ id }) => id)).toEqual(["T1i", "T1u", "T1e"])
    expect(pick(["T5.exact"])).toHaveLength(4)
    expect(() => pick(["K9"])).toThrow("no workload is called K9")
  })
})
