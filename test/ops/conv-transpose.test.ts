import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Tensor, tensor, vjp } from "../../src/core/index.js"
import { type ConvTransposeOptions, conv, convTranspose, zeros } from "../../src/ops/index.js"
import { jaxValues } from "./reference/jax-values.js"
import { accumulate, get, indices, type Nd } from "./reference/nd.js"
import { dataOf, drawn, expectSame, leaf, ndOf } from "./support.js"

/** Multiples of 1/4 that JAX's values were made of. */
const ramp = (...shape: readonly number[]) =>
  leaf(
    { elem: "float", shape },
    Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => (((i * 7) % 11) - 5) / 4),
  ) as Tensor
const expectValue = (found: Tensor, expected: { readonly shape: readonly number[]; readonly data: readonly number[] }) =>
  expectSame(found, { shape: expected.shape, data: Float64Array.from(expected.data) })

describe("as JAX has it", () => {
  test("conv with strides, dilation and padding of two axes; in groups; depthwise", () => {
    const options = { stride: [2, 1], padding: [[1, 2], [0, 1]], dilation: [1, 2] } as const // biome-ignore format: options
    expectValue(conv(ramp(1, 5, 4, 2), ramp(3, 2, 2, 3), options), jaxValues.conv)
    expectValue(conv(ramp(1, 6, 4), ramp(3, 2, 6), { stride: 2, padding: 1, groups: 2 }), jaxValues.convGroups)
    expectValue(conv(ramp(1, 6, 4), ramp(3, 1, 8), { groups: 4 }), jaxValues.convDepthwise)
  })

  test("convTranspose with output padding, in groups, and to a multiple of the size", () => {
    const options = { stride: [2, 3], padding: [[1, 1], [0, 1]], dilation: [1, 2], outputPadding: [1, 0] } as const // biome-ignore format: options
    expectValue(convTranspose(ramp(1, 3, 2, 3), ramp(3, 2, 2, 3), options), jaxValues.convTranspose)
    expectValue(convTranspose(ramp(1, 3, 6), ramp(3, 2, 6), { stride: 2, padding: 1, groups: 2 }), jaxValues.convTransposeGroups)
    expectValue(convTranspose(ramp(1, 3, 6), ramp(3, 2, 6), { stride: 2, groups: 2 }), jaxValues.convTransposeSame)
  })
})

interface Plain {
  readonly stride: readonly number[]
  readonly dilation: readonly number[]
  readonly padding: readonly (readonly [number, number])[]
  readonly outputPadding: readonly number[]
  readonly groups: number
}

/** PyTorch's definition: every element stamps the kernel, `stride` apart; the edges are cut off by the padding. */
const stamped = (y: Nd, w: Nd, { stride, dilation, padding, outputPadding, groups }: Plain): Nd => {
  const n = stride.length
  const [inner, features] = [w.shape[n] as number, w.shape[n + 1] as number]
  const sizes = stride.map((s, j) => {
    const [before, after] = padding[j] as readonly [number, number]
    const reach = (dilation[j] as number) * ((w.shape[j] as number) - 1)
    return ((y.shape[j + 1] as number) - 1) * s - before - after + reach + 1 + (outputPadding[j] as number)
  })
  return accumulate([y.shape[0] as number, ...sizes, inner * groups], (add) => {
    for (const o of indices(y.shape))
      for (const k of indices(w.shape.slice(0, n))) {
        const at = stride.map((s, j) => s * (o[j + 1] as number) + (dilation[j] as number) * (k[j] as number) - (padding[j]?.[0] as number))
        if (at.some((p, j) => p < 0 || p >= (sizes[j] as number))) continue
        const f = o[n + 1] as number
        const group = Math.floor(f / (features / groups))
        for (let c = 0; c < inner; c++) add([o[0] as number, ...at, group * inner + c], get(y, o) * get(w, [...k, c, f]))
      }
  })
}

