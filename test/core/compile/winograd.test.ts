import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fuse } from "../../../src/core/compile/fuse.js"
import { lowerGraph } from "../../../src/core/compile/lower.js"
import { prune } from "../../../src/core/compile/prune.js"
import type { Schedule, Step } from "../../../src/core/compile/schedule.js"
import { winograd } from "../../../src/core/compile/winograd/index.js"
import { filter } from "../../../src/core/compile/winograd/matrices.js"
import { closeBody, inputTypes } from "../../../src/core/index.js"
import { add, conv, type Graph, mul, relu, type Tensor, vjp } from "../../../src/index.js"
import { plainCapabilities } from "../../support/capabilities.js"
import { runSchedule } from "../../support/schedule-reference.js"
import { newSession, precisions, right } from "../../support/wasm-run.js"

interface Sizes {
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly features: number
  readonly size: number
  readonly padding: "same" | "valid"
}

const float = (...shape: number[]) => ({ elem: "float", shape }) as const

const passes = ["forward, with bias and an image added", "forward, with one image added to all", "to the images", "to the kernel"] as const

/** A convolution or one of its gradients, with what is fused to it. */
const graphOf = (pass: (typeof passes)[number], s: Sizes): Graph => {
  const [x, w] = [float(s.batch, s.height, s.width, s.channels), float(s.size, s.size, s.channels, s.features)]
  const less = s.padding === "same" ? 0 : s.size - 1
  const image = [s.height - less, s.width - less, s.features] as const
  const options = { padding: s.padding }
  const y = (a: unknown, b: unknown) => conv(a as Tensor, b as Tensor, options)
  switch (pass) {
    case "forward, with bias and an image added":
      return closeBody("test", [x, w, float(s.features), float(s.batch, ...image)], ([a, b, bias, more]) => [
        relu(add(mul(add(y(a, b), bias as Tensor) as Tensor, 2) as Tensor, more as Tensor) as Tensor) as Tensor,
      ]).graph
    case "forward, with one image added to all":
      return closeBody("test", [x, w, float(1, ...image)], ([a, b, more]) => [add(y(a, b), more as Tensor) as Tensor]).graph
    case "to the images":
      return closeBody("test", [x, w, float(s.batch, ...image)], ([a, b, g]) => [
        mul(vjp((v: Tensor) => y(v, b), a as Tensor)[1](g as Tensor)[0] as Tensor, a as Tensor) as Tensor,
      ]).graph
    case "to the kernel":
      return closeBody("test", [x, w, float(s.batch, ...image)], ([a, b, g]) => [
        add(vjp((v: Tensor) => y(a, v), b as Tensor)[1](g as Tensor)[0] as Tensor, b as Tensor) as Tensor,
      ]).graph
  }
}

const transforms = (steps: readonly Step[]): number =>
  steps.reduce((n, s) => n + (s.t === "loop" ? transforms(s.body) : s.t === "routine" && s.name === "transform" ? 1 : 0), 0)

const dataOf = (graph: Graph, round: (x: number) => number): readonly Float64Array[] =>
  inputTypes(graph).map(({ shape }, k) =>
    Float64Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => round(Math.sin(i * 1.3 + 5 * k + Math.floor(i / 7)))),
  )

const schedules = (graph: Graph): readonly [Schedule, Schedule] => {
  const plain = prune(fuse(lowerGraph(graph, plainCapabilities), plainCapabilities))
  return [plain, winograd(plain, 0)]
}

const far = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [most, scale] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    most = Math.max(most, Math.abs((a[i] as number) - (b[i] as number)))
    scale = Math.max(scale, Math.abs(b[i] as number))
  }
  return most / scale
}

const sizes: fc.Arbitrary<Sizes> = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 8, max: 15 }),
  width: fc.integer({ min: 8, max: 15 }),
  channels: fc.integer({ min: 16, max: 18 }),
  features: fc.integer({ min: 16, max: 19 }),
  size: fc.integer({ min: 3, max: 5 }),
  padding: fc.constantFrom("same", "valid"),
})

describe("Winograd's filters", () => {
  test.each([
    [6, 3],
    [6, 4],
    [8, 5],
    [8, 4],
  ] as const)("the filter of %i points for kernels of %i correlates", (window, r) => {
    const { input, kernel, output } = filter(window, r)
    const m = window + 1 - r
    const times = (matrix: readonly (readonly number[])[], x: readonly number[]) =>
      matrix.map((row) => row.reduce((sum, c, i) => sum + c * (x[i] as number), 0))
    const [d, g] = [[3, -1, 4, 1, -5, 9, 2, -6].slice(0, window), [24, -48, 72, 120, 96].slice(0, r)]
    const points = times(kernel, g).map((x, i) => x * (times(input, d)[i] as number))
    const expected = Array.from({ length: m }, (_, i) => g.reduce((sum, x, k) => sum + x * (d[i + k] as number), 0))
    for (const [i, y] of times(output, points).entries()) expect(y).toBeCloseTo(expected[i] as number, 9)
  })

  test.each(passes)("%s: equal to the plain sum", (pass) => {
    fc.assert(
      fc.property(sizes, (s) => {
        const graph = graphOf(pass, s)
        const [plain, quick] = schedules(graph)
        fc.pre(transforms(quick.steps) > 0)
        const data = dataOf(graph, (x) => x)
        const [expected, found] = [runSchedule(plain, data), runSchedule(quick, data)]
        expect(far(found[0] as Float64Array, expected[0] as Float64Array)).toBeLessThan(2e-13)
      }),
      { numRuns: 5 },
    )
  })

  describe.each(precisions)("on wasm in %s", (p, precision) => {
    test.each(passes)("%s: as the definition says, within its bound", async (pass) => {
      const s: Sizes = { batch: 2, height: 21, width: 19, channels: 17, features: 22, size: 5, padding: "same" }
      const graph = graphOf(pass, s)
      const data = dataOf(graph, precision.round)
      const session = newSession(p)
      const [plain, quick] = schedules(graph)
      expect(transforms(quick.steps)).toBeGreaterThan(2)
      const program = right(session.loadSchedule(quick))
      const inputs = inputTypes(graph).map((t, k) => right(session.upload(data[k] as Float64Array, t)))
      const [made] = right(await program.run(inputs, { cancelled: false })())
      const found = right(await session.read(made as NonNullable<typeof made>)())
      expect(far(found, runSchedule(plain, data)[0] as Float64Array)).toBeLessThan(p === "float32" ? 2e-5 : 1e-13)
    })
  })

  test("small convolutions, strides and few channels stay as they are", () => {
    const stays = (s: Sizes, least?: number): boolean => {
      const plain = prune(fuse(lowerGraph(graphOf("to the kernel", s), plainCapabilities), plainCapabilities))
      return transforms(winograd(plain, least).steps) === 0
    }
    const s: Sizes = { batch: 2, height: 12, width: 12, channels: 16, features: 16, size: 5, padding: "same" }
    expect([stays(s, 0), stays(s), stays({ ...s, channels: 3 }, 0), stays({ ...s, size: 1 }, 0)]).toEqual([false, true, true, true])
  })
})
