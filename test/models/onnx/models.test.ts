/** Whole models in ONNX: what onnxruntime makes of images is what the model's layer makes of them. */
import { describe, expect, test } from "vitest"
import { type AnyTensor, constant, evaluate, flatten, type Tensor, toArray } from "../../../src/core/index.js"
import { anderson, exact, type Solver } from "../../../src/implicit/index.js"
import { convolution, dense, layerNorm, positionEmbedding, seq, transposedConvolution } from "../../../src/models/layers/index.js"
import { exportSlate, exportSlotAutoencoder } from "../../../src/models/onnx/index.js"
import { paintWords, readWords, slate, slateSpec, slotsAndScores } from "../../../src/models/slate/index.js"
import {
  adjointOf,
  broadcastDecoder,
  type SlotAutoencoderSpec,
  slotAttention,
  slotAutoencoder,
  slotSolver,
  spatialBroadcastDecoder,
  variantNames,
} from "../../../src/models/slot-attention/index.js"
import { add, key, mul } from "../../../src/ops/index.js"
import { right } from "../../support/either.js"
import { openOnnx, runOnnx } from "../../support/onnx.js"
import { settled } from "../slot-attention/support.js"

const pixels = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => ((i * 61) % 97) / 128)
const shape = [2, 6, 8, 3] as const
const images = { type: { elem: "float", shape }, data: pixels(2 * 6 * 8 * 3) } as const

/** float32 of a model of some hundred operations, its values of order 1. */
const close = 2e-4

const expectSame = (
  found: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float64Array }>>,
  exactValues: Readonly<Record<string, AnyTensor>>,
) => {
  for (const [name, t] of Object.entries(exactValues)) {
    expect(found[name]?.shape).toEqual(t.shape)
    const values = toArray(t)
    const worst = values.reduce((w, x, i) => Math.max(w, Math.abs(x - (found[name]?.data[i] as number)) / Math.max(1, Math.abs(x))), 0)
    expect(worst, name).toBeLessThan(close)
    // an output that is one number everywhere would agree by chance
    if (name !== "residual") expect(new Set(values).size, name).toBeGreaterThan(1)
  }
}

const encoder = seq(convolution(3, 4, 3, { activation: "relu", stride: 2 }), positionEmbedding(3, 4, 4, 1), layerNorm(4), dense(4, 5)).spec

const autoencoder = (solver: Solver, change: Partial<Parameters<typeof slotAttention>[0]> = {}): SlotAutoencoderSpec => ({
  _tag: "slotAutoencoder",
  encoder,
  attention: slotAttention({ inputs: 5, slots: 3, width: 4, hidden: 6, solver, ...change }).spec,
  decoder: broadcastDecoder({ height: 6, width: 8, inputs: 4, hidden: 5, layers: 2, channels: 3, frequencies: 1 })
    .spec as SlotAutoencoderSpec["decoder"],
})

const spatial = (): SlotAutoencoderSpec => ({
  ...autoencoder(slotSolver(2, adjointOf("unrolled", 2))),
  decoder: spatialBroadcastDecoder({
    height: 3,
    width: 4,
    inputs: 4,
    channels: 3,
    network: seq(transposedConvolution(4, 4, 5, { stride: 2, activation: "relu" }), transposedConvolution(4, 4, 3)).spec,
  }).spec,
})

const autoencoders: Readonly<Record<string, SlotAutoencoderSpec>> = {
  ...Object.fromEntries(variantNames.map((name) => [name, autoencoder(slotSolver(3, adjointOf(name, 3)))])),
  "two heads, learned slots": autoencoder(slotSolver(2, adjointOf("exact", 2)), { heads: 2, initial: "learned", bilevel: true }),
  "a solver that stops by itself": autoencoder(anderson({ adjoint: exact(), maxEvaluations: 6, onFailure: "useBest", name: "slots" })),
  "transposed convolutions": spatial(),
}

describe("slot autoencoders", () => {
  test.each(Object.entries(autoencoders))("%s", async (_, spec) => {
    const model = slotAutoencoder(spec)
    const params = settled(model.init(key(4)))
    const file = right(exportSlotAutoencoder(spec, params, { images: shape, key: key(9) }))
    const found = await runOnnx(file, { images })
    const x = constant(images.type, images.data) as Tensor
    const { reconstruction, masks, parts, attention, slots } = model.apply(params, add(mul(x, 2), -1) as Tensor, {
      key: key(9),
      mode: "eval",
    })
    const unit = (t: Tensor): Tensor => mul(add(t, 1), 0.5) as Tensor
    expectSame(found, right(evaluate({ reconstruction: unit(reconstruction), masks, parts: unit(parts), attention, slots })))
    expect(Object.keys(found).sort()).toEqual(
      ["attention", "masks", "parts", "reconstruction", "residual", "slots", "slots.residual", "slots.status"].sort(),
    )
  })

  test("parameters stand in the file under their paths, the noise follows from the key", async () => {
    const spec = autoencoder(slotSolver(3, adjointOf("oneStep", 3)))
    const params = settled(slotAutoencoder(spec).init(key(4)))
    const [a, again, other] = [9, 9, 10].map((seed) => right(exportSlotAutoencoder(spec, params, { images: shape, key: key(seed) })))
    expect(a).toEqual(again)
    expect(a).not.toEqual(other)
    const text = new TextDecoder("latin1").decode(a)
    const { paths } = flatten("the parameters", params)
    expect(paths.filter((path) => !text.includes(path.slice(1)))).toEqual([])
    const model = await openOnnx(a as Uint8Array)
    expect(model.inputNames).toEqual(["images"])
    await model.release()
  })
})

test("SLATE", async () => {
  const spec = slateSpec("small", { side: 16, vocabulary: 12, features: 8, blocks: 2, heads: 2, slots: 3, width: 8, iterations: 3 })
  const params = settled(slate(spec).init(key(2)))
  const given = { type: { elem: "float", shape: [2, 16, 16, 3] }, data: pixels(2 * 16 * 16 * 3) } as const
  const found = await runOnnx(right(exportSlate(spec, params, { count: 2, key: key(9) })), { images: given })
  const words = readWords(spec, params, constant(given.type, given.data) as Tensor)
  const { scores, slots, attention } = slotsAndScores(spec, params, words, { key: key(9), mode: "eval" })
  expectSame(found, right(evaluate({ words, scores, slots, attention, reconstruction: paintWords(spec, params, words) })))
})
