/** laws.gradient: holds on right gradients, catches wrong ones, and says which argument is wrong. */
import { describe, expect, test } from "vitest"
import { type AnyTensor, apply1, type Op, type Tangent, type Tensor } from "../../src/core/index.js"
import { integers, key, normal } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import { mulOp, negOp } from "../../src/ops/arithmetic.js"
import { add, cast, exp, log, matmul, mean, mul, relu, square, stopGradient, sum, tanh } from "../../src/ops/index.js"
import { failure, sizeOfExample } from "./support.js"

interface Layer {
  readonly w: Tensor<[3, 2]>
  readonly b: Tensor<[2]>
}
const layer = { w: normal([3, 2]), b: normal([2]) }
const loss = (p: Layer, x: Tensor<[4, 3]>) => mean(square(tanh(add(matmul(x, p.w), p.b))))

/** Minus, whose transpose forgets the sign. */
const halfNegated: Op<null> = {
  ...negOp,
  jvp: (_params, _inputs, _outputs, [d]) => [apply1(halfNegated, null, [d as AnyTensor])],
  transpose: (_params, _inputs, _linear, [ct]) => [ct as AnyTensor],
}
const negated = (x: Tensor) => apply1(halfNegated, null, [x]) as Tensor

/** A product whose derivative in b does not depend on a. */
const oneSided: Op<null> = {
  ...mulOp,
  jvp: (_params, [a, b], _outputs, [da, db]) => {
    const terms: readonly Tangent[] = [
      da == null ? null : (mul(da as Tensor, b as Tensor) as AnyTensor),
      db == null ? null : (mul(stopGradient(a as Tensor), db as Tensor) as AnyTensor),
    ]
    const [s, t] = terms
    return [s == null ? (t ?? null) : t == null ? s : add(s as Tensor, t as Tensor)]
  },
}

describe("right gradients", () => {
  test("of a function of trees", async () => {
    const reports = await laws.assert(laws.gradient(loss, [layer, normal([4, 3])]), { runs: 20 })
    expect(reports.map((r) => r.law)).toEqual(["gradient: Taylor", "gradient: forward is reverse", "gradient: Hessian symmetry"])
    expect(reports.every((r) => r.vacuous === 0)).toBe(true)
  })

  test("of a function that can be differentiated once: order 1 leaves the Hessian out", async () => {
    const f = (x: Tensor<[3]>) => sum(exp(x))
    expect((await laws.assert(laws.gradient(f, [normal([3])], { order: 1 }))).map((r) => r.law)).toHaveLength(2)
  })

  test("with a kink on the line: any slope between the two sides, and the report counts those inputs", async () => {
    const [taylor] = await laws.assert(laws.gradient((x: Tensor<[4]>) => sum(relu(x)), [normal([4])], { order: 1 }))
    expect(taylor?.vacuous).toBeLessThan(taylor?.runs as number)
  })

  test("whole numbers and keys are held fixed", async () => {
    const f = (x: Tensor<[2]>, n: Tensor<[2], "int">, _k: Tensor<[], "key">) => sum(mul(x, cast(n, "float")))
    const reports = await laws.assert(laws.gradient(f, [normal([2]), integers([2]), key()]), { runs: 20 })
    expect(reports.every((r) => r.vacuous === 0)).toBe(true)
  })

  test("a function of whole numbers alone is outside the law", async () => {
    const f = (n: Tensor<[2], "int">) => sum(cast(n, "float"))
    const reports = await laws.assert(laws.gradient(f, [integers([2])]), { runs: 5 })
    expect(reports.every((r) => r.vacuous === r.runs)).toBe(true)
    expect(laws.showReport(reports)).toContain("held on 5 inputs (5 of them outside the law)")
  })
})

describe("wrong gradients", () => {
  test("Taylor finds a value that was stopped, shows the orders, and names the argument", async () => {
    const f = (p: { a: Tensor<[3]>; b: Tensor<[2]> }) => add(sum(mul(p.a, stopGradient(p.a))), sum(square(p.b)))
    const found = await failure(laws.gradient(f, [{ a: normal([3]), b: normal([2]) }]))
    expect(found.law).toBe("gradient: Taylor")
    // one entry of a, and of the direction in it
    expect(sizeOfExample(found)).toEqual({ nonzero: 2, largest: 1 / 16 })
    expect(found.message).toContain('the law "gradient: Taylor" does not hold (input ')
    expect(found.message).toContain("argument [0].a: float[3] [")
    expect(found.message).toMatch(/the derivative along v is -?0.0078125 by central differences/)
    expect(found.message).toMatch(/found -?0.003906250? by the gradient; remainders should fall like h\^2 \(order 2\), and do:/)
    expect(found.message).toMatch(/h = 6.0e-8 {2}\|l\(x \+ h v\) - l\(x\) - h dl\| = \S+ {2}order 1.00/)
    expect(found.message).toContain("the gradient is wrong in argument [0].a\n")
    expect(found.message).toContain(`again: run it with { seed: ${found.seed} }`)
  })

  test("Taylor does not take a value without a derivative", async () => {
    const found = await failure(laws.gradient((x: Tensor<[2]>) => sum(log(x)), [normal([2])]))
    expect(found.message).toMatch(/the value is (?:-Infinity|NaN): no derivative can be right there/)
  })

  test("the dot-product test finds a transpose that is no adjoint", async () => {
    const [taylor, adjoint] = laws.gradient((x: Tensor<[2]>) => sum(negated(square(x))) as Tensor<[]>, [normal([2])])
    const found = await failure(adjoint as laws.AnyLaw)
    expect(found.law).toBe("gradient: forward is reverse")
    expect(sizeOfExample(found)).toEqual({ nonzero: 2, largest: 1 / 16 })
    expect(found.why).toMatch(
      /^J v by forward mode, with <J' u, v> as the expected value, is (?:0.0078125, expected -|-0.0078125, expected )0.0078125 /,
    )
    expect((await failure(taylor as laws.AnyLaw)).message).toContain("the gradient is wrong in argument [0]")
  })

  test("Schwarz's theorem finds a rule that is right once and wrong twice", async () => {
    const f = (x: Tensor<[2]>, y: Tensor<[2]>) => sum(apply1(oneSided, null, [x, y]) as Tensor) as Tensor<[]>
    const all = laws.gradient(f, [normal([2]), normal([2])])
    await laws.assert(all.slice(0, 2), { runs: 20 })
    const found = await failure(all)
    expect(found.law).toBe("gradient: Hessian symmetry")
    expect(sizeOfExample(found).largest).toBeLessThanOrEqual(1 / 16)
    expect(found.message).toMatch(/found: H w by reverse over forward, against forward over reverse, input [01], at \[[01]\] is /)
    expect(found.message).toContain("direction w =")
  })

  test("a function that gives no scalar is refused in words", async () => {
    const found = await failure(laws.gradient((x: Tensor<[2]>) => x as unknown as Tensor<[]>, [normal([2])]))
    expect(found.message).toContain("TraceError: laws.gradient: the function must return one float scalar; reduce it with sum or mean")
  })
})
