import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { explainSchedule } from "../../../src/core/compile/explain.js"
import {
  type AnyTensor,
  apply1,
  broadcastAlong,
  buildSchedule,
  closeBody,
  type Graph,
  simplifyGraph,
  sumAxes,
  type Tensor,
  valueAndGrad,
} from "../../../src/core/index.js"
import { interpreterCapabilities } from "../../../src/core/targets/interpreter/index.js"
import { positionEmbedding, transposedConvolution } from "../../../src/models/index.js"
import { type ConvAxis, type ConvParams, convOp } from "../../../src/ops/conv.js"
import { add, broadcastTo, conv, convTranspose, key, mul, reshape, square, sum } from "../../../src/ops/index.js"
import { contracted } from "../../../src/ops/rewrites/conv-parties.js"
import { type Role, spatial } from "../../../src/ops/spatial.js"
import { drawn } from "../support.js"
import { closed, expectEqual, expectKept, float, numbers, products } from "./support.js"

const ROLES: readonly (readonly [Role, Role, Role])[] = [
  ["i", "k", "o"],
  ["i", "o", "k"],
  ["o", "k", "i"],
  ["o", "i", "k"],
  ["k", "i", "o"],
  ["k", "o", "i"],
]

interface Case {
  readonly params: ConvParams
  readonly sizes: ReadonlyMap<number, number>
  /** Axes that are there. */
  readonly kept: { readonly left: readonly ConvAxis[]; readonly right: readonly ConvAxis[]; readonly out: readonly ConvAxis[] }
  readonly seed: number
}

const cases = drawn((d): Case => {
  const dims = Array.from({ length: d.int(1, 2) }, () => {
    const step = { a: d.int(1, 3), s: d.int(1, 3), d: d.int(1, 3) }
    const k = d.int(1, 4)
    // as wide as the kernel reaches, at least
    const i = d.int(Math.ceil(((k - 1) * step.d) / step.a) + 1, Math.ceil(((k - 1) * step.d) / step.a) + 8)
    return spatial(i, k, { ...step, before: d.int(0, 4), after: d.int(0, 4) })
  })
  const roles = dims.map(() => ROLES[d.int(0, 5)] as readonly [Role, Role, Role])
  const at = (n: 0 | 1 | 2) => roles.map((r, dim): ConvAxis => ({ role: r[n], dim }))
  const params: ConvParams = { left: [0, 3, ...at(0), 1], right: [...at(1), 3, 1, 2], out: [3, 0, ...at(2), 2], dims }
  const some = (axes: readonly ConvAxis[]) => axes.filter(() => d.int(0, 3) > 0)
  return {
    params,
    sizes: new Map([0, 1, 2, 3].map((l) => [l, d.int(1, 3)])),
    kept: { left: some(params.left), right: some(params.right), out: some(params.out) },
    seed: d.int(0, 1000),
  }
})

const shapeOf = ({ params, sizes }: Case, axes: readonly ConvAxis[]): readonly number[] =>
  axes.map((x) => (typeof x === "number" ? (sizes.get(x) as number) : (params.dims[x.dim]?.size[x.role] as number)))

const plainOf = (c: Case) => {
  const { params, kept } = c
  const whole = (x: AnyTensor, axes: readonly ConvAxis[], all: readonly ConvAxis[]) =>
    broadcastAlong(
      x,
      shapeOf(c, all),
      axes.map((axis) => all.indexOf(axis)),
    )
  return closed([float(...shapeOf(c, kept.left)), float(...shapeOf(c, kept.right))], ([a, b]) => {
    const y = apply1(convOp, params, [whole(a as AnyTensor, kept.left, params.left), whole(b as AnyTensor, kept.right, params.right)])
    return [
      sumAxes(
        y,
        params.out.flatMap((axis, n) => (kept.out.includes(axis) ? [] : [n])),
      ),
    ]
  })
}

describe("a convolution whose operands or result miss axes", () => {
  test("is what it is with all axes, whatever the roles", () => {
    let done = 0
    fc.assert(
      fc.property(cases, (c) => {
        const plain = plainOf(c)
        let made = true
        const types = plain.types.slice(0, 2)
        const cheap = closed(types, ([a, b]) => {
          const [left, right] = [
            { x: a as AnyTensor, axes: c.kept.left },
            { x: b as AnyTensor, axes: c.kept.right },
          ]
          const found = contracted(c.params.dims, left, right, c.kept.out, c.sizes)
          made = found !== null
          return [found?.value ?? (a as AnyTensor)]
        })
        if (!made) return
        done++
        expect(cheap.types[cheap.outputs[0] as number]).toEqual(plain.types[plain.outputs[0] as number])
        expectEqual(plain, cheap, numbers(types, c.seed))
      }),
    )
    expect(done).toBeGreaterThan(0)
  })
})

