/** A law that fails names the first equation whose own rule is wrong; and names none where none is. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type AnyOp, type AnyTensor, apply1, type Op, ops, type Tensor, tensor } from "../../src/core/index.js"
import { fixedPoint, oneStep, picard } from "../../src/implicit/index.js"
import { programs } from "../../src/laws/arbitraries/index.js"
import { blame, differentiated, type Suspect } from "../../src/laws/blame/index.js"
import { type Fn, valuesOf } from "../../src/laws/run.js"
import { mulOp, negOp } from "../../src/ops/arithmetic.js"
import {
  add,
  checkpoint,
  cond,
  customJvp,
  customVjp,
  det,
  exp,
  greater,
  leakyRelu,
  less,
  log,
  mul,
  neg,
  norm,
  relu,
  reshape,
  scan,
  sigmoid,
  sin,
  softmax,
  sqrt,
  square,
  stopGradient,
  sum,
  tanh,
  vmap,
  zerosLike,
} from "../../src/ops/index.js"

type Body = (x: Tensor) => Tensor

/** Minus, whose transpose forgets the sign. */
const halfNegated: Op<null> = {
  ...negOp,
  name: "halfNegated",
  jvp: (_params, _inputs, _outputs, [d]) => [apply1(halfNegated, null, [d as AnyTensor])],
  transpose: (_params, _inputs, _linear, [ct]) => [ct as AnyTensor],
}
const halfNeg: Body = (x) => apply1(halfNegated, null, [x]) as Tensor

/** A square whose derivative is x, not 2 x. */
const slow: Op<null> = { ...negOp, name: "slow", jvp: (_params, [x], _outputs, [d]) => [mul(x as Tensor, d as Tensor) as AnyTensor] }
const slowly: Body = (x) => apply1(slow, null, [x]) as Tensor

/** A product that is right once, and whose derivative takes its operands for constants. */
const once: Op<null> = {
  ...mulOp,
  name: "once",
  jvp: (_params, [a, b], _outputs, [da, db]) => {
    const by = (x: unknown, d: unknown) => (d == null ? zerosLike(a as Tensor) : mul(stopGradient(x as Tensor), d as Tensor))
    return [add(by(b, da), by(a, db)) as AnyTensor]
  },
}

/** exp, whose rows are told of the first row. */
const first: AnyOp = {
  ...(ops().get("exp") as AnyOp),
  name: "first",
  batch: (params, inputs, batched, size) => {
    const made = (ops().get("exp") as AnyOp).batch(params, inputs, batched, size)
    return { ...made, outputs: made.outputs.map((y) => add(y as Tensor, sum(y as Tensor)) as AnyTensor) }
  },
}

const vector = { elem: "float", shape: [3] } as const
const fnOf = (f: Body): Fn => ({ inputs: [vector], apply: ([x]) => [f(x as Tensor) as AnyTensor] })
const at = Float64Array.of(0.5, -0.25, 0.75)

const suspect = (f: Body, order: 0 | 1 | 2 = 1, x = at): Suspect => differentiated(fnOf(f), [x], order)
const found = async (f: Body, order: 0 | 1 | 2 = 1, x = at) => (await blame([suspect(f, order, x)]))!
const here = /blame\.test\.ts:\d+:\d+$/

