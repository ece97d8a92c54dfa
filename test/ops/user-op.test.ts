/** A user's own ops, written against the public entry alone: they keep the laws of ops, and run on every target. */
import { describe, expect, test } from "vitest"
import { apply, apply1, at, axes, binary, defineOp, lit, load, modulo, type Op, plus, pointwise, unary } from "../../src/core/index.js"
import {
  binaryFormula,
  binaryOp,
  div,
  evaluate,
  grad,
  mul,
  neg,
  square,
  sum,
  type TargetName,
  type Tensor,
  TraceError,
  tensor,
  toArray,
  vmap,
} from "../../src/index.js"
import { awayFromZero } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import { right } from "../support/either.js"

/** By its formula. Not differentiable where both are 0, so the laws look elsewhere. */
const hypotOp = binaryFormula(
  "hypot",
  [{ t: "positive" }, { t: "real" }],
  (a, b) => unary("sqrt", binary("add", binary("mul", a, a), binary("mul", b, b))),
  [(a, _b, y) => div(a, y), (_a, b, y) => div(b, y)],
)
const hypot = binaryOp("hypot", hypotOp)

interface RingParams {
  /** How far away the neighbours stand. */
  readonly reach: number
}

/** With parameters, in index notation: second differences along the last axis, whose ends meet. It is linear, and its own transpose. */
const ringOp: Op<RingParams, 1, 1> = defineOp<RingParams, 1, 1>({
  name: "ring",
  type: (_params, [x]) => {
    if (x.elem !== "float" || x.shape.length === 0) throw new TraceError("ring: expected float with at least one axis")
    return [x]
  },
  jvp: (params, _inputs, _outputs, [dx]) => [apply1(ringOp, params, [dx])],
  transpose: (params, _inputs, _linear, [ct]) => [apply1(ringOp, params, [ct])],
  batch: (params, [x]) => ({ outputs: [apply1(ringOp, params, [x])], batched: [true] }),
  lower: ({ reach }, [{ shape }]) => {
    const last = shape.length - 1
    const along = (d: number) =>
      load(
        0,
        axes(last + 1).map((ix, k) => (k === last ? modulo(plus(ix, at(d)), shape[k] ?? 1) : ix)),
      )
    const around = binary("add", along(reach), along(-reach))
    return { t: "index", nests: [pointwise(shape, binary("sub", around, binary("mul", lit(2), along(0))))] }
  },
  cheap: true,
  example: (choose) => ({
    params: { reach: choose.int(1, 2) },
    inputs: [{ elem: "float", shape: [...choose.shape(1), choose.int(1, 5)] }],
    domains: [{ t: "real" }],
  }),
})
const ring = (x: Tensor, reach = 1): Tensor => apply1(ringOp, { reach }, [x]) as Tensor

/** Two outputs, each of which is the other's derivative. */
const sinCosOp: Op<null, 1, 2> = defineOp<null, 1, 2>({
  name: "sinCos",
  type: (_params, [x]) => {
    if (x.elem !== "float") throw new TraceError("sinCos: expected float")
    return [x, x]
  },
  jvp: (_params, _inputs, [s, c], [dx]) => [mul(dx as Tensor, c as Tensor), neg(mul(dx as Tensor, s as Tensor))],
  batch: (_params, [x]) => ({ outputs: apply(sinCosOp, null, [x]), batched: [true, true] }),
  lower: (_params, [{ shape }]) => {
    const x = load(0, axes(shape.length))
    return { t: "index", nests: [pointwise(shape, unary("sin", x)), pointwise(shape, unary("cos", x))] }
  },
  cheap: true,
  example: (choose) => ({ params: null, inputs: [{ elem: "float", shape: choose.shape(2) }], domains: [{ t: "real" }] }),
})
const sinCos = (x: Tensor): readonly [Tensor, Tensor] => apply(sinCosOp, null, [x]) as readonly [Tensor, Tensor]

describe("keeps the laws of ops", () => {
  test.each([hypotOp, ringOp, sinCosOp].map((op) => [op.name, op] as const))("%s", async (_name, op) => {
    const reports = await laws.assert(laws.op(op), { runs: 25 })
    // none of the laws of derivatives passed by having nothing to say
    for (const { law, vacuous, runs } of reports) if (/derivative|adjoint of jvp|vmap/.test(law)) expect(vacuous, law).toBeLessThan(runs)
  })

  test("and the laws are not deaf: a wrong partial derivative is found", async () => {
    const wrong = binaryFormula("hypot with a wrong partial", [{ t: "positive" }, { t: "real" }], (a, b) => binary("mul", a, b), [
      (a) => a,
      (a) => a,
    ])
    const outcome = await laws.check(laws.op(wrong), { runs: 25 })()
    expect(outcome).toMatchObject({ _tag: "Left", left: { law: "hypot with a wrong partial: jvp is the derivative" } })
  })
})

test("computes what it says", () => {
  const x = [1, 2, 4, 8, -16]
  const at = (i: number) => x[(i + 5) % 5] as number
  const values = (t: Tensor) => [...toArray(right(evaluate(t)))]
  expect(values(ring(tensor(x), 2))).toEqual(x.map((a, i) => at(i - 2) + at(i + 2) - 2 * a))
  expect(values(hypot(tensor([3, 5]), 4))).toEqual([5, Math.sqrt(41)])
  expect(sinCos(tensor(x)).map(values)).toEqual([x.map(Math.sin), x.map(Math.cos)])
})

describe("runs on every target as on the interpreter: value, gradient, rows, second order", () => {
  const everywhere: readonly TargetName[] = ["interpreter", "wasm", "wasm:f64", "gpu:cpu", "gpu:webasm"]
  const scalarOf: Readonly<Record<string, (x: Tensor) => Tensor<[]>>> = {
    hypot: (x) => sum(square(hypot(x, square(ring(x, 2))))) as Tensor<[]>,
    ring: (x) => sum(mul(square(x), square(ring(x)))) as Tensor<[]>,
    sinCos: (x) => {
      const [s, c] = sinCos(x)
      return sum(mul(s, square(c))) as Tensor<[]>
    },
  }
  test.each(Object.entries(scalarOf))("%s", async (_name, f) => {
    // the law takes the gradient of both once more
    const both = (x: Tensor, rows: Tensor) => [f(x), vmap(grad(f))(rows)]
    await laws.assert(laws.targets(both, [awayFromZero([3]), awayFromZero([2, 3])], everywhere), { runs: 2 })
  })
})
