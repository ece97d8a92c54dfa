/** A SLATE's configuration: what it describes, presets, and values that don't fit together. */
import { describe, expect, test } from "vitest"
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
import { slate, slateCodec, slateSpec } from "../../../src/models/slate/index.js"
import { key } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"

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

  test("the discrete VAE has a rate of its own, and the rate of all else rises", () => {
    const optimiser = optimiserOf(slateOptimiserSpec({ ...defaultSlateConfig, optimiser: { ...defaultSlateConfig.optimiser, warmUp: 10 } }))
    const params = { dvae: key(0) && slate(slateSpec("small")).init(key(0)).dvae, rest: slate(slateSpec("small")).init(key(0)).slotOutput }
    // the groups take every parameter: none is in no group and no group is idle
    expect(() => optimiser.init(params as never)).not.toThrow()
  })

  test("any forward solver and any adjoint by one value", () => {
    const solver = { _tag: "solver", method: { _tag: "anderson" }, adjoint: { _tag: "oneStep" } }
    const config = decodeConfig({ family: "slate", model: { solver } })
    if (config._tag === "Right")
      expect(slateModelSpec(config.right as typeof defaultSlateConfig).attention.solver.method._tag).toBe("anderson")
    else expect(config.left.message).toMatch(/config\.model\.solver/)
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
    [{ encoder: {}, family: "slate" }, /./],
    [{ model: { vocabulary: 8 } }, /unknown key "model\.vocabulary" \(it is one of the family slate: --model slate\)/],
    [{ family: "slate", encoder: { stride: 2 } }, /unknown key "encoder\.stride" \(it is one of the family slotAutoencoder/],
  ])("%j", (raw, message) => {
    expect(refused(raw)).toMatch(message)
  })
})

test("images come from where the configuration says", () => {
  expect(imageSourceOf(slateOf({}))).toEqual({ _tag: "sprites", side: 32 })
  const files = slateOf({ "data.source": "files", "data.path": "pictures", "data.side": 24 })
  expect(imageSourceOf(files)).toEqual({ _tag: "files", path: "pictures", side: 24, resize: "smooth", transparency: "refuse" })
})
