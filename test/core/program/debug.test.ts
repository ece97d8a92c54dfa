/** debug: the first op that made NaN or infinity is named, with its operands and the user's line, on every target. */
import { describe, expect, test } from "vitest"
import { withLines } from "../../../src/core/index.js"
import {
  add,
  checkpoint,
  compile,
  cond,
  customVjp,
  div,
  evaluate,
  exp,
  fixedPoint,
  grad,
  greater,
  less,
  log,
  max,
  mul,
  neg,
  picard,
  scan,
  softmax,
  sqrt,
  sub,
  sum,
  type TargetName,
  type Tensor,
  tensor,
  toArray,
  where,
  whileLoop,
} from "../../../src/index.js"
import { left, right } from "../../support/either.js"

/** The line of its caller, and lines after it. */
const line = (offset = 0): number => Number(/debug\.test\.ts:(\d+)/.exec((new Error().stack ?? "").split("\n")[2] as string)?.[1]) + offset
const at = (n: number) => expect.stringMatching(new RegExp(`test/core/program/debug\\.test\\.ts:${n}:\\d+$`))

const fault = async <A extends readonly unknown[]>(f: (...args: A) => unknown, args: A, target: TargetName = "interpreter") =>
  left(await compile(f, { target, debug: true })(...(args as never))())

const sound = async <A extends readonly unknown[]>(f: (...args: A) => Tensor, args: A, target: TargetName = "interpreter") =>
  Array.from(toArray(right(await compile(f, { target, debug: true })(...(args as never))()) as never))

const x = tensor([1, 0, 4]) as Tensor

describe.each(["interpreter", "wasm", "wasm:f64", "gpu:cpu"] as const)("on %s", (target) => {
  test("the first op, its types, operands and line", async () => {
    const here = line(1)
    const f = (y: Tensor) => sum(mul(log(y), y))
    expect(await fault(f, [x], target)).toEqual({
      _tag: "NonFiniteValue",
      op: "log",
      types: "(float[3]) -> float[3]",
      at: at(here),
      inside: [],
      operands: ["float[3] [1, 0, 4]"],
      message: expect.stringMatching(
        /^log \(float\[3\]\) -> float\[3\] gave -Infinity at \[1\] of float\[3\]\n {4}at .*\n {4}operand 1: float\[3\] \[1, 0, 4\]$/,
      ),
    })
  })

  test("of a derivative: the line of the op that it is of", async () => {
    const here = line(1)
    const f = (y: Tensor) => sum(sqrt(y))
    expect(await fault(grad(f), [x], target)).toMatchObject({ _tag: "NonFiniteValue", op: "div", at: at(here) })
  })

  test("what is finite is given as ever", async () => {
    expect(await sound((y) => mul(y, 2), [x], target)).toEqual([2, 0, 8])
  })
})

describe("in bodies", () => {
  test("of scan, with the turn", async () => {
    const here = line(1)
    const f = (y: Tensor) => scan((c: Tensor, r: Tensor) => [div(c, r), c], tensor(1) as Tensor, y)[0]
    expect(await fault(f, [tensor([1, 2, 0, 4])])).toMatchObject({
      op: "div",
      at: at(here),
      inside: ["scan, turn 3 of 4"],
      operands: ["float[] [0.5]", "float[] [0]"],
    })
    const back = (y: Tensor) => scan((c: Tensor, r: Tensor) => [div(c, r), c], tensor(1) as Tensor, y, { reverse: true })[0]
    expect(await fault(back, [tensor([1, 2, 0, 4])])).toMatchObject({ inside: ["scan, turn 2 of 4"] })
  })

  test("of while, cond, checkpoint, custom functions, one in the other", async () => {
    const here = line(1)
    const inner = (y: Tensor) => checkpoint((z: Tensor) => log(sub(z, 3)))(y)
    const custom = customVjp(inner, { forward: (y) => [inner(y), null], backward: (_: null, ct) => [ct] })
    const f = (y: Tensor<[]>) =>
      whileLoop(
        (c: Tensor<[]>) => less(c, 10),
        (c: Tensor<[]>) =>
          cond(
            greater(c, 1.5),
            () => custom(c) as Tensor<[]>,
            () => add(c, 1) as Tensor<[]>,
          ),
        y,
      )
    expect(await fault(f, [tensor(1)])).toMatchObject({
      op: "log",
      at: at(here),
      inside: ["while, turn 2", "cond", "checkpoint"],
      operands: ["float[] [-1]"],
    })
  })

  test("of a fixed point that runs away", async () => {
    const here = line(1)
    const f = (y: Tensor) => fixedPoint((z: Tensor) => exp(mul(z, 2)), y, picard())
    const found = await fault(f, [tensor([1, 1])])
    expect(found).toMatchObject({ _tag: "NonFiniteValue", op: "exp", at: at(here) })
    expect((found as { inside: readonly string[] }).inside.join()).toMatch(/fixedPoint.*while, turn \d/)
  })
})

