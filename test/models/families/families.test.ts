/** How models of each family are looked at: numbers that agree with their losses, and the map that the slots were refined by. */
import { describe, expect, test } from "vitest"
import { type Tensor, toArray } from "../../../src/core/index.js"
import { defaultConfig, defaultSlateConfig, modelSpec } from "../../../src/models/config/index.js"
import { autoencoderSight, initOf, modelCodec, sightOf, slateSight, temperatureAt, trainable } from "../../../src/models/families/index.js"
import { decodeAs } from "../../../src/models/schema/index.js"
import { readWords, slate, slateLoss, slateSpec, slotsAndScores } from "../../../src/models/slate/index.js"
import { residuals } from "../../../src/models/slot-attention/index.js"
import { key, mean, uniform } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"
import { number, numbers, relativeError } from "../../support/outcome.js"
import { settled } from "../slot-attention/support.js"

const context = { key: key(5), mode: "eval" } as const
const spec = slateSpec("small", {
  side: 8,
  vocabulary: 6,
  features: 8,
  blocks: 1,
  heads: 2,
  slots: 2,
  width: 8,
  iterations: 3,
  variant: "exact",
})
const params = settled(slate(spec).init(key(1)))
const images = settled(uniform(key(2), [3, 8, 8, 3]) as Tensor)

describe("SLATE", () => {
  test("numbers of images are the parts of its loss on the most probable words", () => {
    const { numbers: found, pictures } = slateSight(spec, 3).see(params, images, context.key)
    const words = readWords(spec, params, images)
    const { scores } = slotsAndScores(spec, params, words, context)
    const told = slateLoss({ reconstruction: pictures["from its own words"] as Tensor, scores, words }, images)
    expect(relativeError([number(told.crossEntropy)], [number(mean(found.crossEntropy as Tensor))])).toBeLessThan(1e-12)
    expect(relativeError([number(told.squaredError)], [number(mean(found.squaredError as Tensor))])).toBeLessThan(1e-12)
    expect(found.bottleneckError?.shape).toEqual([3])
  })

  test("its map is the one that its slots were refined by", () => {
    const sight = slateSight(spec, 3)
    const { refinement } = sight.slotMap(params, images, context)
    const slots = sight.slotsOf(params, images, context.key)
    const again = refinement.step(refinement.step(refinement.step(refinement.start)))
    expect(relativeError(numbers(slots), numbers(again))).toBeLessThan(1e-12)
    expect(residuals(refinement, 4).shape).toEqual([4, 3])
  })

  test("what its slots paint is what comes back through them", () => {
    const sight = slateSight(spec, 3)
    const { reconstruction } = sight.see(params, images, context.key)
    expect(numbers(sight.paint(params, sight.slotsOf(params, images, context.key)))).toEqual(numbers(reconstruction))
  })
})

describe("a slot autoencoder", () => {
  const own = modelSpec({
    ...defaultConfig,
    model: { ...defaultConfig.model, adjoint: "exact" },
    data: { ...defaultConfig.data, blockSize: 1 },
  })
  const sight = autoencoderSight(own, 3)
  const of = settled(initOf(own)(key(0))) as never
  const pixels = settled(uniform(key(2), [2, 7, 7, 3]) as Tensor)

  test("what its slots paint is what it paints of the images", () => {
    const { reconstruction, painting } = sight.see(of, pixels, context.key)
    const painted = sight.paint(of, sight.slotsOf(of, pixels, context.key))
    expect(relativeError(numbers(painted), numbers(reconstruction))).toBeLessThan(1e-12)
    expect(painting?.masks.shape).toEqual([2, 4, 7, 7])
  })

  test("its map is the one that its slots were refined by", () => {
    const { refinement } = sight.slotMap(of, pixels, context)
    const again = refinement.step(refinement.step(refinement.step(refinement.start)))
    expect(relativeError(numbers(sight.slotsOf(of, pixels, context.key)), numbers(again))).toBeLessThan(1e-12)
  })
})

test("descriptions of either family are read back by their tags", () => {
  for (const model of [spec, modelSpec(defaultConfig)]) expect(right(decodeAs(modelCodec, "model", model))).toEqual(model)
  expect(left(decodeAs(modelCodec, "model", { ...spec, _tag: "slat" })).message).toMatch(/did you mean "slate"/)
  expect(sightOf(spec, defaultSlateConfig).slots).toBe(2)
})

test("the temperature falls along half a cosine and stays", () => {
  const at = (step: number) => toArray(temperatureAt({ from: 1, to: 0.1, steps: 100 }, step))[0]
  expect(at(0)).toBe(1)
  expect(at(50)).toBeCloseTo(0.55, 12)
  expect(at(100)).toBeCloseTo(0.1, 12)
  expect(at(5000)).toBeCloseTo(0.1, 12)
  expect(toArray(temperatureAt({ from: 1, to: 0.5, steps: 0 }, 0))[0]).toBe(0.5)
  const { batchOf } = trainable({ ...defaultSlateConfig, temperature: { from: 1, to: 0.1, steps: 100 } })
  expect(toArray((batchOf(images, 50) as { temperature: Tensor }).temperature)[0]).toBeCloseTo(0.55, 12)
})