describe("the first wrong rule is named", () => {
  test("a jvp, with its line and by how much", async () => {
    const { culprit, told } = await found((x) => sum(exp(slowly(sin(x)))))
    expect(culprit).toMatchObject({ op: "slow", rule: "jvp", types: "(float[3]) -> float[3]", inside: [] })
    expect(culprit?.at).toMatch(here)
    expect(told).toMatch(
      /^the jvp rule of slow is wrong: \(float\[3\]\) -> float\[3\]\nat .*\nthe derivative at \[0\] is \S+, by central differences/,
    )
    expect(told).toContain("operand 1: float[3] [0.4794255, -0.2474040, 0.6816388]")
  })

  test("the first of two", async () => {
    expect((await found((x) => slowly(exp(halfNeg(x))))).culprit?.op).toBe("halfNegated")
    expect((await found((x) => halfNeg(exp(slowly(x))))).culprit?.op).toBe("slow")
  })

  test("a transpose, also where the derivative of another op uses it", async () => {
    const inside: Op<null> = {
      ...(ops().get("sin") as Op<null>),
      name: "viaNeg",
      jvp: (_params, [x], _outputs, [d]) => [halfNeg(mul(neg(cosOf(x as Tensor)), d as Tensor)) as AnyTensor],
    }
    const cosOf: Body = (x) => sin(add(x, Math.PI / 2))
    const { culprit, told } = await found((x) => square(apply1(inside, null, [x]) as Tensor))
    expect(culprit).toMatchObject({ op: "halfNegated", rule: "transpose" })
    expect(told).toMatch(/^the transpose rule of halfNegated, in the derivative of viaNeg, is wrong/)
  })

  test("a rule that is missing", async () => {
    const { transpose: _, ...rest } = halfNegated
    const missing: Op<null> = { ...rest, name: "missing", jvp: (_p, _i, _o, [d]) => [apply1(missing, null, [d as AnyTensor])] }
    const { culprit } = await found((x) => exp(apply1(missing, null, [x]) as Tensor))
    expect(culprit).toMatchObject({ op: "missing", rule: "transpose", why: expect.stringContaining("has no reverse mode") })
  })

  test("a rule that is wrong the second time", async () => {
    const f: Body = (x) => exp(apply1(once, null, [x, sin(x)]) as Tensor)
    expect((await found(f, 1)).culprit).toBeNull()
    expect((await found(f, 2)).culprit).toMatchObject({ op: "once", rule: "jvp" })
  })

  test("a user's rule, by the function's name", async () => {
    const half = customJvp(
      function half(x: Tensor) {
        return log(add(exp(x), 1)) as Tensor
      },
      ([x], [dx]) => [log(add(exp(x), 1)) as Tensor, mul(mul(sigmoid(x), 0.5), dx as Tensor)],
    )
    const flipped = customVjp(
      function flipped(x: Tensor) {
        return square(x) as Tensor
      },
      { forward: (x) => [square(x) as Tensor, x], backward: (x, ct) => [mul(mul(x, -2), ct as Tensor)] },
    )
    const other = customVjp(
      function other(x: Tensor) {
        return square(x) as Tensor
      },
      { forward: (x) => [add(square(x), 1) as Tensor, x], backward: (x, ct) => [mul(mul(x, 2), ct as Tensor)] },
    )
    const one = await found((x) => exp(half(x)))
    expect(one.culprit).toMatchObject({ op: "half", rule: "jvp", at: expect.stringMatching(here) })
    expect(one.told).toMatch(/^the customJvp rule of half is wrong/)
    expect((await found((x) => exp(flipped(x)))).told).toMatch(/^the customVjp rule of flipped is wrong/)
    expect((await found((x) => exp(other(x)))).culprit?.why).toContain("the value that it gives for output 0")
  })

  test("a batch rule, on the rows that it met", async () => {
    const rows = [Float64Array.of(1, 0, 0), Float64Array.of(0, 1, 0)]
    const f: Body = (x) => sum(apply1(first, {}, [sin(x)]) as Tensor)
    const given: Suspect = { ...suspect(f, 0), points: rows.map((r) => [r]), batched: [true], rows: true }
    expect((await blame([given]))?.culprit).toMatchObject({ op: "first", rule: "batch" })
    const good: Suspect = { ...given, fn: fnOf((x) => sum(exp(sin(x)))), order: 1 }
    expect((await blame([good]))?.culprit).toBeNull()
  })

  test("a target's lowering", async () => {
    const sabotaged: Op<null> = { ...negOp, name: "elsewhere" }
    const seen: { runs: number } = { runs: 0 }
    // another program where it is not run by the interpreter's definition of the equation
    const drifting: Op<null> = {
      ...sabotaged,
      simplify: (_params, [x]) => {
        seen.runs++
        return [exp(x as Tensor) as AnyTensor]
      },
    }
    const f: Body = (x) => sin(apply1(drifting, null, [x]) as Tensor)
    const { culprit } = (await blame([{ ...suspect(f, 0), targets: ["interpreter"] }]))!
    expect(culprit).toMatchObject({ op: "elsewhere", rule: "lower" })
    expect(seen.runs).toBeGreaterThan(0)
  })
})

describe("in bodies the inner equation is named", () => {
  const wrong: Body = (z) => tanh(slowly(z))
  const inBodies: readonly (readonly [string, Body, readonly string[]])[] = [
    ["scan", (x) => scan((z: Tensor, _row: null) => [wrong(z), null] as const, x, null, { length: 3 })[0] as Tensor, ["scan, turn 1 of 3"]],
    [
      "cond",
      (x) =>
        cond(
          less(sum(x), 2),
          () => wrong(x),
          () => x,
        ) as Tensor,
      ["cond"],
    ],
    ["checkpoint", (x) => checkpoint(wrong)(x), ["checkpoint"]],
    ["fixedPoint", (x) => fixedPoint((z: Tensor) => add(mul(slowly(z), 0.25), x) as Tensor, zerosLike(x), picard()), ["fixedPoint"]],
    [
      "both",
      (x) => scan((z: Tensor, _row: null) => [checkpoint(wrong)(z), null] as const, x, null, { length: 2 })[0] as Tensor,
      ["scan, turn 1 of 2", "checkpoint"],
    ],
  ]
  test.each(inBodies)("%s", async (_, f, inside) => {
    const { culprit, told } = await found((x) => square(f(x)))
    expect(culprit).toMatchObject({ op: "slow", rule: "jvp", inside, at: expect.stringMatching(here) })
    expect(told).toContain(`in ${[...inside].reverse().join(", in ")}`)
  })

  test("a transpose in a solve, through the adjoint's operator", async () => {
    const f: Body = (x) => fixedPoint((z: Tensor) => tanh(add(mul(halfNeg(z), 0.5), x)) as Tensor, zerosLike(x), picard())
    expect((await found(f)).culprit).toMatchObject({ op: "halfNegated", rule: "transpose", inside: ["fixedPoint"] })
  })
})

