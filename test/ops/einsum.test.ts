import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { einsum, matmul } from "../../src/ops/index.js"
import { accumulate, get, indices, make, type Nd } from "./reference/nd.js"
import { drawn, expectSame, leaf, ndOf, testReferences } from "./support.js"

testReferences("einsum")

/** Notations with one to four operands: letters in any order, some summed, some summed in one operand alone. */
const notations = drawn((d) => {
  const letters = [..."abcd"].map((name) => ({ name, size: d.int(1, 3) }))
  const shuffled = () => {
    const list = letters.filter(() => d.bool())
    for (let i = list.length - 1; i > 0; i--) {
      const j = d.int(0, i)
      ;[list[i], list[j]] = [list[j] as (typeof list)[number], list[i] as (typeof list)[number]]
    }
    return list
  }
  const operands = Array.from({ length: d.int(1, 4) }, shuffled)
  const out = letters.filter((l) => operands.some((o) => o.includes(l)) && d.bool()).reverse()
  const name = (list: readonly { readonly name: string }[]) => list.map((l) => l.name).join("")
  const data = operands.map((o) => {
    const type = { elem: "float", shape: o.map((l) => l.size) } as const
    return leaf(type, d.values(type, { t: "real" })) as Tensor
  })
  return { notation: `${operands.map(name).join(",")}->${name(out)}`, data, operands, out }
})

test("einsum sums every assignment of its letters", () => {
  fc.assert(
    fc.property(notations, ({ notation, data, operands, out }) => {
      const arrays = data.map(ndOf)
      const names = [...new Set(operands.flat())]
      const at = (point: readonly number[], list: typeof names) => list.map((l) => point[names.indexOf(l)] as number)
      expectSame(
        einsum(notation, ...data),
        accumulate(
          out.map((l) => l.size),
          (add) => {
            for (const point of indices(names.map((l) => l.size)))
              add(
                at(point, out),
                arrays.reduce((p, a, k) => p * get(a, at(point, operands[k] as typeof names)), 1),
              )
          },
        ),
      )
    }),
  )
})

describe("matmul", () => {
  /** Matrices under leading axes that broadcast, or that one side has not. */
  const pairs = drawn((d) => {
    const [m, k, n] = [d.int(1, 3), d.int(1, 3), d.int(1, 3)]
    const lead = Array.from({ length: d.int(0, 2) }, () => d.int(1, 3))
    const thin = lead.map((s) => (d.bool() ? 1 : s)).slice(d.int(0, lead.length))
    const [a, b] = d.bool() ? [lead, thin] : [thin, lead]
    const of = (shape: readonly number[]) => leaf({ elem: "float", shape }, d.values({ elem: "float", shape }, { t: "real" })) as Tensor
    return { x: of([...a, m, k]), y: of([...b, k, n]), out: [...lead, m, n] }
  })

  const aligned = (t: Nd, lead: readonly number[], last: readonly number[]) => {
    const own = t.shape.slice(0, -2)
    return get(t, [...own.map((s, i) => (s === 1 ? 0 : (lead[lead.length - own.length + i] as number))), ...last])
  }

  test("contracts the last two axes, leading ones broadcast", () => {
    fc.assert(
      fc.property(pairs, ({ x, y, out }) => {
        const [a, b] = [ndOf(x), ndOf(y)]
        expectSame(
          matmul(x, y as never) as Tensor,
          make(out, (i) => {
            const [lead, row, column] = [i.slice(0, -2), i.at(-2) as number, i.at(-1) as number]
            let total = 0
            for (let k = 0; k < (a.shape.at(-1) as number); k++) total += aligned(a, lead, [row, k]) * aligned(b, lead, [k, column])
            return total
          }),
        )
      }),
    )
  })

  test("data-last multiplies from the right", () => {
    const [a, b] = [tensor([[1, 2]]), tensor([[3], [4]])]
    expectSame(matmul(b as Tensor)(a as Tensor) as Tensor, { shape: [1, 1], data: Float64Array.of(11) })
  })

  test("a sum over nothing is zero", () => {
    const [a, b] = [leaf({ elem: "float", shape: [2, 0] }, []), leaf({ elem: "float", shape: [0, 2] }, [])] as unknown as [Tensor, Tensor]
    expectSame(matmul(a, b) as Tensor, { shape: [2, 2], data: new Float64Array(4) })
  })
})

test("what does not fit is refused", () => {
  const [v, m] = [tensor([1, 2]) as Tensor, tensor([[1, 2, 3]]) as Tensor]
  expect(() => einsum("ij,jk->ik", m, m)).toThrow(/einsum: one label has size 3 in float\[1, 3\] and size 1 in float\[1, 3\]/)
  expect(() => einsum("ij->ik" as string, m)).toThrow(/einsum|permute/)
  expect(() => einsum("ij,jk" as string, m, m)).toThrow(/einsum: "ij,jk"/)
  expect(() => einsum("i,j->ij" as string, v)).toThrow(/einsum/)
  expect(() => matmul(m, m as never)).toThrow(/matmul: inner dimensions differ: \[1, 3\] x \[1, 3\]/)
  expect(() => matmul(v, m as never)).toThrow(/matmul: expected matrices/)
})
