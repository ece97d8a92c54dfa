/** Parameters and operations of layers, against the formulas of the field; and the table that shows them. */
import { describe, expect, test } from "vitest"
import { picard } from "../../../src/implicit/index.js"
import {
  across,
  activation,
  convolution,
  countParameters,
  dense,
  flops,
  globalPooling,
  gru,
  implicit,
  layerNorm,
  mlp,
  multiHeadAttention,
  recurrent,
  repeat,
  seq,
  summary,
  summaryRows,
  total,
  transformerBlock,
  transposedConvolution,
  type UncheckedLayer,
} from "../../../src/models/layers/index.js"
import {
  adjointOf,
  clevr6Size,
  publishedAutoencoder,
  slotAttention,
  slotAutoencoder,
  slotSolver,
} from "../../../src/models/slot-attention/index.js"

describe("parameters", () => {
  test.each([
    ["dense", dense(784, 10), 7850],
    ["dense without shifts", dense(784, 10, { bias: false }), 7840],
    ["a depthwise convolution", convolution(8, 8, 3, { groups: 8 }), 9 * 8 + 8],
    ["attention", multiHeadAttention(64, { heads: 4 }), 4 * (64 * 64 + 64)],
    ["an encoder's block", transformerBlock(64, { heads: 4 }), 4 * (64 * 64 + 64) + (64 * 256 + 256 + 256 * 64 + 64) + 2 * 128],
    ["repeat", repeat(5, dense(8, 8)), 5 * 72],
    ["activation", activation("relu"), 0],
  ])("%s", (_name, layer, expected) => {
    expect(countParameters(layer)).toBe(expected)
  })
})

describe("operations", () => {
  test.each([
    ["a matrix product is 2 m k n", dense(7, 5, { bias: false }), [3, 7], 2 * 3 * 7 * 5],
    ["a shift adds one a number", dense(7, 5), [3, 7], 2 * 3 * 7 * 5 + 15],
    ["tanh is one", dense(7, 5, { activation: "tanh" }), [3, 7], 2 * 3 * 7 * 5 + 30],
    ["a convolution, zeros around included", convolution(3, 4, 5, { bias: false }), [2, 6, 7, 3], 2 * (2 * 6 * 7) * 25 * 3 * 4],
    ["a stride leaves outputs out", convolution(3, 4, 5, { bias: false, stride: 2 }), [2, 6, 8, 3], 2 * (2 * 3 * 4) * 25 * 3 * 4],
    ["groups see a part", convolution(4, 4, 3, { bias: false, groups: 4 }), [1, 5, 5, 4], 2 * 25 * 9 * 4],
    [
      "a transposed convolution is its convolution",
      transposedConvolution(3, 4, 5, { bias: false, stride: 2 }),
      [2, 6, 8, 3],
      2 * (2 * 6 * 8) * 25 * 3 * 4,
    ],
    ["a mean takes each number in", globalPooling("mean"), [1, 4, 4, 1], 16 + 1],
    ["repeat counts every turn", repeat(5, dense(7, 7, { bias: false })), [3, 7], 5 * 2 * 3 * 7 * 7],
    ["what is dead or double counts once", seq(dense(7, 5, { bias: false })), [3, 7], 2 * 3 * 7 * 5],
  ] as const)("%s", (_name, layer, shape, expected) => {
    expect(flops(layer as UncheckedLayer, shape).total).toBe(expected)
  })

  test("attention: four maps, scores and reads", () => {
    const found = flops(multiHeadAttention(8, { heads: 2, bias: false }), [3, 5, 8])
    expect(found.contractions).toBe(2 * 3 * (4 * 5 * 8 * 8 + 2 * 5 * 5 * 8))
    expect(found.convolutions).toBe(0)
    expect(found.pointwise).toBeGreaterThan(0)
    expect(found.total).toBe(found.contractions + found.pointwise)
  })

  test("a sequence counts every turn", () => {
    const turn = flops(gru(3, 4), { x: { elem: "float", shape: [2, 3] }, h: { elem: "float", shape: [2, 4] } })
    expect(flops(recurrent(gru(3, 4)), [2, 6, 3]).total).toBe(6 * turn.total)
  })

  test("slot attention: contractions grow by a refinement each, and unrolled is counted like implicit", () => {
    const of = (n: number, variant: "oneStep" | "unrolled") =>
      flops(slotAttention({ inputs: 3, slots: 2, width: 4, hidden: 5, solver: slotSolver(n, adjointOf(variant, n)) }), [2, 6, 3])
        .contractions
    expect(of(3, "oneStep") - of(2, "oneStep")).toBe(of(2, "unrolled") - of(1, "unrolled"))
    // q, scores, means: 2 B (K D D + 2 K N D); the recurrent unit 2 B K 6 D D; the network 2 B K 2 D H
    expect(of(3, "oneStep") - of(2, "oneStep")).toBe(2 * 2 * (2 * 16 + 2 * 2 * 6 * 4 + 2 * 6 * 16 + 2 * 2 * 20))
  })

  test("a solve that stops by itself is counted once, and says so", () => {
    const map = seq(across([dense(4, 4), dense(3, 4)]) as never, total as never, activation("tanh") as never)
    const found = flops(implicit(map as never, picard(), { features: 4 }), [2, 3])
    expect(found.atLeast).toBe(true)
    expect(found.contractions).toBe(2 * 2 * (16 + 12))
    expect(flops(mlp(3, 4, 2), [2, 3]).atLeast).toBe(false)
  })
})

describe("the table", () => {
  test("shows parts in order, with what they give", () => {
    const model = seq(dense(3, 5, { activation: "relu" }), layerNorm(5), repeat(2, dense(5, 5)))
    expect(summary(model, [4, 3])).toMatchInlineSnapshot(`
      "part     kind       output  parameters  flops
      -------  ---------  ------  ----------  -----
      (model)  seq        [4, 5]          90    756
      0        dense      [4, 5]          20    160
      1        layerNorm  [4, 5]          10    156
      2        repeat     [4, 5]          60    440
      2.each   dense      [4, 5]          30    220"
    `)
  })

  test("of a model of the paper's size: the parts' parameters are the whole's", () => {
    const rows = summaryRows(slotAutoencoder(publishedAutoencoder(clevr6Size)), [1, 128, 128, 3])
    const at = (path: string) => rows.find((row) => row.path === path)!
    expect(rows[0]).toMatchObject({ path: "", kind: "slotAutoencoder", parameters: 890_308 })
    expect(at("encoder").parameters + at("attention").parameters + at("decoder").parameters).toBe(890_308)
    expect(at("encoder.1")).toMatchObject({ kind: "convolution", output: "[1, 128, 128, 64]", parameters: 102_464 })
    expect(at("encoder.1").flops).toBe(128 ** 2 * 64 * (2 * 25 * 64 + 2)) // the shift, and the comparison of relu
    expect(at("decoder.network.3").output).toBe("[7, 128, 128, 64]")
    expect(at("decoder").output).toBe("{reconstruction: [1, 128, 128, 3], masks: [1, 7, 128, 128], parts: [1, 7, 128, 128, 3]}")
    // parts are part of the whole
    expect(at("encoder").flops + at("attention").flops + at("decoder").flops).toBe(rows[0]!.flops)
  })
})
