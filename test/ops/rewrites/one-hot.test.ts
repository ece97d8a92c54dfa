import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type AnyTensor, interpret, simplifyGraph, type Tensor, type TensorType, valueAndGrad } from "../../../src/core/index.js"
import { broadcastTo, cast, einsum, equal, iota, mul, oneHot, reshape, sum } from "../../../src/ops/index.js"
import { drawn } from "../support.js"
import { closed, float, numbers } from "./support.js"

const run = { cancelled: false }
const names = (g: ReturnType<typeof closed>) => g.equations.map((e) => e.op.name)

/** Products with one-hot rows of which some choose nothing: value and the gradient to the table. */
const cases = drawn((d) => {
  const [rows, columns, classes, width] = [d.int(1, 4), d.int(1, 3), d.int(32, 34), d.int(1, 4)]
  return {
    notation: (["abn,nr->abr", "nr,abn->rab", "abn,rn->bra"] as const)[d.int(0, 2)] as string,
    shape: [rows, columns],
    classes,
    width,
    indices: Float64Array.from({ length: rows * columns }, () => d.int(-1, classes)),
    seed: d.int(0, 1000),
  }
})

describe("a product with one-hot rows", () => {
  test("is a gather, and its gradient to the table a scatter, to the bit", () => {
    fc.assert(
      fc.property(cases, ({ notation, shape, classes, width, indices, seed }) => {
        const [first, second] = notation.split(/,|->/) as [string, string]
        const table = (first.length === 2 ? first : second) === "nr" ? float(classes, width) : float(width, classes)
        const chosenRows = (t: Tensor, i: AnyTensor): Tensor => {
          const hot = oneHot(i as Tensor<number[], "int">, classes) as Tensor
          const both = first.length === 2 ? [t, hot] : [hot, t]
          return (einsum as (n: string, ...x: readonly Tensor[]) => Tensor)(notation, ...both)
        }
        const chosen: TensorType = { elem: "int", shape }
        const [made] = closed([table, chosen], ([t, i]) => [chosenRows(t as Tensor, i as AnyTensor)]).types.slice(-1)
        const types = [table, made as TensorType]
        const plain = closed([...types, chosen], ([t, ct, i]) => {
          const [value, gradient] = valueAndGrad((x: Tensor) => sum(mul(chosenRows(x, i as AnyTensor), ct as Tensor) as Tensor))(
            t as Tensor,
          )
          return [chosenRows(t as Tensor, i as AnyTensor), value, gradient]
        })
        const simple = simplifyGraph(plain)
        expect(names(plain).filter((n) => n === "einsum").length).toBe(2)
        expect(names(simple)).toEqual(expect.arrayContaining(["gather", "scatterAdd"]))
        expect(names(simple)).not.toContain("einsum")
        const values = [...numbers(types, seed), indices]
        expect(interpret(simple, values, run)).toEqual(interpret(plain, values, run).map((x) => x.map((y) => y + 0)))
      }),
    )
  })

  const index = (...shape: readonly number[]): TensorType => ({ elem: "int", shape })
  const hot = (i: AnyTensor | undefined, classes = 32) => oneHot(i as Tensor<number[], "int">, classes) as Tensor
  const stretched = (i: AnyTensor | undefined) =>
    cast(
      equal(broadcastTo(reshape(i as Tensor<number[], "int">, [2, 1]), [3, 2, 32]), iota(32)) as Tensor<number[], "bool">,
      "float",
    ) as Tensor
  const product = einsum as (notation: string, ...x: readonly (AnyTensor | undefined)[]) => Tensor
  const others: readonly (readonly [string, readonly TensorType[], (i?: AnyTensor, t?: AnyTensor) => Tensor])[] = [
    ["the table has a label of the rows", [index(3), float(3, 32, 2)], (i, t) => product("sn,snr->sr", hot(i), t)],
    ["a label of the rows is not summed over", [index(2, 3), float(2, 3, 4)], (i, t) => product("abn,abr->anr", hot(i), t)],
    ["there are few classes", [index(3), float(31, 2)], (i, t) => product("sn,nr->sr", hot(i, 31), t)],
    ["a row stands for several", [index(2), float(32, 2)], (i, t) => product("abn,nr->abr", stretched(i), t)],
  ]
  test.each(others)("stays a product where %s", (_, types, f) => {
    const plain = closed(types, ([i, t]) => [f(i, t)])
    const simple = simplifyGraph(plain)
    expect(names(simple)).toContain("einsum")
    const values = numbers(types, 1).map((x, n) => (n === 0 ? x.map((_, k) => k % 4) : x))
    expect(interpret(simple, values, run)).toEqual(interpret(plain, values, run))
  })
})
