import { describe, expect, it } from "vitest"
import { constantData, evaluate, type Tensor, tensor, toNested, valueAndGrad } from "../../../src/core/index.js"
import { fixedPoint, picard } from "../../../src/implicit/index.js"
import { add, mul } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"

describe("evaluate", () => {
  it("gives a tree of leaves without history", () => {
    const kept = tensor([1, 2])
    const tree = right(evaluate({ kept, both: [mul(kept, 2), add(kept, 1), 7, null] as const }))
    expect(tree.kept).toBe(kept)
    const [doubled, more, number, nothing] = tree.both
    expect([toNested(doubled), toNested(more), toNested(number), nothing]).toEqual([[2, 4], [2, 3], 7, null])
    expect(constantData(doubled)).not.toBeNull()
  })

  it("gives each leaf its own data", () => {
    const x = tensor([1, 2])
    const [a, b] = right(evaluate([mul(x, 2), mul(x, 2)] as const))
    expect(constantData(a)).not.toBe(constantData(b))
  })

  it("names the function whose argument has escaped", () => {
    let escaped: Tensor<[]> = tensor(0)
    valueAndGrad((x: Tensor<[]>) => {
      escaped = mul(x, 2)
      return x
    })(tensor(1))
    expect(left(evaluate(escaped))).toMatchObject({
      _tag: "TraceError",
      message: expect.stringContaining("an argument of grad, which has no value"),
    })
    expect(left(evaluate("no tree" as never))).toMatchObject({
      _tag: "TraceError",
      message: expect.stringContaining("expected a tree of tensors"),
    })
  })

  it("refuses what did not converge", () => {
    const solve = fixedPoint((z: Tensor<[]>) => add(mul(z, 3), 1), tensor(1), picard({ maxEvaluations: 5 }))
    expect(left(evaluate(solve))).toMatchObject({ _tag: "NotConverged" })
  })
})
