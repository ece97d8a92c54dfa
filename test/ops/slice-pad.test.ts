import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { shape, uniform } from "../../src/laws/arbitraries/index.js"
import { concat, indexAxis, pad, slice, sliceAxis, stack } from "../../src/ops/index.js"
import { accumulate, get, indices, make } from "./reference/nd.js"
import { dataOf, drawn, expectSame, leaf, ndOf, testReferences } from "./support.js"

testReferences("slice", "pad")

const boxes = drawn((d) => {
  const sizes = Array.from({ length: d.int(1, 3) }, () => d.int(1, 5))
  const x = leaf({ elem: "float", shape: sizes }, d.values({ elem: "float", shape: sizes }, { t: "real" })) as Tensor
  const start = sizes.map((n) => d.int(-n, n))
  const end = sizes.map((n) => d.int(-n, n))
  return { x, start, end, stride: sizes.map(() => d.int(1, 3)) }
})

describe("slice", () => {
  test("takes what Python's slices take", () => {
    fc.assert(
      fc.property(boxes, ({ x, start, end, stride }) => {
        const a = ndOf(x)
        // positions of one axis, walked one by one
        const walk = a.shape.map((n, k) => {
          const from = (start[k] as number) < 0 ? (start[k] as number) + n : (start[k] as number)
          const to = (end[k] as number) < 0 ? (end[k] as number) + n : (end[k] as number)
          const out: number[] = []
          for (let i = from; i < to; i += stride[k] as number) out.push(i)
          return out
        })
        expectSame(
          slice(x, { start, end, stride }),
          make(
            walk.map((w) => w.length),
            (i) =>
              get(
                a,
                i.map((p, k) => walk[k]?.[p] as number),
              ),
          ),
        )
      }),
    )
  })

  test("a box that leaves the tensor is refused", () => {
    expect(() => slice(tensor([1, 2, 3]) as Tensor, { end: [4] })).toThrow(/slice.*float\[3\]/)
    expect(() => slice(tensor([1, 2, 3]) as Tensor, { start: [-5] })).toThrow(/slice/)
  })

  test("one axis, one position", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]) as Tensor
    expect(ndOf(sliceAxis(x, -1, 1, 3))).toEqual({ shape: [2, 2], data: Float64Array.of(2, 3, 5, 6) })
    expect(ndOf(indexAxis(x, 0, 1))).toEqual({ shape: [3], data: Float64Array.of(4, 5, 6) })
    expect(ndOf(indexAxis(x, 1, -1))).toEqual({ shape: [2], data: Float64Array.of(3, 6) })
    expect(() => indexAxis(x, 0, 2)).toThrow(/slice/)
  })
})

describe("pad", () => {
  test("puts zeros around", () => {
    const padded = shape({ rank: [1, 3], size: [1, 3] }).chain((s) =>
      fc.tuple(uniform(s), fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: s.length, maxLength: s.length })),
    )
    fc.assert(
      fc.property(padded, ([x, widths]) => {
        const a = ndOf(x)
        const out = a.shape.map((n, k) => n + (widths[k]?.[0] as number) + (widths[k]?.[1] as number))
        expectSame(
          pad(x, widths),
          accumulate(out, (add) => {
            for (const i of indices(a.shape))
              add(
                i.map((p, k) => p + (widths[k]?.[0] as number)),
                get(a, i),
              )
          }),
        )
      }),
    )
  })

  test("negative widths are refused", () => {
    expect(() => pad(tensor([1]) as Tensor, [[-1, 0]])).toThrow(/pad: widths/)
  })
})

describe("concat and stack", () => {
  const lists = drawn((d) => {
    const sizes = Array.from({ length: d.int(1, 3) }, () => d.int(1, 3))
    const axis = d.int(0, sizes.length - 1)
    const parts = Array.from({ length: d.int(1, 3) }, () => {
      const type = { elem: "float", shape: sizes.map((n, k) => (k === axis ? d.int(1, 3) : n)) } as const
      return leaf(type, d.values(type, { t: "real" })) as Tensor
    })
    return { axis, parts }
  })

  test("concat walks its parts one after another", () => {
    fc.assert(
      fc.property(lists, ({ axis, parts }) => {
        const all = parts.map(ndOf)
        const positions = all.flatMap((x, which) => Array.from({ length: x.shape[axis] as number }, (_, i) => ({ which, i })))
        expectSame(
          concat(parts, axis),
          make(
            (all[0] as (typeof all)[number]).shape.map((n, k) => (k === axis ? positions.length : n)),
            (i) => {
              const { which, i: at } = positions[i[axis] as number] as (typeof positions)[number]
              return get(
                all[which] as (typeof all)[number],
                i.map((p, k) => (k === axis ? at : p)),
              )
            },
          ),
        )
      }),
    )
  })

  test("a NaN or an infinity in one part does not reach another", () => {
    expect(dataOf(concat([tensor([Number.NaN]), tensor([1]), tensor([Number.POSITIVE_INFINITY])], 0))).toEqual([
      Number.NaN,
      1,
      Number.POSITIVE_INFINITY,
    ])
  })

  test("stack makes an axis", () => {
    expect(ndOf(stack([tensor([1, 2]), tensor([3, 4])], 1))).toEqual({ shape: [2, 2], data: Float64Array.of(1, 3, 2, 4) })
  })

  test("parts that differ elsewhere are refused", () => {
    expect(() => concat([tensor([[1]]) as Tensor, tensor([[1, 2]]) as Tensor], 0)).toThrow(/concat: float\[1, 1\] and float\[1, 2\]/)
    expect(() => concat([], 0)).toThrow(/concat/)
  })
})
