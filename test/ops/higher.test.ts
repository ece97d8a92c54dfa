import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import { normal } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import { add, cos, dot, exp, eye, hessian, hvp, jacobian, matmul, mul, reshape, sin, sum, tanh } from "../../src/ops/index.js"
import { dataOf, ndOf } from "./support.js"

test("eye is the identity matrix", () => {
  expect(ndOf(eye(3))).toEqual({ shape: [3, 3], data: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) })
})

describe("jacobian", () => {
  test("of a matrix product is the matrix, in both modes", () => {
    const a = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]) as Tensor
    const f = (x: Tensor) => reshape(matmul(a, reshape(x, [3, 1]) as never) as Tensor, [2]) as Tensor
    for (const mode of ["forward", "reverse"] as const)
      expect(ndOf(jacobian(f, { mode })(tensor([1, 1, 1]) as Tensor))).toEqual({ shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) })
  })

  test("forward and reverse mode give one matrix, on tensors of any shape", async () => {
    const f = (x: Tensor) => tanh(matmul(x, sin(x) as never) as Tensor) as Tensor
    await laws.assert(
      laws.sameFunction(
        (x: Tensor) => jacobian(f)(x),
        (x: Tensor) => jacobian(f, { mode: "reverse" })(x),
        [normal([2, 2])] as never,
        { derivatives: false },
      ),
    )
  })
})

describe("hessian and hvp", () => {
  // l = e^x sin y
  const f = (p: Tensor) => sum(mul(exp(dot(p, tensor([1, 0]) as Tensor)), sin(dot(p, tensor([0, 1]) as Tensor))) as Tensor)

  test("of e^x sin y", () => {
    const [x, y] = [0.5, 0.25]
    const [e, s, c] = [Math.exp(x), Math.sin(y), Math.cos(y)]
    const found = dataOf(hessian(f)(tensor([x, y]) as Tensor))
    ;[e * s, e * c, e * c, -e * s].forEach((h, i) => {
      expect(found[i]).toBeCloseTo(h, 14)
    })
  })

  test("hvp is the matrix times the direction, on trees", () => {
    const tree = (p: { readonly a: Tensor; readonly b: readonly [Tensor] }) =>
      sum(mul(cos(p.a) as Tensor, add(p.a, mul(p.b[0], p.b[0]))) as Tensor)
    const point = { a: tensor([0.5, -1]), b: [tensor([2, 0.25])] as const }
    const direction = { a: tensor([1, -2]), b: [tensor([0.5, 3])] as const }
    const product = hvp(tree)(point as never, direction as never) as typeof point
    const along = (t: Tensor<[]>) => {
      const at = (p: Tensor, d: Tensor) => add(p, mul(d, t)) as Tensor
      return { a: at(point.a, direction.a), b: [at(point.b[0], direction.b[0])] as const }
    }
    // d/dt of the gradient along the direction, leaf by leaf
    const slope = (pick: (g: typeof point) => Tensor, k: number) =>
      grad((t: Tensor<[]>) => dot(pick(grad(tree)(along(t) as never) as unknown as typeof point), tensor([k === 0 ? 1 : 0, k]) as Tensor))(
        tensor(0),
      )
    for (const k of [0, 1]) {
      expect(dataOf(product.a)[k]).toBeCloseTo(dataOf(slope((g) => g.a, k))[0] as number, 13)
      expect(dataOf(product.b[0])[k]).toBeCloseTo(dataOf(slope((g) => g.b[0], k))[0] as number, 13)
    }
  })
})
