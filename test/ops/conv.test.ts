import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { type ConvOptions, conv } from "../../src/ops/index.js"
import { accumulate, get, indices, type Nd } from "./reference/nd.js"
import { drawn, expectSame, leaf, ndOf, testReferences } from "./support.js"

testReferences("conv")

interface Plain {
  readonly stride: readonly number[]
  readonly dilation: readonly number[]
  readonly inputDilation: readonly number[]
  readonly padding: "same" | "valid" | readonly (readonly [number, number])[]
  readonly groups: number
}

/** The textbook, one output at a time: x is first spread out by the input dilation, then padded, then walked. */
const textbook = (x: Nd, w: Nd, { stride, dilation, inputDilation, padding, groups }: Plain): Nd => {
  const n = x.shape.length - 2
  const axes = Array.from({ length: n }, (_, j) => j)
  const spread = axes.map((j) => ((x.shape[j + 1] as number) - 1) * (inputDilation[j] as number) + 1)
  const reach = axes.map((j) => ((w.shape[j] as number) - 1) * (dilation[j] as number) + 1)
  const room = axes.map((j): readonly [number, number] => {
    if (padding === "valid") return [0, 0]
    if (padding !== "same") return padding[j] as readonly [number, number]
    const outputs = Math.ceil((spread[j] as number) / (stride[j] as number))
    const total = Math.max(0, (outputs - 1) * (stride[j] as number) + (reach[j] as number) - (spread[j] as number))
    return [Math.floor(total / 2), total - Math.floor(total / 2)]
  })
  const out = axes.map((j) => {
    const [before, after] = room[j] as readonly [number, number]
    return Math.floor(((spread[j] as number) + before + after - (reach[j] as number)) / (stride[j] as number)) + 1
  })
  const inner = w.shape[n] as number
  const features = w.shape[n + 1] as number
  return accumulate([x.shape[0] as number, ...out, features], (add) => {
    for (const o of indices([x.shape[0] as number, ...out, features]))
      for (const k of indices(w.shape.slice(0, n))) {
        const at = axes.map(
          (j) => (o[j + 1] as number) * (stride[j] as number) + (k[j] as number) * (dilation[j] as number) - (room[j]?.[0] as number),
        )
        if (at.some((p, j) => p < 0 || p >= (spread[j] as number) || p % (inputDilation[j] as number) !== 0)) continue
        const f = o[n + 1] as number
        const group = Math.floor(f / (features / groups))
        for (let c = 0; c < inner; c++)
          add(o, get(x, [o[0] as number, ...at.map((p, j) => p / (inputDilation[j] as number)), group * inner + c]) * get(w, [...k, c, f]))
      }
  })
}

const cases = drawn((d) => {
  const n = d.int(1, 2)
  const groups = d.int(1, 2)
  const each = (lo: number, hi: number) => Array.from({ length: n }, () => d.int(lo, hi))
  const [stride, dilation, inputDilation, kernel] = [each(1, 3), each(1, 2), each(1, 2), each(1, 3)]
  const sizes = each(1, 4)
  const kind = d.int(0, 2)
  // "valid" needs an input as wide as the kernel reaches
  const padding =
    kind === 0
      ? ("same" as const)
      : kind === 1 && sizes.every((s, j) => (s - 1) * (inputDilation[j] as number) >= ((kernel[j] as number) - 1) * (dilation[j] as number))
        ? ("valid" as const)
        : kernel.map((k, j): readonly [number, number] => [d.int(0, 2), (k - 1) * (dilation[j] as number) + d.int(0, 2)])
  const [inner, features] = [d.int(1, 2), d.int(1, 2)]
  const of = (shape: readonly number[]) => leaf({ elem: "float", shape }, d.values({ elem: "float", shape }, { t: "real" })) as Tensor
  return {
    x: of([d.int(1, 2), ...sizes, groups * inner]),
    w: of([...kernel, inner, groups * features]),
    options: { stride, dilation, inputDilation, padding, groups },
  }
})

test("conv is the textbook's, whatever the stride, dilations, padding and groups", () => {
  fc.assert(
    fc.property(cases, ({ x, w, options }) => {
      expectSame(conv(x, w, options), textbook(ndOf(x), ndOf(w), options))
    }),
  )
})

describe("options", () => {
  const x = tensor([1, 2, 3, 4, 5], [1, 5, 1]) as Tensor
  const w = tensor([1, 10, 100], [3, 1, 1]) as Tensor
  const plain = (options: ConvOptions) => Array.from(ndOf(conv(x, w, options)).data)

  test("the kernel is not turned round, and the default is to keep the size", () => {
    expect(plain({})).toEqual([210, 321, 432, 543, 54])
  })

  test("one number stands for all axes", () => {
    expect(plain({ stride: 2 })).toEqual(plain({ stride: [2] }))
  })

  test('"same" with a stride keeps ceil(size / stride), with the odd zero after', () => {
    const even = tensor([1, 2, 3, 4], [1, 4, 1]) as Tensor
    expect(Array.from(ndOf(conv(even, w, { stride: 2 })).data)).toEqual([321, 43])
  })

  test("a stride counts from the first position", () => {
    expect(plain({ padding: "valid", stride: 2 })).toEqual([321, 543])
  })
})

describe("what does not fit is refused", () => {
  const of = (shape: readonly number[]) => leaf({ elem: "float", shape }, new Float64Array(shape.reduce((n, s) => n * s, 1))) as Tensor
  test("channels and groups", () => {
    expect(() => conv(of([1, 5, 3]), of([3, 2, 4]))).toThrow(/conv: x has 3 channels, w takes 2/)
    expect(() => conv(of([1, 5, 4]), of([3, 2, 3]), { groups: 2 })).toThrow(/conv.*2 groups/)
  })
  test("ranks", () => {
    expect(() => conv(of([5, 3]), of([3, 3, 1]))).toThrow(/conv: expected x/)
  })
  test("kernels that are larger than the padded input", () => {
    expect(() => conv(of([1, 2, 1]), of([3, 1, 1]), { padding: "valid" })).toThrow(/larger than the padded input.*spatial axis 0/)
  })
})
