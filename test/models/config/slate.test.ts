/** A SLATE's configuration: what it describes, presets, and values that don't fit together. */
import { describe, expect, test } from "vitest"
import { tensor } from "../../../src/core/index.js"
import { anderson, neumann } from "../../../src/implicit/index.js"
import {
  type Config,
  decodeConfig,
  defaultSlateConfig,
  imageSourceOf,
  presetNames,
  presetSettings,
  slateModelSpec,
  slateOptimiserSpec,
} from "../../../src/models/config/index.js"
import { optimiserCodec, optimiserOf } from "../../../src/models/optim/index.js"
import { decodeAs } from "../../../src/models/schema/index.js"
import { slateCodec, slateSpec } from "../../../src/models/slate/index.js"
import { left, right } from "../../support/either.js"
import { number } from "../../support/outcome.js"

const slateOf = (settings: Readonly<Record<string, unknown>>): Config =>
  right(
    decodeConfig(
      { family: "slate" },
      Object.entries(settings).map(([name, value]) => ({ name, value })),
    ),
  )

describe("what a configuration describes", () => {
  test("with nothing set it is the small size, and its descriptions can be read back", () => {
    expect(slateOf({})).toEqual(defaultSlateConfig)
    expect(slateModelSpec(defaultSlateConfig)).toEqual(slateSpec("small"))
    expect(right(decodeAs(slateCodec, "model", slateModelSpec(defaultSlateConfig)))).toEqual(slateModelSpec(defaultSlateConfig))
    const optimiser = slateOptimiserSpec(defaultSlateConfig)
    expect(right(decodeAs(optimiserCodec, "optimiser", optimiser))).toEqual(optimiser)
  })

  test("presets are the sizes of the same names", () => {
    for (const name of presetNames) {
      const config = right(decodeConfig({}, right(presetSettings(name))))
      if (config.family !== "slate") throw new Error(`${name} is no SLATE`)
      expect(slateModelSpec(config)).toEqual(slateSpec(name))
    }
    expect(left(presetSettings("papr")).message).toMatch(/there is no preset "papr"; did you mean paper\?/)
  })

  test("the discrete VAE has a rate of its own from the first step on, the rate of all else rises", () => {
    const settings = { ...defaultSlateConfig.optimiser, dvaeRate: 0.3, rate: 0.2, warmUp: 10 }
    const optimiser = optimiserOf(slateOptimiserSpec({ ...defaultSlateConfig, optimiser: settings }))
    const params = { dvae: { w: tensor([1]) }, words: { w: tensor([1]) } }
    const slopes = { dvae: { w: tensor([0.5]) }, words: { w: tensor([0.5]) } }
    const [updates] = optimiser.update(slopes, optimiser.init(params), params, { value: tensor(1) })
    // Adam's first update is its rate, whatever the slope
    const { dvae, words } = updates as typeof params
    expect(number(dvae.w)).toBeCloseTo(-0.3, 6)
    expect(number(words.w)).toBeCloseTo(-0.2 / 10, 6)
  })

  test("any forward solver, with its own adjoint, by one value", () => {
    const solver = JSON.parse(JSON.stringify(anderson({ memory: 3, adjoint: neumann(2) })))
    const config = right(decodeConfig({ family: "slate", model: { solver } }))
    if (config.family !== "slate") throw new Error("no SLATE")
    expect(slateModelSpec(config).attention.solver).toEqual(anderson({ memory: 3, adjoint: neumann(2) }))
  })
})

describe("values that don't fit together are refused", () => {
  const refused = (raw: unknown) => left(decodeConfig(raw)).message

  test.each([
    [{ family: "slate", data: { side: 34 } }, /images are 34 pixels wide, but a word stands for 4 x 4 of them/],
    [{ family: "slate", data: { source: "tetrominoes", blockSize: 5 } }, /images are 35 pixels wide/],
    [{ family: "slate", model: { heads: 5 } }, /config\.model\.heads: expected a divisor of model\.features = 64, found 5/],
    [{ family: "slate", model: { slotHeads: 7 } }, /config\.model\.slotHeads: expected a divisor of model\.width = 64, found 7/],
    [{ data: { source: "files" } }, /config\.data\.path: expected the path of your images, found none; --data PATH names it/],
    [{ data: { path: "x" } }, /config\.data\.path: is "x", but config\.data\.source is tetrominoes/],
    [{ family: "slat" }, /config\.family: .*slotAutoencoder, slate/],
    [
      { model: { vocabulary: 8 } },
      /unknown key "model\.vocabulary" of the family slotAutoencoder; it is one of the family slate \(--model slate\)$/,
    ],
    [
      { family: "slate", encoder: { stride: 2 } },
      /unknown key "encoder\.stride" of the family slate; it is one of the family slotAutoencoder/,
    ],
  ])("%j", (raw, message) => {
    expect(refused(raw)).toMatch(message)
  })
})

test("images come from where the configuration says", () => {
  expect(imageSourceOf(slateOf({}))).toEqual({ _tag: "sprites", side: 32 })
  const files = slateOf({ "data.source": "files", "data.path": "pictures", "data.side": 24 })
  expect(imageSourceOf(files)).toEqual({ _tag: "files", path: "pictures", side: 24, resize: "smooth", transparency: "refuse" })
})
