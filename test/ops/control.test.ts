import { describe, expect, test } from "vitest"
import { grad, jvp, type Tensor, tensor } from "../../src/core/index.js"
import {
  add,
  cast,
  checkpoint,
  cond,
  greater,
  iota,
  less,
  log,
  mul,
  scan,
  sin,
  sum,
  vmap,
  whileLoop,
  zerosLike,
} from "../../src/ops/index.js"
import { dataOf, leaf, testReferences } from "./support.js"

testReferences("cond", "scan", "while", "checkpoint")

describe("cond", () => {
  const safeLog = (x: Tensor<[]>) =>
    cond(
      greater(x, 0),
      () => log(x),
      () => zerosLike(x),
    )

  test("what is not taken is not differentiated: no NaN from the log of a negative number", () => {
    expect(dataOf(grad(safeLog)(tensor(-1)))).toEqual([0])
    expect(dataOf(grad(safeLog)(tensor(0)))).toEqual([0])
    expect(dataOf(grad(safeLog)(tensor(4)))).toEqual([0.25])
  })

  test("nor is a row that does not take it", () => {
    const rows = tensor([-1, 0, 2])
    expect(dataOf(vmap((x: Tensor<[]>) => safeLog(x))(rows))).toEqual([0, 0, Math.log(2)])
    expect(dataOf(vmap((x: Tensor<[]>) => grad(safeLog)(x))(rows))).toEqual([0, 0, 0.5])
  })

  test("a predicate that is no bool scalar, and branches that differ, are refused", () => {
    expect(() =>
      cond(
        tensor([true]) as never,
        () => tensor(1),
        () => tensor(2),
      ),
    ).toThrow(/cond: the predicate must be a bool scalar/)
    expect(() =>
      cond(
        tensor(true) as never,
        () => tensor(1) as Tensor,
        () => tensor([2]) as Tensor,
      ),
    ).toThrow(/cond: branches differ/)
  })
})

describe("scan", () => {
  const rows = tensor([1, 2, 3])

  test("carries and stacks", () => {
    const [total, seen] = scan((c: Tensor<[]>, x: Tensor<[]>) => [add(c, x), c] as const, tensor(0), rows as never)
    expect(dataOf(total)).toEqual([6])
    expect(dataOf(seen)).toEqual([0, 1, 3])
  })

  test("in reverse, results stay in their rows' places", () => {
    const [total, seen] = scan((c: Tensor<[]>, x: Tensor<[]>) => [add(c, x), c] as const, tensor(0), rows as never, { reverse: true })
    expect(dataOf(total)).toEqual([6])
    expect(dataOf(seen)).toEqual([5, 3, 0])
  })

  test("of length 0 is the initial carry", () => {
    const [total, seen] = scan(
      (c: Tensor<[]>, x: Tensor<[]>) => [add(c, x), c] as const,
      tensor(7),
      leaf({ elem: "float", shape: [0] }, []) as never,
    )
    expect(dataOf(total)).toEqual([7])
    expect(dataOf(seen)).toEqual([])
  })

  test("captured values get their gradient, summed over the turns", () => {
    // c = w^3 after three turns
    const f = (w: Tensor<[]>) => scan((c: Tensor<[]>) => [mul(c, w), null] as const, tensor(1), null, { length: 3 })[0]
    expect(dataOf(grad(f)(tensor(2)))).toEqual([12])
    expect(dataOf(grad((w: Tensor<[]>) => grad(f)(w))(tensor(2)))).toEqual([12])
  })

  test("lengths that disagree, and carries that change their type, are refused", () => {
    expect(() => scan((c: Tensor<[]>) => [c, null] as const, tensor(0), null)).toThrow(/length/)
    expect(() => scan((c: Tensor<[]>) => [c, null] as const, tensor(0), [rows, tensor([1, 2])] as never)).toThrow(/rows have lengths 3, 2/)
    expect(() => scan((c: Tensor) => [sum(c) as Tensor, null] as const, rows as Tensor, null, { length: 2 })).toThrow(
      /goes in as float\[3\]/,
    )
  })
})

describe("whileLoop", () => {
  const double = (x: Tensor<[]>) =>
    whileLoop(
      (c: Tensor<[]>) => less(c, 100),
      (c) => mul(c, 2),
      x,
    )

  test("turns until the condition fails, and not at all where it fails at once", () => {
    expect(dataOf(double(tensor(3)))).toEqual([192])
    expect(dataOf(double(tensor(300)))).toEqual([300])
  })

  test("each row turns its own number of times", () => {
    expect(dataOf(vmap((x: Tensor<[]>) => double(x))(tensor([3, 300, 60])))).toEqual([192, 300, 120])
  })

  test("forward mode follows the turns that were taken", () => {
    expect(dataOf(jvp((x: Tensor<[]>) => double(x), [tensor(3)], [tensor(1)])[1])).toEqual([64])
  })

  test("reverse mode is refused, with a way out", () => {
    expect(() => grad(double)(tensor(3))).toThrow(/while.*scan.*fixedPoint/s)
  })
})

test("checkpoint changes neither value nor derivative", () => {
  const f = (x: Tensor<[]>) => sin(mul(sin(x), x))
  const x = tensor(0.75)
  expect(dataOf(checkpoint(f)(x))).toEqual(dataOf(f(x)))
  expect(dataOf(grad(checkpoint(f))(x))).toEqual(dataOf(grad(f)(x)))
  expect(dataOf(grad((y: Tensor<[]>) => grad(checkpoint(f))(y))(x))[0]).toBeCloseTo(
    dataOf(grad((y: Tensor<[]>) => grad(f)(y))(x))[0] as number,
    14,
  )
})

test("what a body makes for itself is made in every turn", () => {
  const three = () => sum(cast(iota(3), "float")) as Tensor<[]>
  const [, ys] = scan((c: Tensor<[]>, x: Tensor<[]>) => [c, mul(x, three())] as const, tensor(0), tensor([1, 2]) as never)
  expect(dataOf(ys)).toEqual([3, 6])
})
