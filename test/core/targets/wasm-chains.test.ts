import { describe, expect, test } from "vitest"
import { buildSchedule } from "../../../src/core/compile/build.js"
import { planMemory } from "../../../src/core/compile/memory.js"
import { closeBody, inputTypes } from "../../../src/core/index.js"
import { arithmetic } from "../../../src/core/targets/wasm/arithmetic.js"
import { chainsOf } from "../../../src/core/targets/wasm/chains.js"
import { pairOf } from "../../../src/core/targets/wasm/pairs.js"
import { capabilitiesOf } from "../../../src/core/targets/wasm/session.js"
import {
  add,
  exp,
  type Graph,
  layerNorm,
  mul,
  permute,
  relu,
  restoreAxes,
  sliceAxis,
  softmax,
  sub,
  sum,
  type Tensor,
  tanh,
  vjp,
} from "../../../src/index.js"
import { newSession, precisions, runSchedule } from "../../support/wasm-run.js"

const float = (...shape: number[]) => ({ elem: "float", shape }) as const
const T = (x: unknown) => x as Tensor

const graphs: readonly (readonly [string, Graph])[] = [
  [
    "a softmax and its gradient",
    closeBody("t", [float(301, 131), float(301, 131)], ([x, g]) => vjp((v: Tensor) => softmax(v), T(x))[1](T(g))).graph,
  ],
  [
    "normalised rows with what follows",
    closeBody("t", [float(157, 250), float(250), float(250)], ([x, scale, shift]) => [
      relu(mul(layerNorm(T(x), { scale: T(scale), shift: T(shift) }), 2) as Tensor) as Tensor,
    ]).graph,
  ],
  [
    "rows of rows, and sums that leave one number a row",
    closeBody("t", [float(7, 90, 61), float(7, 90, 61)], ([x, y]) => {
      const z = mul(T(x), T(y)) as Tensor
      return [mul(sub(z, T(x)) as Tensor, restoreAxes(sum(z, [1, 2]) as Tensor, z.shape, [1, 2])) as Tensor, sum(z, [2]) as Tensor]
    }).graph,
  ],
  [
    // y is dead after the first two kernels of the chain; what later ones make would fit there, and meet rows that are still to be read
    "a result that would fit in the place of what the first kernels read",
    closeBody("t", [float(100, 300)], ([x]) => {
      const y = exp(permute(T(x), [1, 0]) as Tensor) as Tensor
      const shares = softmax(y) as Tensor
      return [sliceAxis(shares, 1, 0, 50), sliceAxis(shares, 1, 50, 100)].map((half) => sum(tanh(half as Tensor) as Tensor, [0]) as Tensor)
    }).graph,
  ],
  [
    "a transpose on the way, which reads other rows",
    closeBody("t", [float(190, 190)], ([x]) => {
      const y = mul(T(x), T(x)) as Tensor
      return [softmax(add(permute(y, [1, 0]) as Tensor, softmax(y) as Tensor) as Tensor) as Tensor]
    }).graph,
  ],
]

const special = [Number.NaN, Infinity, -Infinity, -0, 1e30, -1e30, 88.8, 87.3, -86.6, -87.4, -103.9, -104.1, 709.9, -745.2]

describe.each(precisions)("chains of kernels over rows in %s", (p) => {
  test.each(graphs)("%s: the same bits as kernel by kernel", async (_name, graph) => {
    const schedule = buildSchedule(graph, capabilitiesOf(p))
    const chains = chainsOf(schedule, arithmetic[p].bytes)
    expect(chains.size).toBeGreaterThan(0)
    const data = inputTypes(graph).map(({ shape }, k) =>
      Float64Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.fround(Math.sin(i * 0.7 + k))),
    )
    const session = newSession(p)
    const plain = await runSchedule(schedule, data, p, { session, plan: planMemory(schedule) })
    expect(await runSchedule(schedule, data, p, { session })).toStrictEqual(plain)
  })

  test.each([33, 256, 300])(
    "powers of any numbers, kept and summed in one: the same bits as kernel by kernel, rows of %i",
    async (columns) => {
      const { graph } = closeBody("t", [float(400, columns)], ([x]) => {
        const y = exp(T(x)) as Tensor
        return [mul(y, restoreAxes(sum(y, [1]) as Tensor, y.shape, [1])) as Tensor, sum(y, [1]) as Tensor]
      })
      const schedule = buildSchedule(graph, capabilitiesOf(p))
      const [chain] = [...chainsOf(schedule, arithmetic[p].bytes).values()]
      const pairs = chain?.steps.flatMap((step, i, { [i + 1]: next }) =>
        next === undefined ? [] : (pairOf(step, next, arithmetic[p], (id) => schedule.buffers[id]?.shape ?? []) ?? []),
      )
      expect(pairs).toHaveLength(1)
      const data = Float64Array.from({ length: 400 * columns }, (_, i) =>
        i % 61 === 0 ? (special[(i / 61) % special.length] as number) : Math.fround(Math.sin(i * 0.7) * (i % 5 === 0 ? 100 : 3)),
      )
      const session = newSession(p)
      const plain = await runSchedule(schedule, [data], p, { session, plan: planMemory(schedule) })
      expect(await runSchedule(schedule, [data], p, { session })).toStrictEqual(plain)
    },
  )

  test("rows of a block fit, and all of a chain is there while it runs", () => {
    for (const [, graph] of graphs) {
      const schedule = buildSchedule(graph, capabilitiesOf(p))
      for (const { steps, rows, block } of chainsOf(schedule, arithmetic[p].bytes).values()) {
        expect(steps.length).toBeGreaterThan(1)
        expect(block).toBeGreaterThan(0)
        expect(block).toBeLessThanOrEqual(rows)
        expect(new Set(steps.map((s) => s.nest.domain[0]))).toEqual(new Set([rows]))
      }
    }
  })
})
