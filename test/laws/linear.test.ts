/** laws.linear: holds on linear functions, catches affine and quadratic ones, and transposes that are no adjoint. */
import { describe, expect, test } from "vitest"
import { type AnyTensor, apply1, type Op, type Tensor } from "../../src/core/index.js"
import { bools, normal } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import { negOp } from "../../src/ops/arithmetic.js"
import { add, einsum, mul, scan, where } from "../../src/ops/index.js"
import { failure, sizeOfExample } from "./support.js"

const halfNegated: Op<null> = {
  ...negOp,
  jvp: (_params, _inputs, _outputs, [d]) => [apply1(halfNegated, null, [d as AnyTensor])],
  transpose: (_params, _inputs, _linear, [ct]) => [ct as AnyTensor],
}

describe("linear functions", () => {
  test("a running sum", async () => {
    const runningSum = (x: Tensor<[5]>) =>
      scan((total: Tensor<[]>, row: Tensor<[]>) => [add(total, row), add(total, row)], 0 as never, x as never)[1]
    const reports = await laws.assert(laws.linear(runningSum, [normal([5])]))
    expect(reports.map((r) => r.law)).toEqual(["linear: superposition", "linear: the transpose is the adjoint"])
    expect(reports.every((r) => r.vacuous === 0)).toBe(true)
  })

  test("in two arguments together, with a third held fixed", async () => {
    const choose = (p: { x: Tensor<[3]>; y: Tensor<[3]> }, c: Tensor<[3], "bool">) => where(c, p.x, mul(p.y, 2) as Tensor<[3]>)
    await laws.assert(laws.linear(choose, [{ x: normal([3]), y: normal([3]) }, bools([3])]))
  })
})

describe("other functions", () => {
  test("a constant is found at 0", async () => {
    const found = await failure(laws.linear((x: Tensor<[3]>) => add(mul(x, 2), 1), [normal([3])]))
    expect(found.law).toBe("linear: superposition")
    expect(sizeOfExample(found)).toEqual({ nonzero: 0, largest: 0 })
    expect(found.why).toMatch(/^f\(0 x \+ 0 y\) at \[0\] is 1, expected 0 /)
  })

  test("a square is found at one entry", async () => {
    const found = await failure(laws.linear((x: Tensor<[3]>) => mul(x, x), [normal([3])]))
    expect(found.law).toBe("linear: superposition")
    expect(sizeOfExample(found)).toEqual({ nonzero: 1, largest: 1 / 16 })
    expect(found.message).toContain("law:   f(a x + b y) = a f(x) + b f(y)")
  })

  test("bilinear is not linear in both", async () => {
    const found = await failure(laws.linear((a: Tensor<[2]>, b: Tensor<[2]>) => einsum("i,i->", a, b), [normal([2]), normal([2])]))
    expect(found.law).toBe("linear: superposition")
  })

  test("a transpose that is no adjoint", async () => {
    const found = await failure(laws.linear((x: Tensor<[3]>) => apply1(halfNegated, null, [x]), [normal([3])]))
    expect(found.law).toBe("linear: the transpose is the adjoint")
    expect(found.counterexample).toMatch(/^x =\nargument \[0\]: float\[3\] \[0, 0, 0\]\ny =\n/)
    expect(sizeOfExample(found)).toEqual({ nonzero: 1, largest: 1 / 16 })
    expect(found.why).toMatch(/^<u, f\(y\)>, with <J' u, v> as the expected value, is /)
  })
})
