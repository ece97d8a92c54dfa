/** Layers composed in the types. */
import { describe, expect, test } from "tstyche"
import type { Tensor, Unchecked } from "../../src/index.js"
import {
  type AnyLayer,
  type Context,
  type ConvolutionParams,
  convolution,
  type DenseParams,
  dense,
  type Features,
  gru,
  type Layer,
  type LayerNormParams,
  layerNorm,
  mlp,
  type SeqSpec,
  seq,
} from "../../src/models/layers/index.js"
import { named } from "./named.js"

const context = null as never as Context
const weights = null as never as DenseParams

describe("seq", () => {
  const two = seq(dense(784, 64, { activation: "relu" }), dense(64, 10))
  test("takes what the first takes, gives what the last gives, has the parameters of all", () => {
    expect(two).type.toBe<Layer<readonly [DenseParams, DenseParams], Features<784>, Features<10>, SeqSpec>>()
    expect(seq(convolution(3, 64, 5), layerNorm(64), mlp(64, 32, 7))).type.toBe<
      Layer<readonly [ConvolutionParams, LayerNormParams, readonly [DenseParams, DenseParams]], Features<3>, Features<7>, SeqSpec>
    >()
  })
  test("nests", () => {
    expect(seq(two, seq(dense(10, 3)))).type.toBe<
      Layer<readonly [readonly [DenseParams, DenseParams], readonly [DenseParams]], Features<784>, Features<3>, SeqSpec>
    >()
  })
  test("takes thirty layers", () => {
    const d = dense(8, 8)
    const long = seq(d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, dense(8, 9))
    expect<typeof long extends Layer<infer _P, infer _I, infer O, SeqSpec> ? O : never>().type.toBe<Features<9>>()
    expect<
      typeof long extends Layer<infer P extends readonly unknown[], infer _I, infer _O, SeqSpec> ? P["length"] : never
    >().type.toBe<30>()
    // @ts-expect-error seq: layer 29 (dense) takes [..., 7], the layer before it (dense) gives [..., 8]
    seq(d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, d, dense(7, 9))
  })
  test("names the layer that does not fit, and the one before it", () => {
    // @ts-expect-error ShapeError<"seq: layer 1 (dense) takes [..., 128], the layer before it (dense) gives [..., 64]">
    seq(dense(784, 64), dense(128, 10), dense(10, 3))
    // @ts-expect-error ShapeError<"seq: layer 2 (layerNorm) takes [..., 11], the layer before it (dense) gives [..., 10]">
    seq(dense(784, 64), dense(64, 10), layerNorm(11))
    // @ts-expect-error ShapeError<"seq: layer 1 (gru) takes a tree of tensors, the layer before it (dense) gives [..., 64]">
    seq(dense(784, 64), gru(64, 64))
    // @ts-expect-error ShapeError<"seq: layer 1 (seq) takes [..., 784], the layer before it (dense) gives [..., 64]">
    seq(dense(784, 64), two)
  })
  test("lets layers pass whose features are not known", () => {
    const any = null as never as AnyLayer
    expect(seq(dense(784, 64), any, dense(3, 10)).apply).type.toBeCallableWith(
      [weights, null, weights] as const,
      named(["B", 784]),
      context,
    )
    expect(seq(...(null as never as AnyLayer[])).apply).type.toBeCallableWith([], named(["B", 784]), context)
    const n = null as never as number
    expect(seq(dense(784, n), dense(n, 10)).apply).type.toBeCallableWith([weights, weights] as const, named(["B", 784]), context)
  })
  test("is the identity without layers", () => {
    expect(seq()).type.toBe<Layer<readonly [], Tensor, Tensor, SeqSpec>>()
  })
})

describe("a layer", () => {
  test("takes any axes before its features", () => {
    expect(dense(64, 10).apply).type.toBeCallableWith(weights, named(["B", 7, 64]), context)
    expect(dense(64, 10).apply).type.toBeCallableWith(weights, null as never as Tensor<[Unchecked, Unchecked]>, context)
  })
  test("refuses other features", () => {
    // @ts-expect-error not assignable to parameter of type 'Features<64>'
    dense(64, 10).apply(weights, named(["B", 63]), context)
  })
})
