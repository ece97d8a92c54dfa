import { describe, expect, test } from "vitest"
import { bodyOf } from "../../src/core/index.js"
import { exp, grad, maxPool, reshape, square, sum, type Tensor } from "../../src/index.js"
import { precisionOf, roundingBound } from "../../src/laws/index.js"

describe("the rounding bound", () => {
  test("of a derivative that asks which number is the largest is one of rounding, not of the choice", () => {
    const pooled = (x: Tensor): Tensor<[]> => sum(square(maxPool(reshape(exp(x), [1, 8, 1]) as Tensor, 2))) as Tensor<[]>
    const graph = bodyOf("pooled", [{ elem: "float", shape: [8] }], ([x]) => [grad(pooled)(x as Tensor)])
    const x = Float64Array.of(0.3, -1.2, 2.5, 2.25, -0.7, -0.1, 0.9, 0.4)
    const [bound] = roundingBound(graph, [x], Math.random, precisionOf("wasm"))
    const large = Math.max(...(bound as Float64Array))
    expect(large).toBeGreaterThan(1e-6)
    expect(large).toBeLessThan(1e-2) // the derivatives are up to 300
  })
})
