import { describe, expect, it } from "vitest"
import { bodiesOf } from "../../../src/core/graph/bodies.js"
import {
  type AnyTensor,
  bodyOf,
  type Graph,
  literal,
  printGraph,
  simplifyGraph,
  type Tensor,
  type TensorType,
} from "../../../src/core/index.js"
import { add, checkpoint, cond, greater, mul, scan, slice, stopGradient, sum, tanh, where } from "../../../src/ops/index.js"

const vector: TensorType = { elem: "float", shape: [3] }

const graphOf = (f: (x: Tensor, y: Tensor) => AnyTensor): Graph =>
  bodyOf("test", [vector, vector], ([x, y]) => [f(x as Tensor, y as Tensor)])

const ops = (g: Graph): readonly string[] => g.equations.map((e) => e.op.name)

describe("simplifyGraph", () => {
  const cases: readonly (readonly [string, (x: Tensor, y: Tensor) => AnyTensor, readonly string[]])[] = [
    ["erases stopGradient", (x) => stopGradient(tanh(stopGradient(x))), ["tanh"]],
    ["takes identities of ops", (x) => mul(add(slice(x, {}), 0), 1), []],
    ["from the inside out", (x, y) => where(literal(1, "bool"), mul(x, 1) as Tensor, tanh(y)), []],
    ["merges what has become equal", (x) => add(tanh(mul(x, 1) as Tensor), tanh(x)), ["tanh", "add"]],
    ["leaves out what is dead", (x, y) => [tanh(y), tanh(x)][1] as Tensor, ["tanh"]],
  ]
  it.each(cases)("%s", (_, f, expected) => {
    const simple = simplifyGraph(graphOf(f))
    expect(ops(simple)).toEqual(expected)
    expect(simple.outputs.length).toBe(1)
  })

  it("simplifies bodies, each once, and moves nothing out of them", () => {
    const g = graphOf((x, y) => {
      const step = (c: Tensor) =>
        [
          cond(
            greater(sum(c), 0) as Tensor<[], "bool">,
            () => stopGradient(mul(c, 1) as Tensor),
            () => mul(tanh(y), 1) as Tensor,
          ),
          null,
        ] as const
      return checkpoint((t: Tensor) => mul(t, 1) as Tensor)(scan(step, x, null, { length: 3 })[0])
    })
    const simple = simplifyGraph(g)
    expect(ops(simple)).toEqual(["scan", "checkpoint"])
    const [scanned, region] = simple.equations.map((e) => bodiesOf(e.params)[0]?.body as Graph)
    expect(ops(region as Graph)).toEqual([])
    const branches = (scanned as Graph).equations
      .filter((e) => e.op.name === "cond")
      .flatMap((e) => bodiesOf(e.params).map(({ body }) => ops(body)))
    expect(branches).toEqual([[], ["tanh"]])
    expect(simplifyGraph(g)).toBe(simple)
    expect(printGraph(simplifyGraph(simple))).toBe(printGraph(simple))
  })
})