describe("is told of the first fault, not of what follows from it", () => {
  test("an overflow, whose difference is NaN", async () => {
    const f = (y: Tensor) => sub(exp(y), exp(y))
    expect(await fault((y: Tensor) => sub(exp(y), exp(mul(y, 1.5))), [tensor([1000])])).toMatchObject({ op: "exp" })
    expect(await sound(f, [tensor([1])])).toEqual([0])
  })

  test("float32 overflows earlier", async () => {
    const f = (y: Tensor) => mul(exp(y), 0.5)
    expect(await sound(f, [tensor([100])], "wasm:f64")).toHaveLength(1)
    expect(await fault(f, [tensor([100])], "wasm")).toMatchObject({ op: "exp" })
  })

  test("what is selected away is no fault", async () => {
    const safe = (y: Tensor) => where(greater(y, 0), log(y), 0)
    expect(await sound(safe, [x])).toEqual([0, 0, Math.log(4)])
    expect(await fault((y: Tensor) => sqrt(sub(safe(y), 1)), [x])).toMatchObject({ op: "sqrt" })
  })

  test("an infinity that is written down is none, until it makes NaN", async () => {
    const masked = (y: Tensor) => where(greater(y, 0), y, Number.NEGATIVE_INFINITY)
    expect(await sound(masked, [x])).toEqual([1, Number.NEGATIVE_INFINITY, 4])
    expect(await sound((y: Tensor) => softmax(masked(y)), [x])).toHaveLength(3)
    const shifted = (y: Tensor) => sub(masked(y), max(masked(y) as Tensor))
    expect(await fault((y: Tensor) => shifted(y), [neg(x)].map((t) => right(evaluate(t))) as unknown as [Tensor])).toMatchObject({
      op: "sub",
    })
  })

  test("an argument that held NaN already is named", async () => {
    const p = { w: tensor([1, Number.NaN]) as Tensor }
    expect(await fault((y: Tensor, q: typeof p) => add(sum(y), sum(mul(q.w, 2))), [x, p])).toMatchObject({
      _tag: "NonFiniteValue",
      op: "argument 2.w",
      message: expect.stringContaining("argument 2.w holds NaN: NaN at [1] of float[2]"),
    })
  })

  test("long operands are cut, and say their range", async () => {
    const long = tensor(Array.from({ length: 100 }, (_, i) => i - 1)) as Tensor
    expect(await fault((y: Tensor) => sqrt(y), [long])).toMatchObject({
      operands: ["float[100] [-1, 0, 1, 2, 3, 4, ...] between -1 and 98"],
    })
  })
})

describe("without debug", () => {
  test("values come back as they are", async () => {
    const found = right(await compile((y: Tensor) => log(y), { target: "interpreter" })(x)())
    expect(toArray(found)[1]).toBe(Number.NEGATIVE_INFINITY)
  })

  test("a failed run keeps its arguments and leaks nothing", async () => {
    const step = compile((y: Tensor) => log(y), { target: "wasm", debug: true })
    for (let i = 0; i < 3; i++) left(await step(x)())
    expect(Array.from(toArray(right(await step(tensor([1, 1, 1]))())))).toEqual([0, 0, 0])
  })
})

describe("evaluate", () => {
  test("names the op, and the line of what was made with lines", () => {
    expect(left(evaluate({ y: log(x) }, { debug: true }))).toMatchObject({ _tag: "NonFiniteValue", op: "log", at: null })
    const here = line(1)
    const y = withLines(() => log(x))
    expect(left(evaluate(y, { debug: true }))).toMatchObject({ _tag: "NonFiniteValue", op: "log", at: at(here) })
    expect(toArray(right(evaluate(y)))[1]).toBe(Number.NEGATIVE_INFINITY)
  })
})
