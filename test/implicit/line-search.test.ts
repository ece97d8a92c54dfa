import { describe, expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { judge } from "../../src/implicit/solvers/line-search.js"
import { numbers } from "../support/outcome.js"

const search = (tries = 0) => ({
  g: tensor([1, 0]) as Tensor,
  s: tensor(0.8) as Tensor<[]>,
  tries: tensor(tries) as Tensor<[]>,
  begun: tensor(1) as Tensor<[]>,
})
const of = (g: readonly number[], tries = 0) => {
  const { accepted, failed, shorter } = judge(search(tries) as never, tensor([...g]) as Tensor, 6)
  return { accepted: numbers(accepted)[0] === 1, failed: numbers(failed)[0] === 1, shorter: numbers(shorter)[0] as number }
}

// phi(0) = 1, phi'(0) = -2, the trial at s = 0.8
describe("a trial of the line search", () => {
  test("that descends enough is accepted, up to the slope of 1e-4", () => {
    const bound = 1 - 2e-4 * 0.8
    expect(of([Math.sqrt(bound - 1e-9), 0]).accepted).toBe(true)
    expect(of([Math.sqrt(bound + 1e-9), 0])).toMatchObject({ accepted: false, failed: false })
  })

  test("that does not is followed by the least of the parabola through what is known", () => {
    // 1 - 2 s + c s^2 with phi(0.8) = 2: c = (2 - 1 + 1.6) / 0.64
    expect(of([Math.SQRT2, 0]).shorter).toBeCloseTo(0.64 / 2.6, 12)
  })

  test("is shortened to a tenth at least, to a half at most", () => {
    expect(of([100, 0]).shorter).toBeCloseTo(0.08, 12)
    expect(of([1, 0]).shorter).toBeCloseTo(0.4, 12)
  })

  test("at which g is not finite is halved", () => {
    for (const bad of [Number.NaN, Infinity]) expect(of([bad, 0])).toEqual({ accepted: false, failed: false, shorter: 0.4 })
  })

  test("that is one too many is taken, as a failure, where it is finite", () => {
    expect(of([3, 0], 6)).toMatchObject({ accepted: true, failed: true })
    expect(of([Number.NaN, 0], 6)).toMatchObject({ accepted: false, failed: false })
  })
})
