import { describe, expect, it } from "vitest"
import { bodyOf, compile, harvestGraph, type Report, type Tensor, tensor, toNested } from "../../../src/core/index.js"
import { add, checkpoint, cond, greater, less, mul, scan, sum, tanh, tap, vmap, whileLoop } from "../../../src/ops/index.js"
import { right } from "../../support/either.js"

/** What each tap saw. */
const seen = async (
  f: (x: Tensor<[2]>) => unknown,
  target: "interpreter" | "wasm" = "interpreter",
): Promise<Readonly<Record<string, unknown>>> => {
  const { report } = right(await compile(f, { target }).run(tensor([1, 2]))()) as { readonly report: Report }
  return Object.fromEntries(report.taps.map((t) => [t.site, t.values.map(toNested)]))
}

describe("harvest", () => {
  it("leaves a graph in which nothing is emitted alone", () => {
    const g = bodyOf("test", [{ elem: "float", shape: [2] }], ([x]) => [tanh(x as Tensor)])
    expect(harvestGraph(g)).toEqual({ graph: g, emissions: [] })
    expect(harvestGraph(g).graph).toBe(g)
  })

  it.each(["interpreter", "wasm"] as const)("carries values out of loops and branches, in order, on %s", async (target) => {
    const logs = await seen((x) => {
      const [end] = scan(
        (c: Tensor<[2]>) =>
          [
            cond(
              greater(sum(c), 10),
              () => tap("late", c, { limit: 2 }),
              () => mul(tap("early", c, { limit: 3 }), 2),
            ),
            null,
          ] as const,
        x,
        null,
        { length: 4 },
      )
      const n = whileLoop(
        (k: Tensor<[]>) => less(k, 3),
        (k) => add(tap("count", k, { limit: 4 }), 1),
        0 as unknown as Tensor<[]>,
      )
      return [tap("end", end, { limit: 1 }), n, checkpoint((t: Tensor<[]>) => tap("inside", t, { limit: 1 }))(n)]
    }, target)
    expect(logs).toEqual({
      early: [
        2,
        [
          [1, 2],
          [2, 4],
          [0, 0],
        ],
      ],
      late: [
        2,
        [
          [4, 8],
          [4, 8],
        ],
      ],
      count: [3, [0, 1, 2, 0]],
      end: [1, [[4, 8]]],
      inside: [1, [3]],
    })
  })

  it("merges the emissions of one site", async () => {
    const logs = await seen((x) => Array.from({ length: 5 }, (_, i) => tap("all", mul(x, i), { limit: 3 })))
    expect(logs).toEqual({
      all: [
        5,
        [
          [0, 0],
          [1, 2],
          [2, 4],
        ],
      ],
    })
  })

  it("tells what a branch that did not run emits as nothing", async () => {
    const logs = await seen((x) =>
      cond(
        greater(sum(x), 10),
        () => tap("never", x, { limit: 1 }),
        () => x,
      ),
    )
    expect(logs).toEqual({ never: [0, [[0, 0]]] })
  })

  it("sees all rows of a vmap", async () => {
    const logs = await seen((x) => vmap((r: Tensor<[]>) => tap("row", r, { limit: 1 }))(x))
    expect(logs).toEqual({ row: [1, [[1, 2]]] })
  })

  it.each(["interpreter", "wasm"] as const)("sees a loop on rows once a turn, as long as a row goes on, on %s", async (target) => {
    const double = (limit: Tensor<[]>) =>
      whileLoop(
        (k: Tensor<[]>) => less(k, limit),
        (k) => mul(tap("turn", k, { limit: 4 }), 2),
        1 as unknown as Tensor<[]>,
      )
    // a row that has ended computes on a copy of one that goes on
    const rows = await seen((x) => vmap(double)(mul(x, 2)), target)
    expect(rows).toEqual({
      turn: [
        2,
        [
          [1, 1],
          [2, 2],
          [0, 0],
          [0, 0],
        ],
      ],
    })
    const square = await seen((x) => vmap((a: Tensor<[]>) => vmap((b: Tensor<[]>) => double(mul(a, b) as Tensor<[]>))(x))(x), target)
    expect(square.turn).toMatchObject([
      2,
      [
        [
          [1, 1],
          [1, 1],
        ],
        [
          [2, 2],
          [2, 2],
        ],
        [
          [0, 0],
          [0, 0],
        ],
        [
          [0, 0],
          [0, 0],
        ],
      ],
    ])
    expect(await seen((x) => vmap(double)(mul(x, 0)), target)).toMatchObject({
      turn: [
        0,
        [
          [0, 0],
          [0, 0],
          [0, 0],
          [0, 0],
        ],
      ],
    })
  })
})
