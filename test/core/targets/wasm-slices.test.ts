/** The first run of a program, in slices: of what, and the bits of later runs. */
import { describe, expect, test } from "vitest"
import { buildSchedule } from "../../../src/core/compile/build.js"
import { sliceOf } from "../../../src/core/targets/wasm/slices.js"
import { conv, grad, matmul, softmax, square, sum, type Tensor, tensor, toArray, traceTree } from "../../../src/index.js"
import { newSession, right } from "../../support/wasm-run.js"

const phase = (extent: number, grain: number) => ({ index: 0, args: 1, extent, grain, streams: false })

describe("slices", () => {
  test("are of long kernels, whole grains, and not too many", () => {
    expect(sliceOf(phase(1000, 1), 1.9, 1)).toBeNull()
    expect(sliceOf(phase(1000, 1), 4, 1)).toBe(250)
    expect(sliceOf(phase(1000, 16), 4, 1)).toBe(256)
    expect(sliceOf(phase(6400, 1), 1e9, 1)).toBe(100)
    expect(sliceOf(phase(16, 16), 1e9, 1)).toBeNull()
  })

  test("give the bits of later runs, which have none", async () => {
    const waves = (seed: number, ...shape: number[]): Tensor =>
      tensor(
        Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(seed + 1.3 * i)),
        shape,
      ) as Tensor
    const f = (w: Tensor, k: Tensor, x: Tensor): Tensor<[]> =>
      sum(square(softmax(matmul(conv(x, k), w) as Tensor) as Tensor) as Tensor) as Tensor<[]>
    const args = [waves(1, 8, 37), waves(2, 3, 3, 5, 8), waves(3, 2, 19, 19, 5)] as const
    const { graph } = traceTree(
      "slices",
      ((p: readonly [Tensor, Tensor], x: Tensor) => grad((q: typeof p) => f(...q, x))(p as never)) as never,
      [[args[0], args[1]], args[2]],
    )
    const values: (readonly string[])[] = []
    for (const slice of [1, undefined]) {
      const session = newSession("float32", buildSchedule, slice === undefined ? {} : { slice })
      const program = right(session.load(graph))
      const inputs = args.map((t, i) => right(session.upload(toArray(t), graph.types[i] as (typeof graph.types)[number])))
      for (let run = 0; run < 2; run++) {
        const outputs = right(await program.run(inputs, { cancelled: false })())
        values.push(outputs.map((y) => Buffer.from(right(session.read(y)()).buffer).toString("base64")))
      }
      await session.close()
    }
    for (const one of values) expect(one).toStrictEqual(values[0])
  })
})
