import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { integers, shape, uniform } from "../../src/laws/arbitraries/index.js"
import { broadcastTo, expandAxis, iota, moveAxis, permute, reshape, transpose } from "../../src/ops/index.js"
import { get, make } from "./reference/nd.js"
import { dataOf, drawn, expectSame, leaf, ndOf, testReferences } from "./support.js"

testReferences("literal", "epsilon", "iota", "broadcast", "reshape", "permute")

describe("reshape", () => {
  /** Two shapes with the same number of elements: factors of one number, grouped twice. */
  const pairs = drawn((d) => {
    const factors = Array.from({ length: d.int(0, 4) }, () => d.int(1, 3))
    const group = () => {
      const out: number[] = [1]
      for (const f of factors) {
        if (d.bool()) out.push(f)
        else out[out.length - 1] = (out.at(-1) as number) * f
      }
      return d.bool() && out[0] === 1 ? out.slice(1) : out
    }
    return { from: group(), to: group() }
  })

  test("keeps row-major order whatever the two shapes are", () => {
    fc.assert(
      fc.property(pairs, ({ from, to }) => {
        const n = from.reduce((p, d) => p * d, 1)
        const counting = Array.from({ length: n }, (_, i) => i)
        const out = ndOf(reshape(leaf({ elem: "float", shape: from }, counting) as Tensor, to))
        expect(out.shape).toEqual(to)
        expect(Array.from(out.data)).toEqual(counting)
      }),
    )
  })

  test("of nothing is nothing", () => {
    expect(ndOf(reshape(leaf({ elem: "float", shape: [0, 3] }, []) as Tensor, [3, 2, 0])).shape).toEqual([3, 2, 0])
  })

  test("-1 is what is left, and is refused where nothing fits", () => {
    expect(reshape(tensor([1, 2, 3, 4, 5, 6]), [2, -1]).shape).toEqual([2, 3])
    expect(() => reshape(tensor([1, 2, 3, 4, 5, 6]), [4, -1])).toThrow(/reshape: float\[6\].*\[4, -1\]/)
    expect(() => reshape(tensor([1, 2, 3, 4, 5, 6]), [-1, -1])).toThrow(/at most one/)
    expect(() => reshape(tensor([1, 2, 3]), [2, 2])).toThrow(/reshape: float\[3\] has 3 elements, \[2, 2\] has 4/)
  })

  test("moves keys as wholes", () => {
    const key = leaf({ elem: "key", shape: [2, 1] }, [1, 2, 3, 4, 5, 6, 7, 8])
    expect(ndOf(reshape(key as never, [1, 2]) as never)).toEqual({ shape: [1, 2, 4], data: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8) })
  })
})

describe("permute and its kin", () => {
  const matrices = shape({ rank: [2, 4], size: [1, 3] }).chain((s) => integers(s))

  test("transpose swaps the last two axes", () => {
    fc.assert(
      fc.property(matrices, (t) => {
        const x = ndOf(t)
        const out = [...x.shape.slice(0, -2), x.shape.at(-1) as number, x.shape.at(-2) as number]
        expectSame(
          transpose(t as unknown as Tensor),
          make(out, (i) => get(x, [...i.slice(0, -2), i.at(-1) as number, i.at(-2) as number])),
        )
      }),
    )
  })

  test("moveAxis takes one axis out and puts it in elsewhere", () => {
    fc.assert(
      fc.property(matrices, fc.nat(), fc.nat(), (t, p, q) => {
        const x = ndOf(t)
        const [from, to] = [p % x.shape.length, q % x.shape.length]
        const put = <T>(list: readonly T[], one: T) => [...list.slice(0, to), one, ...list.slice(to)]
        const out = put(
          x.shape.filter((_, a) => a !== from),
          x.shape[from] as number,
        )
        expectSame(
          moveAxis(t, from, to),
          make(out, (i) => {
            const rest = i.filter((_, a) => a !== to)
            return get(x, [...rest.slice(0, from), i[to] as number, ...rest.slice(from)])
          }),
        )
      }),
    )
  })

  test("axes count from the last where they are negative", () => {
    const x = uniform([2, 3, 4])
    const [t] = fc.sample(x, 1) as [Tensor]
    expect(permute(t, [-1, 0, 1]).shape).toEqual([4, 2, 3])
    expect(moveAxis(t, -1, 0).shape).toEqual([4, 2, 3])
    expect(expandAxis(t, -1).shape).toEqual([2, 3, 4, 1])
    expect(() => expandAxis(t, 4)).toThrow(/expandAxis: axis 4 does not exist/)
  })

  test("what is no order of the axes is refused", () => {
    expect(() => permute(tensor([[1, 2]]) as Tensor, [0, 0])).toThrow(/permute: \[0, 0\].*float\[1, 2\]/)
    expect(() => permute(tensor([[1, 2]]) as Tensor, [0])).toThrow(/permute/)
    expect(() => transpose(tensor([1, 2]) as Tensor)).toThrow(/transpose.*float\[2\]/)
    expect(() => moveAxis(tensor([1, 2]) as Tensor, 1, 0)).toThrow(/moveAxis: axis 1 does not exist/)
  })
})

test("broadcastTo stretches from the last axis, and refuses what does not lie along it", () => {
  expect(dataOf(broadcastTo(tensor([1, 2]), [2, 2]))).toEqual([1, 2, 1, 2])
  expect(dataOf(broadcastTo(7, [2]))).toEqual([7, 7])
  expect(() => broadcastTo(tensor([1, 2]) as Tensor, [2, 3])).toThrow(/broadcast: float\[2\].*\[2, 3\]/)
})

test("iota counts, and refuses what is no length", () => {
  expect(dataOf(iota(4))).toEqual([0, 1, 2, 3])
  expect(dataOf(iota(0))).toEqual([])
  expect(() => iota(-1)).toThrow(/iota/)
})
