/** Layers against plain loops, and descriptions that go out and come back. */
import * as E from "fp-ts/lib/Either.js"
import { describe, expect, test } from "vitest"
import type { Tensor } from "../../../src/core/index.js"
import {
  convolution,
  dense,
  gru,
  layerCodec,
  layerNorm,
  layerOf,
  mlp,
  orthogonal,
  places,
  positionEmbedding,
  seq,
} from "../../../src/models/layers/index.js"
import { decodeAs } from "../../../src/models/schema/index.js"
import { einsum, key } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"
import { numbers, relativeError } from "../../support/outcome.js"
import * as loops from "./loops.js"
import { close, context, draw, nested, perturbed } from "./support.js"

describe("values", () => {
  test("dense, with activation and without a bias", () => {
    const x = draw(1, 4, 3)
    for (const [layer, after] of [
      [dense(3, 2), (r: loops.Row) => r],
      [dense(3, 2, { activation: "relu" }), loops.relu],
      [dense(3, 2, { activation: "tanh", bias: false }), (r: loops.Row) => r.map(Math.tanh)],
    ] as const) {
      const p = perturbed(layer.init(key(2)))
      const [w, b] = [nested<loops.Matrix>(p.w), p.b === null ? null : nested<loops.Row>(p.b as Tensor)]
      close(
        layer.apply(p, x, context),
        nested<loops.Matrix>(x).map((row) => after(loops.linear(row, w, b))),
      )
    }
  })

  test("layerNorm", () => {
    const x = draw(1, 2, 3, 5)
    const p = perturbed(layerNorm(5).init(key(0)))
    const [scale, shift] = [nested<loops.Row>(p.scale), nested<loops.Row>(p.shift)]
    close(
      layerNorm(5).apply(p, x, context),
      nested<readonly loops.Matrix[]>(x).map((m) => m.map((row) => loops.layerNorm(row, scale, shift))),
    )
  })

  test("convolution keeps the size, with zeros around the image", () => {
    const layer = convolution(2, 3, 3)
    const p = perturbed(layer.init(key(0)))
    const x = draw(1, 1, 4, 5, 2)
    const [image, w, b] = [nested<number[][][][]>(x)[0]!, nested<number[][][][]>(p.w), nested<loops.Row>(p.b as Tensor)]
    const at = (i: number, j: number, c: number) => image[i]?.[j]?.[c] ?? 0
    const expected = image.map((row, i) =>
      row.map((_, j) =>
        b.map((shift, o) => {
          let s = shift
          for (let a = 0; a < 3; a++)
            for (let d = 0; d < 3; d++) for (let c = 0; c < 2; c++) s += at(i + a - 1, j + d - 1, c) * w[a]![d]![c]![o]!
          return s
        }),
      ),
    )
    close(layer.apply(p, x, context), expected)
    expect(convolution(2, 3, 3, { stride: 2 }).apply(p, x, context).shape).toEqual([1, 2, 3, 3])
  })

  test("gru", () => {
    const layer = gru(3, 4)
    const p = perturbed(layer.init(key(0)))
    const [x, h] = [draw(1, 2, 3), draw(2, 2, 4)]
    const plain = { w: nested<loops.Matrix>(p.w), u: nested<loops.Matrix>(p.u), b: nested<loops.Row>(p.b), c: nested<loops.Row>(p.c) }
    const hs = nested<loops.Matrix>(h)
    close(
      layer.apply(p, { x, h }, context),
      nested<loops.Matrix>(x).map((row, i) => loops.gru(plain, row, hs[i]!)),
    )
  })

  test("places: corners of the soft position embedding, and octaves", () => {
    const grid = nested<number[][][]>(places(3, 2, 1))
    expect(grid[0]![0]!.slice(0, 4)).toEqual([0, 0, 1, 1])
    expect(grid[2]![1]!.slice(0, 4)).toEqual([1, 1, 0, 0])
    expect(grid[1]![0]!.slice(0, 4)).toEqual([0.5, 0, 0.5, 1])
    const [sinY, cosY, sinX, cosX] = grid[1]![0]!.slice(4)
    ;[sinY! - 1, cosY, sinX, cosX! - 1].forEach((zero) => void expect(zero).toBeCloseTo(0, 12))
    const layer = positionEmbedding(3, 2, 4, 1)
    const p = perturbed(layer.init(key(0)))
    const [w, b] = [nested<loops.Matrix>(p.w), nested<loops.Row>(p.b as Tensor)]
    const x = draw(1, 1, 3, 2, 4)
    const expected = nested<number[][][][]>(x)[0]!.map((row, i) => row.map((v, j) => loops.add(v, loops.linear(grid[i]![j]!, w, b))))
    close(layer.apply(p, x, context), expected)
  })

  test("seq composes and hands each part a key of its own", () => {
    const layer = mlp(3, 5, 2)
    const params = layer.init(key(7))
    const x = draw(1, 4, 3)
    const [first, second] = [dense(3, 5, { activation: "relu" }), dense(5, 2)]
    close(layer.apply(params, x, context), numbers(second.apply(params[1], first.apply(params[0], x, context), context)))
    const twice = seq(dense(2, 2), dense(2, 2)).init(key(7))
    expect(numbers(twice[0].w)).not.toEqual(numbers(twice[1].w))
  })
})

