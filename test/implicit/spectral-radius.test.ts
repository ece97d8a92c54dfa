/** The spectral radius by powers, where the Rayleigh quotient of the peers gives 0, 0.45, something that depends on the start, and NaN. */
import { describe, expect, it } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import { spectralRadius } from "../../src/implicit/index.js"
import { mul, sum, tanh } from "../../src/ops/index.js"
import { apply } from "../support/contraction.js"
import { number } from "../support/outcome.js"

const rotation = (degrees: number) => {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  return [
    [0.9 * c, -0.9 * s],
    [0.9 * s, 0.9 * c],
  ]
}
const radius = (m: readonly (readonly number[])[]) =>
  number(spectralRadius((z: Tensor) => apply(tensor(m) as Tensor, z), tensor([0, 0]) as Tensor))

describe("spectralRadius", () => {
  it.each([
    ["0.9 rot(90)", rotation(90)],
    ["0.9 rot(60)", rotation(60)],
    [
      "diag(0.9, -0.9)",
      [
        [0.9, 0],
        [0, -0.9],
      ],
    ],
  ] as const)("of %s is 0.9", (_, m) => expect(radius(m)).toBeCloseTo(0.9, 13))

  it("of a constant map is 0", () =>
    expect(
      radius([
        [0, 0],
        [0, 0],
      ]),
    ).toBe(0))

  it("of a nilpotent map is 0", () =>
    expect(
      radius([
        [0, 5],
        [0, 0],
      ]),
    ).toBe(0))

  it("tends to the largest eigenvalue of a matrix that is not normal", () =>
    expect(
      radius([
        [0.5, 10],
        [0, 0.25],
      ]),
    ).toBeCloseTo(0.5, 6))

  it("is taken at the state, over all its leaves, and is a constant to transforms", () => {
    const f = ({ x, y }: { readonly x: Tensor<[]>; readonly y: Tensor<[]> }) => ({
      x: tanh(mul(y, 2)) as Tensor<[]>,
      y: mul(x, 0.5) as Tensor<[]>,
    })
    const at = (v: Tensor<[]>) => spectralRadius(f, { x: tensor(0) as Tensor<[]>, y: v })
    // eigenvalues are +- sqrt(0.5 * 2 (1 - tanh(2y)^2))
    expect(number(at(tensor(0.25) as Tensor<[]>))).toBeCloseTo(Math.sqrt(1 - Math.tanh(0.5) ** 2), 12)
    expect(number(grad((v: Tensor<[]>) => sum(at(v)))(tensor(0.25) as Tensor<[]>))).toBe(0)
  })
})