describe("where no rule is wrong, none is named", () => {
  const right: readonly (readonly [string, Body])[] = [
    ["smooth ops", (x) => sum(exp(sin(x)))],
    ["shifts that are stopped and cancel", (x) => softmax(x)],
    ["a stop in a body", (x) => checkpoint((z: Tensor) => add(square(z), stopGradient(z)) as Tensor)(add(x, 0) as Tensor)],
    ["a loop", (x) => scan((z: Tensor, _row: null) => [sin(z), null] as const, x, null, { length: 4 })[0] as Tensor],
    [
      "a solve to a coarse tolerance",
      (x) => fixedPoint((z: Tensor) => tanh(add(mul(z, 0.5), x)) as Tensor, zerosLike(x), picard({ rtol: 1e-3 })),
    ],
    ["vmap", (x) => vmap((y: Tensor) => sin(y))(x) as Tensor],
    ["small numbers near a pole", (x) => log(mul(square(x), 1e-6))],
    // beside -Infinity, which a direction in proportion to it would have made NaN
    ["a largest of masked numbers", (x) => softmax(tanh(x), 0, { mask: greater(tensor([1, 0, 1]), 0) }) as Tensor],
  ]
  test.each(right)("%s", async (_, f) => {
    const { culprit, told } = await found(f, 2)
    if (culprit !== null) expect(culprit.rule).toBe("stop")
    else expect(told).toMatch(/^every equation's own rules hold at this input \(\d+ checked\)/)
  })

  test("a stop is told where it makes the derivative wrong, with its line", async () => {
    const { culprit, told } = await found((x) => mul(softmax(x), stopGradient(x)))
    expect(culprit).toMatchObject({ op: "stopGradient", rule: "stop", at: expect.stringMatching(here) })
    expect(told).toContain("by central differences")
  })

  test("what else may be the reason is told: kinks, poles, solves, adjoints", async () => {
    const zero = new Float64Array(3)
    expect((await found((x) => exp(relu(x)), 1, zero)).told).toMatch(/look at\nrelu at .*:\d+:\d+ has a kink there/)
    expect((await found((x) => exp(leakyRelu(x)), 1, zero)).told).toMatch(
      /look at\nless at .*:\d+:\d+ is at a tie: the function has a kink or a jump there/,
    )
    expect((await found((x) => sqrt(sum(square(x))), 1, zero)).told).toMatch(/sqrt at .*:\d+:\d+ has no finite derivative there/)
    expect((await found((x) => norm(x) as Tensor, 1, zero)).culprit).toBeNull()
    const solve =
      (by: number, options = {}) =>
      (x: Tensor) =>
        fixedPoint((z: Tensor) => add(mul(z, by), x) as Tensor, zerosLike(x), picard({ maxEvaluations: 20, ...options }))
    expect((await found(solve(2))).told).toMatch(/fixedPoint at .* ended as \w+, with a residual of/)
    expect((await found(solve(0.1, { adjoint: oneStep }))).told).toContain("the adjoint oneStep is an approximation by design")
    expect((await found(solve(3), 1, zero)).told).toContain("has the spectral radius 3.00 where it ended: f is no contraction there")
  })

  test("a program that cannot be traced is told so", async () => {
    const f: Body = () => {
      throw new RangeError("no")
    }
    expect(await found(f)).toEqual({ culprit: null, told: "the equations could not be looked at: no" })
  })
})

test("nor a derivative that is zero by cancellation, which one mode tells as zero and the other as what rounding leaves", async () => {
  // one element is its own factor, so the second derivative of an LU factorisation of one element is zero
  const f: Body = (x) => det(reshape(x, [3, 1, 1]) as Tensor) as Tensor
  const inputs = Array.from({ length: 4 }, (_, i) => [3 + i / 7, 5 + i / 9, 1 + i / 11])
  const told = await Promise.all(inputs.map(async (x) => (await found(f, 2, Float64Array.from(x))).told))
  expect(told.filter((text) => !text.startsWith("every equation's own rules hold"))).toEqual([])
})

test("no equation of a right program is accused, by rules of either order", async () => {
  await fc.assert(
    fc.asyncProperty(programs(), async ({ f, inputs }) => {
      const fn: Fn = { inputs: inputs.map((t) => t.type), apply: (args) => f(...args) }
      const judged = await blame([differentiated(fn, valuesOf(inputs), 2)])
      expect(judged?.told).toMatch(/^every equation's own rules hold at this input/)
    }),
    { numRuns: 20 },
  )
})
