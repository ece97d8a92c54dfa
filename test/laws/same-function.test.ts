/** laws.sameFunction: two programs for one function, values and derivatives. */
import { describe, expect, test } from "vitest"
import type { Tensor } from "../../src/core/index.js"
import { normal } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import { add, exp, log, logSoftmax, mul, softmax, stopGradient, sum } from "../../src/ops/index.js"
import { failure, sizeOfExample } from "./support.js"

const x = [normal([3])] as const

describe("one function", () => {
  test("written twice", async () => {
    const [report] = await laws.assert(
      laws.sameFunction(
        (a: Tensor<[3]>) => log(softmax(a) as Tensor),
        (a) => logSoftmax(a),
        x,
      ),
    )
    expect(report?.vacuous).toBe(0)
  })

  test("to the bit, of trees", async () => {
    const law = laws.sameFunction(
      (p: { a: Tensor<[3]> }) => ({ twice: add(p.a, p.a) }),
      (p) => ({ twice: mul(p.a, 2) }),
      [{ a: normal([3]) }],
      { tolerance: 0 },
    )
    expect((await laws.assert(law))[0]?.worst).toBe(0)
  })
})

describe("two functions", () => {
  test("other values", async () => {
    const found = await failure(
      laws.sameFunction(
        (a: Tensor<[3]>) => exp(a),
        (a) => add(exp(a), a),
        x,
      ),
    )
    expect(sizeOfExample(found).largest).toBeLessThanOrEqual(1 / 16)
    expect(found.message).toContain("law:   f(x) = g(x) for every x, and so J_f = J_g (extensionality).")
  })

  test("same values and other derivatives", async () => {
    const stopped = (a: Tensor<[3]>) => mul(a, stopGradient(a))
    const found = await failure(laws.sameFunction((a: Tensor<[3]>) => mul(a, a), stopped, x))
    expect(sizeOfExample(found)).toEqual({ nonzero: 1, largest: 1 / 16 })
    expect(found.why).toMatch(/^the (?:derivative of g along a direction|pullback of g) at \[[012]\] is /)
    await laws.assert(laws.sameFunction((a: Tensor<[3]>) => mul(a, a), stopped, x, { derivatives: false }))
  })

  test("same numbers in other trees or shapes", async () => {
    expect(
      (
        await failure(
          laws.sameFunction(
            (a: Tensor<[3]>) => [a],
            (a) => a,
            x,
          ),
        )
      ).why,
    ).toBe("g(x) is a tree _, expected [_]")
    expect(
      (
        await failure(
          laws.sameFunction(
            (a: Tensor<[3]>) => a,
            (a) => sum(a),
            x,
          ),
        )
      ).why,
    ).toBe("leaf 0 of g(x) is float[], expected float[3]")
  })

  test("rounding counts where the same bits are asked for", async () => {
    const law = (tolerance: number) =>
      laws.sameFunction(
        (a: Tensor<[3]>) => mul(mul(a, 0.1), 3),
        (a) => mul(a, 0.1 * 3),
        x,
        { tolerance },
      )
    await laws.assert(law(1e-10))
    expect((await failure(law(0))).why).toContain("(no difference allowed)")
  })
})