/** A decoder's first layer: slots copied to all places, plus what is said of the places. Value and gradients of a sum of its outputs. */
const layers = drawn((d) => {
  const n = d.int(1, 2)
  const each = (lo: number, hi: number) => Array.from({ length: n }, () => d.int(lo, hi))
  // sizes at which a rewrite mostly pays
  return {
    images: d.int(3, 5),
    sizes: n === 1 ? each(8, 20) : each(5, 9),
    kernel: each(1, 4),
    channels: d.int(3, 5),
    features: d.int(3, 5),
    options: { stride: each(1, 3), dilation: each(1, 2), padding: "same" as const },
    transposed: d.bool(),
    seed: d.int(0, 1000),
  }
})

test("slots copied to places, plus an embedding of the places: value and gradients are kept, and there are fewer products", () => {
  let fired = 0
  fc.assert(
    fc.property(layers, ({ images, sizes, kernel, channels, features, options, transposed, seed }) => {
      const layer = (s: Tensor, p: Tensor, w: Tensor): Tensor => {
        const copied = broadcastTo(reshape(s, [images, ...sizes.map(() => 1), channels]), [images, ...sizes, channels])
        const placed = add(copied, p) as Tensor
        return transposed ? convTranspose(placed, w, options) : conv(placed, w, options)
      }
      const kernelType = transposed ? float(...kernel, features, channels) : float(...kernel, channels, features)
      const types = [float(images, channels), float(...sizes, channels), kernelType]
      const [shape] = closed(types, ([s, p, w]) => [layer(s as Tensor, p as Tensor, w as Tensor)]).types.slice(-1)
      const all = [...types, shape as (typeof types)[number]]
      const plain = closed(all, ([s, p, w, ct]) => {
        const loss = ([a, b, c]: readonly [Tensor, Tensor, Tensor]) => sum(mul(layer(a, b, c), ct as Tensor) as Tensor)
        const [value, gradients] = valueAndGrad(loss)([s as Tensor, p as Tensor, w as Tensor] as const)
        return [value, ...gradients]
      })
      const simple = expectKept(plain, numbers(all, seed))
      // a sum may cost an eighth of a convolution that is needed all the same: for one image, the gradient to the places
      expect(products(simple)).toBeLessThanOrEqual((products(plain) * 9) / 8)
      if (products(simple) < products(plain)) fired++
    }),
  )
  expect(fired).toBeGreaterThan(0)
})

test("the first layer of the decoder, 128 slots copied to 35 x 35 places, takes a hundredth of its arithmetic", () => {
  const [slots, side, width, features] = [128, 35, 64, 32]
  const place = positionEmbedding(side, side, width)
  const network = transposedConvolution(width, features, 5)
  const context = { key: key(0), mode: "eval" } as const
  const types = [float(slots, width), float(4, width), float(width), float(5, 5, features, width), float(features)]
  const loss = ([s, w, b, kernel, bias]: readonly Tensor[]): Tensor<[]> => {
    const copied = broadcastTo(reshape(s as Tensor, [slots, 1, 1, width]), [slots, side, side, width])
    const placed = place.apply({ w: w as Tensor, b: b as Tensor }, copied as never, context)
    return sum(square(network.apply({ w: kernel as Tensor, b: bias as Tensor }, placed as never, context) as Tensor))
  }
  const { graph, captured } = closeBody("test", types, (inputs) => {
    const [value, gradients] = valueAndGrad(loss)(inputs as readonly Tensor[])
    return [value, ...gradients]
  })
  expect(captured.length).toBe(1)
  // a convolution and its two gradients; then the same for one image, and for slots three products with 25 classes of places
  const [multiplied, classes] = [25 * width * features, 25]
  const [places, oneImage, perClass] = [slots * side * side * multiplied, side * side * multiplied, slots * multiplied]
  const masks = 2 * classes * multiplied
  // the embedding's own product, its gradient, and the sum of its bias over the classes
  const small = 2 * side * side * 4 * width + multiplied
  expect(products(graph)).toBe(3 * places + small - multiplied)
  expect(products(simplifyGraph(graph))).toBe(3 * (oneImage + perClass) + masks + small)
  const arithmetic = (g: Graph) =>
    /([\d.]+) ([MG])flop; at most/.exec(explainSchedule(buildSchedule(g, interpreterCapabilities), 4).at(-1) ?? "")
  expect(arithmetic(graph)?.slice(1)).toEqual(["48.2", "G"])
  expect(arithmetic(simplifyGraph(graph))?.[2]).toBe("M")
  expect(Number(arithmetic(simplifyGraph(graph))?.[1])).toBeLessThan(500)
})