const cases = drawn((d) => {
  const n = d.int(1, 3)
  const each = (lo: number, hi: number) => Array.from({ length: n }, () => d.int(lo, hi))
  const [stride, dilation, kernel, sizes] = [each(1, 3), each(1, 2), each(1, 3), each(1, 3)]
  const groups = d.int(1, 2)
  const [inner, features] = [d.int(1, 2), d.int(1, 2)]
  const padding = stride.map((_, j): readonly [number, number] => [d.int(0, Math.min(1, (kernel[j] as number) - 1)), d.int(-1, 0)])
  const outputPadding = stride.map((s, j) => d.int(0, Math.max(s, dilation[j] as number) - 1))
  const of = (shape: readonly number[]) => leaf({ elem: "float", shape }, d.values({ elem: "float", shape }, { t: "real" })) as Tensor
  const y = of([d.int(1, 2), ...sizes, groups * features])
  return { y, w: of([...kernel, inner, groups * features]), options: { stride, dilation, padding, outputPadding, groups } }
})

test("convTranspose stamps the kernel, in one to three dimensions", () => {
  fc.assert(
    fc.property(cases, ({ y, w, options }) => {
      expectSame(convTranspose(y, w, options), stamped(ndOf(y), ndOf(w), options))
    }),
  )
})

test("it is the adjoint of conv, output padding and all, bit for bit", () => {
  fc.assert(
    fc.property(cases, ({ y, w, options: { outputPadding, ...options } }) => {
      const x = convTranspose(y, w, { ...options, outputPadding })
      const [again, pullback] = vjp((t: Tensor) => conv(t, w, options), zeros(x.shape) as Tensor)
      // an output padding as large as a stride, where the dilation allows it, makes room for one more output
      if (again.shape.join() !== y.shape.join()) return
      expectSame(x, ndOf((pullback(y as never) as readonly [Tensor])[0]))
    }),
  )
})

test('"same" multiplies the size by the stride, also where the stride is larger than the kernel', () => {
  expect(convTranspose(zeros([1, 5, 3, 4]), zeros([3, 3, 2, 4]), { stride: [2, 3] }).shape).toEqual([1, 10, 9, 2])
  const found = convTranspose(tensor([[[1], [2]]]) as Tensor, tensor([[[3]]]) as Tensor, { stride: 3 })
  expect(dataOf(found)).toEqual([3, 0, 0, 6, 0, 0])
})

describe("what does not fit is refused", () => {
  const y = zeros([1, 3, 4]) as Tensor
  const refused = (w: Tensor, options: ConvTransposeOptions) => expect(() => convTranspose(y, w, options))
  test("in words", () => {
    refused(zeros([3, 2, 5]), {}).toThrow(/convTranspose: x has 4 channels, w takes 5/)
    refused(zeros([2, 4]) as Tensor, {}).toThrow(/convTranspose: expected x \[N, \.\.\.spatial, F\]/)
    refused(zeros([3, 2, 4]), { outputPadding: 1 }).toThrow(/outputPadding goes with numbers/)
    refused(zeros([3, 2, 4]), { stride: 2, padding: 0, outputPadding: 2 }).toThrow(/outputPadding 2 should be less than the stride/)
    refused(zeros([1, 2, 4]), { padding: 2 }).toThrow(/nothing is left of float\[1, 3, 4\] on spatial axis 0/)
    refused(zeros([3, 2, 4]), { stride: 0 }).toThrow(/convTranspose: stride should be a whole number of at least 1/)
  })
  test("in conv too: lists of another length", () => {
    const [x, w] = [zeros([1, 5, 5, 1]), zeros([3, 3, 1, 1])]
    expect(() => conv(x, w, { stride: [2] })).toThrow(/conv: stride should be .* or 2 of them, .*found \[2\]/)
    expect(() => conv(x, w, { padding: [[1, 1]] })).toThrow(/conv: padding should be .* 2 pairs/)
    expect(() => conv(x, w, { padding: [[1, 1], [0.5, 1]] })).toThrow(/conv: padding should be/) // biome-ignore format: pairs
    expect(() => conv(x, w, { dilation: 0 })).toThrow(/conv: dilation should be/)
  })
  test("negative padding crops", () => {
    const x = tensor([[[1], [2], [3], [4]]]) as Tensor
    expect(dataOf(conv(x, tensor([[[1]]]) as Tensor, { padding: [[-1, -2]] }))).toEqual([2])
  })
})