describe("initial values", () => {
  test("the same key gives the same parameters, another one others", () => {
    const layer = mlp(3, 4, 2)
    expect(numbers(layer.init(key(1)))).toEqual(numbers(layer.init(key(1))))
    expect(numbers(layer.init(key(1)))).not.toEqual(numbers(layer.init(key(2))))
  })

  test.each([1, 2, 7, 24])("orthogonal matrices of size %i are orthogonal", (n) => {
    for (let seed = 0; seed < 5; seed++) {
      const q = orthogonal(key(seed), n)
      const product = numbers(einsum("ij,kj->ik", q, q))
      const identity = Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0))
      expect(relativeError(identity, product)).toBeLessThan(1e-12)
    }
  })
})

describe("descriptions", () => {
  const model = seq(
    convolution(3, 8, 5, { activation: "relu", stride: 2 }),
    positionEmbedding(7, 7, 8, 2),
    layerNorm(8, 1e-3),
    seq(dense(8, 4, { bias: false, activation: "tanh" })) as never,
  )
  const read = (u: unknown) => decodeAs(layerCodec, "model", u)

  test("come back as they went, and build the same layer", () => {
    const spec = right(read(JSON.parse(JSON.stringify(model.spec))))
    expect(spec).toEqual(model.spec)
    const again = layerOf(spec)
    expect(again.spec).toEqual(model.spec)
    const x = draw(3, 1, 14, 14, 3)
    expect(numbers(again.apply(again.init(key(1)), x, context))).toEqual(numbers(model.apply(model.init(key(1)), x, context)))
  })

  test("fill defaults in", () => {
    expect(right(read({ _tag: "dense", inputs: 2, outputs: 3 }))).toEqual(dense(2, 3).spec)
    expect(right(read({ _tag: "layerNorm", features: 3 }))).toEqual(layerNorm(3).spec)
  })

  test.each([
    [{ _tag: "denes", inputs: 1, outputs: 1 }, /model: expected a _tag of .*, found "denes"; did you mean "dense"\?/],
    [{ _tag: "dense", inputs: 0, outputs: 1 }, /model\.inputs: expected a whole number from 1 to 65536, found 0/],
    [{ _tag: "dense", inputs: 1, outputs: 1, activaton: "relu" }, /model: unknown key "activaton"; did you mean "activation"\?/],
    [
      { _tag: "seq", of: [dense(1, 1).spec, { _tag: "dense", inputs: 1 }] },
      /model\.of\.1\.outputs: expected a whole number.*, found nothing/,
    ],
    [{ _tag: "dense", inputs: 1, outputs: 1, activation: "gleu" }, /model\.activation: expected one of none, relu, tanh, .*, found "gleu"/],
    [7, /model: expected a _tag of .*, found none/],
  ])("%j is refused", (u, message) => {
    const failure = left(read(u))
    expect(failure.message).toMatch(message)
    expect(E.isLeft(read(u)) && failure._tag).toBe("DecodeError")
  })
})

describe("wrong shapes are named at the call", () => {
  const x = draw(1, 2, 3)
  test.each([
    [() => dense(4, 2).apply(dense(4, 2).init(key(0)), x as never, context), /dense: expected 4 features .*float\[2, 3\]/],
    [() => layerNorm(2).apply(layerNorm(2).init(key(0)), x as never, context), /layerNorm: expected 2 features/],
    [
      () => convolution(3, 1, 3).apply(convolution(3, 1, 3).init(key(0)), x as never, context),
      /convolution: expected images \[N, height, width, 3\]/,
    ],
    [() => gru(3, 2).apply(gru(3, 2).init(key(0)), { x: x as never, h: x as never }, context), /gru: the state: expected 2 features/],
    [
      () => positionEmbedding(2, 2, 3).apply(positionEmbedding(2, 2, 3).init(key(0)), x as never, context),
      /positionEmbedding: expected images/,
    ],
  ])("%#", (call, message) => {
    expect(call).toThrow(message)
  })
})
