import { expect, it } from "vitest"
import { bodyOf, printGraph, type Tensor } from "../../../src/core/index.js"
import { add, mul, scan, tanh } from "../../../src/ops/index.js"

it("prints a graph, one line an equation, bodies indented", () => {
  const graph = bodyOf(
    "test",
    [
      { elem: "float", shape: [2] },
      { elem: "float", shape: [3, 2] },
    ],
    ([x, xs]) => {
      const [z, ys] = scan((c: Tensor, r: Tensor) => [tanh(add(c, r) as Tensor), mul(c, -0)] as const, x as Tensor, xs as Tensor, {
        reverse: true,
      })
      return [z, ys, z]
    },
  )
  expect(`\n${printGraph(graph)}\n`).toMatchInlineSnapshot(`
    "
    (%0: float[2], %1: float[3, 2]) ->
      %2: float[2], %3: float[3, 2] = scan {constants: 0, carry: 1, length: 3, reverse: true, body: (below)} %0 %1
        body:
          (%0: float[2], %1: float[2]) ->
            %2: float[2] = add %0 %1
            %3: float[2] = tanh %2
            %4: float[] = literal {value: -0, elem: "float"}
            %5: float[2] = broadcast {shape: [2], dims: []} %4
            %6: float[2] = mul %0 %5
            return %3 %6
      return %2 %3 %2
    "
  `)
})
