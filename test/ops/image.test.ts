import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { pixelShuffle, pixelUnshuffle, type ResizeOptions, reshape, resize, upsample, zeros } from "../../src/ops/index.js"
import { jaxValues } from "./reference/jax-values.js"
import { get, make, type Nd } from "./reference/nd.js"
import { dataOf, drawn, expectSame, leaf, ndOf } from "./support.js"

const image = (
  d: { values: (t: { elem: "float"; shape: readonly number[] }, domain: { t: "real" }) => Float64Array },
  shape: readonly number[],
) => leaf({ elem: "float", shape }, d.values({ elem: "float", shape }, { t: "real" })) as Tensor

describe("pixelShuffle", () => {
  const cases = drawn((d) => {
    const spatial = Array.from({ length: d.int(1, 3) }, () => d.int(1, 2))
    const r = d.int(1, 2)
    return { r, x: image(d, [d.int(1, 2), ...spatial, d.int(1, 2) * r ** spatial.length]) }
  })

  test("moves channel (c r + i) r + j to pixel (i, j) of channel c, and back", () => {
    fc.assert(
      fc.property(cases, ({ x, r }) => {
        const a = ndOf(x)
        const spatial = a.shape.slice(1, -1)
        const channels = (a.shape.at(-1) as number) / r ** spatial.length
        const found = pixelShuffle(x, r)
        expectSame(
          found,
          make([a.shape[0] as number, ...spatial.map((d) => d * r), channels], (i) => {
            const pixel = i.slice(1, -1)
            const channel = pixel.reduce((c, p) => c * r + (p % r), i.at(-1) as number)
            return get(a, [i[0] as number, ...pixel.map((p) => Math.floor(p / r)), channel])
          }),
        )
        expectSame(pixelUnshuffle(found, r), a)
      }),
    )
  })

  test("PyTorch's order", () => {
    const x = reshape(tensor([0, 1, 2, 3, 4, 5, 6, 7]) as Tensor, [1, 1, 1, 8])
    expect(dataOf(pixelShuffle(x, 2))).toEqual([0, 4, 1, 5, 2, 6, 3, 7])
  })

  test("what is not divisible is refused", () => {
    expect(() => pixelShuffle(zeros([1, 2, 2, 6]), 2)).toThrow(
      /pixelShuffle: by 2 expected .*channels that 4 divides, found float\[1, 2, 2, 6\]/,
    )
    expect(() => pixelUnshuffle(zeros([1, 3, 2, 1]), 2)).toThrow(/pixelUnshuffle: by 2 expected .*spatial sizes that 2 divides/)
    expect(() => pixelShuffle(zeros([2, 2]) as Tensor, 2)).toThrow(/pixelShuffle/)
  })
})

/** Where an output of one axis is taken from: elements and weights. */
type Sources = (o: number, n: number, m: number) => readonly (readonly [number, number])[]

const plain: Readonly<Record<string, { readonly options: ResizeOptions; readonly sources: Sources }>> = {
  nearest: { options: { method: "nearest" }, sources: (o, n, m) => [[Math.floor((o * n) / m), 1]] },
  nearestExact: { options: { method: "nearestExact" }, sources: (o, n, m) => [[Math.floor(((2 * o + 1) * n) / (2 * m)), 1]] },
  ...Object.fromEntries(
    [false, true].map((alignCorners) => [
      alignCorners ? "linear with aligned corners" : "linear",
      {
        options: { alignCorners },
        // PyTorch's area_pixel_compute_source_index
        sources: (o: number, n: number, m: number) => {
          const at = alignCorners ? (m > 1 ? (o * (n - 1)) / (m - 1) : 0) : Math.max(0, ((o + 0.5) * n) / m - 0.5)
          const low = Math.min(Math.floor(at), n - 1)
          const high = Math.min(low + 1, n - 1)
          return [[low, 1 - (at - low)], [high, at - low]] // biome-ignore format: pairs
        },
      },
    ]),
  ),
}

const resized = (x: Nd, sizes: readonly number[], sources: Sources): Nd =>
  sizes.reduce(
    (a, m, j) =>
      make(
        a.shape.map((d, k) => (k === j + 1 ? m : d)),
        (i) =>
          sources(i[j + 1] as number, a.shape[j + 1] as number, m).reduce(
            (s, [from, weight]) => s + (weight === 0 ? 0 : weight * get(a, i.map((v, k) => (k === j + 1 ? from : v)))), // biome-ignore format: one sum
            0,
          ),
      ),
    x,
  )

const cases = drawn((d) => {
  const spatial = Array.from({ length: d.int(1, 3) }, () => d.int(1, 4))
  return { x: image(d, [1, ...spatial, d.int(1, 2)]), sizes: spatial.map(() => d.int(1, 7)) }
})

/** Numbers below 4; positions of the reference are rounded, which no numbers of ours are: a few roundings an axis. */
const near = (found: Tensor, expected: Nd) => {
  expect(found.shape).toEqual(expected.shape)
  dataOf(found).forEach((v, i) => {
    expect(Math.abs(v - (expected.data[i] as number))).toBeLessThanOrEqual(2 ** 7 * Number.EPSILON)
  })
}

describe("resize", () => {
  test.each(Object.entries(plain))("%s is PyTorch's formula, in one to three dimensions", (_name, { options, sources }) => {
    fc.assert(
      fc.property(cases, ({ x, sizes }) => {
        near(resize(x, sizes, options), resized(ndOf(x), sizes, sources))
      }),
    )
  })

  const x = leaf(
    { elem: "float", shape: [1, 3, 4, 1] },
    Array.from({ length: 12 }, (_, i) => (((i * 7) % 11) - 5) / 4),
  ) as Tensor
  test.each([
    ["Up", [5, 7]],
    ["Down", [2, 3]],
    ["Mixed", [6, 2]],
  ] as const)("as JAX has it: %s", (name, sizes) => {
    const [linear, nearest] = [jaxValues[`linear${name}`], jaxValues[`nearest${name}`]]
    near(resize(x, sizes), { shape: linear.shape, data: Float64Array.from(linear.data) })
    near(resize(x, sizes, { method: "nearestExact" }), { shape: nearest.shape, data: Float64Array.from(nearest.data) })
  })

  test("upsample multiplies sizes", () => {
    const line = reshape(tensor([1, 2, 3]) as Tensor, [1, 3, 1])
    expect(dataOf(upsample(line, 2))).toEqual([1, 1.25, 1.75, 2.25, 2.75, 3])
    expect(dataOf(upsample(line, 2, { method: "nearest" }))).toEqual([1, 1, 2, 2, 3, 3])
    expect(dataOf(resize(line, [5], { alignCorners: true }))).toEqual([1, 1.5, 2, 2.5, 3])
    expect(upsample(zeros([1, 2, 4, 3]), [3, 1.5]).shape).toEqual([1, 6, 6, 3])
  })

  test("what does not fit is refused", () => {
    expect(() => resize(zeros([1, 3, 1]), [2, 2])).toThrow(/resize: expected x .* found float\[1, 3, 1\] and \[2, 2\]/)
    expect(() => resize(zeros([1, 3, 1]), [0])).toThrow(/resize: expected/)
    expect(() => upsample(zeros([1, 3, 1]), 1.5)).toThrow(/resize: expected/)
    expect(() => upsample(zeros([1, 3, 1]), [2, 2])).toThrow(/upsample: expected a factor/)
    expect(() => resize(zeros([1, 3, 1]), [4], { method: "nearest", alignCorners: true })).toThrow(/alignCorners goes with "linear"/)
  })
})
