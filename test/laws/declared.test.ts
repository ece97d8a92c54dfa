/** What an op's record declares to its laws: one mode only, outputs that are constants by definition, the accuracy of its example. */
import * as E from "fp-ts/lib/Either.js"
import { describe, expect, test } from "vitest"
import { type AnyOp, apply, axes, binary, defineOp, lit, load, type Op, pointwise, type Scalar, unary } from "../../src/core/index.js"
import { cos, mul, type Tensor, TraceError } from "../../src/index.js"
import * as laws from "../../src/laws/index.js"

/** Point by point in one float, with several outputs. */
const pointwiseOp = (
  name: string,
  values: readonly ((x: Scalar) => Scalar)[],
  rest: Pick<Op<null>, "jvp"> & Partial<Op<null>>,
): Op<null> => {
  const op: Op<null> = defineOp<null>({
    name,
    type: (_params, [x]) => {
      if (x?.elem !== "float") throw new TraceError(`${name}: expected float`)
      return values.map(() => x)
    },
    batch: (_params, inputs) => ({ outputs: apply(op, null, inputs), batched: values.map(() => true) }),
    lower: (_params, types) => ({
      t: "index",
      nests: types.flatMap(({ shape }) => values.map((f) => pointwise(shape, f(load(0, axes(shape.length)))))),
    }),
    cheap: true,
    example: (choose) => ({ params: null, inputs: [{ elem: "float", shape: choose.shape(2) }], domains: [{ t: "real" }] }),
    ...rest,
  })
  return op
}

const failing = async (op: AnyOp): Promise<string> => {
  const outcome = await laws.check(laws.op(op), { runs: 25 })()
  return E.isLeft(outcome) ? outcome.left.law : "none"
}
const derivativeLaws = (op: AnyOp) => laws.op(op).map((l) => l.name.slice(op.name.length + 2))

const twice = (x: Scalar) => binary("mul", lit(2), x)
const sine = (x: Scalar) => unary("sin", x)
const slope: Op<null>["jvp"] = (_params, [x], _outputs, [dx]) => [mul(dx as Tensor, cos(x as Tensor))]

describe("modes", () => {
  test("an op that runs forwards only has the laws of forward mode, and one that its reverse mode is refused", async () => {
    const op: Op<null> = pointwiseOp("forward twice", [twice], {
      modes: "forward",
      jvp: (_params, _inputs, _outputs, [dx]) => apply(op, null, [dx as Tensor]),
    })
    expect(await failing(op)).toBe("none")
    expect(derivativeLaws(op)).toEqual(expect.arrayContaining(["jvp is the derivative", "a mode that it does not have is refused"]))
    expect(derivativeLaws(op)).not.toContain("vjp is the adjoint of jvp")
  })

  test("an op that says so and has both is found out", async () => {
    const op = pointwiseOp("sine, forwards it says", [sine], { modes: "forward", jvp: slope })
    expect(await failing(op)).toBe("sine, forwards it says: a mode that it does not have is refused")
  })

  test("an op that says nothing has the laws of both", () => {
    expect(derivativeLaws(pointwiseOp("sine", [sine], { jvp: slope }))).toEqual(
      expect.arrayContaining(["jvp is the derivative", "vjp is the adjoint of jvp", "the three ways to a Hessian agree"]),
    )
  })
})

describe("constant outputs", () => {
  const values = [sine, twice, sine]
  const moving: Op<null>["jvp"] = (params, inputs, outputs, tangents) => {
    const d = slope(params, inputs, outputs, tangents)[0] ?? null
    return [d, null, d]
  }

  test("one in the middle, which varies and has no tangent, is no wrong derivative where it is declared", async () => {
    expect(await failing(pointwiseOp("declared constant", values, { jvp: moving, constant: (_params, k) => k === 1 }))).toBe("none")
    expect(await failing(pointwiseOp("silent constant", values, { jvp: moving }))).toBe("silent constant: jvp is the derivative")
  })

  test("one with a tangent is found out", async () => {
    const op = pointwiseOp("no constant", values, { jvp: moving, constant: (_params, k) => k > 0 })
    expect(await failing(op)).toBe("no constant: jvp gives the tangents there are")
  })
})

test("a value that is exact to 1e-8 only is no wrong derivative where the example says so", async () => {
  const grid = 2 ** 27
  const rounded = (x: Scalar) => binary("div", unary("floor", binary("mul", sine(x), lit(grid))), lit(grid))
  const opOf = (name: string, accuracy: number) =>
    pointwiseOp(name, [rounded], {
      jvp: slope,
      example: (choose) => ({ params: null, inputs: [{ elem: "float", shape: choose.shape(2) }], domains: [{ t: "real" }], accuracy }),
    })
  expect(await failing(opOf("rounded sine", 1 / grid))).toBe("none")
  expect(await failing(opOf("rounded sine, exact it says", 0))).toBe("rounded sine, exact it says: jvp is the derivative")
})
