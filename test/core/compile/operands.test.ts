import { describe, expect, test } from "vitest"
import { buildSchedule } from "../../../src/core/compile/build.js"
import { closeBody, inputTypes } from "../../../src/core/index.js"
import { conv, einsum, type Graph, grad, square, sum, type Tensor } from "../../../src/index.js"
import { plainCapabilities } from "../../support/capabilities.js"
import { runSchedule } from "../../support/schedule-reference.js"

const inputsOf = (graph: Graph) =>
  inputTypes(graph).map(({ shape }, k) => Float64Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(i + 7 * k)))

const float = (...shape: number[]) => ({ elem: "float", shape }) as const

const cases: readonly (readonly [string, Graph, number])[] = [
  ["a b'", closeBody("test", [float(12, 9), float(16, 9)], ([a, b]) => [einsum("ij,kj->ik", a as Tensor, b as Tensor)]).graph, 1],
  [
    "a b, which needs nothing",
    closeBody("test", [float(12, 9), float(9, 16)], ([a, b]) => [einsum("ij,jk->ik", a as Tensor, b as Tensor)]).graph,
    0,
  ],
  [
    "the gradient of a convolution to its input",
    closeBody("test", [float(2, 6, 6, 4), float(3, 3, 4, 8)], ([x, w]) => [
      grad((v: Tensor) => sum(square(conv(v, w as Tensor))) as Tensor<[]>)(x as Tensor) as Tensor,
    ]).graph,
    1,
  ],
]

describe("align", () => {
  test.each(cases)("%s: the same bits, with %#", (_name, graph, copies) => {
    const [before, after] = [buildSchedule(graph, plainCapabilities), buildSchedule(graph, { ...plainCapabilities, lanes: 4 })]
    expect(after.steps.filter((s) => s.t === "kernel" && s.name.startsWith("align")).length).toBe(copies)
    expect(runSchedule(after, inputsOf(graph))).toEqual(runSchedule(before, inputsOf(graph)))
  })
})
