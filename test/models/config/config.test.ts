/** Configurations from outside: defaults, what is refused and in which words, and what they describe. */
import { describe, expect, test } from "vitest"
import {
  type Config,
  decodeConfig,
  defaultConfig,
  differences,
  entries,
  imageSide,
  imageSourceOf,
  modelSpec,
  namesOf,
  optimiserSpec,
  parseSetting,
  parseSettings,
  slotAutoencoderConfigCodec,
} from "../../../src/models/config/index.js"
import { fashionFolder, imageSourceCodec } from "../../../src/models/data/index.js"
import { optimiserCodec } from "../../../src/models/optim/index.js"
import { decodeAs, nearest } from "../../../src/models/schema/index.js"
import { slotAutoencoderCodec } from "../../../src/models/slot-attention/index.js"
import { left, right } from "../../support/either.js"

describe("defaults", () => {
  test("are what an empty configuration means, and are themselves a configuration", () => {
    expect(right(decodeConfig({}))).toEqual(defaultConfig)
    expect(right(decodeConfig(JSON.parse(JSON.stringify(defaultConfig))))).toEqual(defaultConfig)
    expect(right(decodeConfig({ model: { slots: 5 } }))).toEqual({ ...defaultConfig, model: { ...defaultConfig.model, slots: 5 } })
  })

  test("describe a model and an optimiser that their codecs read", () => {
    expect(right(decodeAs(slotAutoencoderCodec, "model", modelSpec(defaultConfig)))).toEqual(modelSpec(defaultConfig))
    expect(right(decodeAs(optimiserCodec, "optimiser", optimiserSpec(defaultConfig)))).toEqual(optimiserSpec(defaultConfig))
    expect(imageSide(defaultConfig)).toBe(7 * defaultConfig.data.blockSize)
  })
})

describe("what is wrong is named: the place, what was expected, what was found", () => {
  test.each([
    [{ model: { slots: "four" } }, /config\.model\.slots: expected a whole number from 1 to 64, found "four"/],
    [{ model: { slts: 4 } }, /config: unknown key "model\.slts"; did you mean "model\.slots"\?/],
    [{ slots: 4 }, /config: unknown key "slots"; did you mean "model\.slots"\?/],
    [{ sede: 4 }, /config: unknown key "sede"; did you mean "seed"\?/],
    [{ optimizer: { rate: 1 } }, /config: unknown key "optimizer"; did you mean "optimiser/],
    [{ model: 3 }, /config\.model: expected a record, found 3/],
    [{ target: "cuda" }, /config\.target: expected one of auto, interpreter, wasm, .*, found "cuda"/],
    [{ optimiser: { rate: -1 } }, /config\.optimiser\.rate: expected a number above 0, found -1/],
    [{ optimiser: { rate: Number.NaN } }, /config\.optimiser\.rate: expected a number above 0, found NaN/],
    [{ model: { adjoint: "onestep" } }, /config\.model\.adjoint: expected one of oneStep, unrolled, .*, found "onestep"/],
    [{ model: { adjoint: { _tag: "neumann" } } }, /config\.model\.adjoint/],
    [{ encoder: { kernels: [] } }, /config\.encoder\.kernels: expected at least one kernel, found an empty list/],
    [{ encoder: { kernels: [5, 0] } }, /config\.encoder\.kernels\.1: expected a whole number from 1 to 31, found 0/],
    [[], /config: expected a record/],
    [null, /config: expected a record/],
  ])("%j", (raw, message) => {
    expect(left(decodeConfig(raw)).message).toMatch(message)
  })

  test("several faults at once are all told, three at most", () => {
    const { message } = left(decodeConfig({ seed: -1, steps: -1, model: { slots: 0, width: 0 } }))
    expect(message.split("\n")).toHaveLength(4)
    expect(message).toMatch(/and 1 more/)
  })
})

describe("settings", () => {
  test("are JSON where they are JSON, else words", () => {
    expect(right(parseSetting("model.slots=5"))).toEqual({ name: "model.slots", value: 5 })
    expect(right(parseSetting("model.adjoint=exact"))).toEqual({ name: "model.adjoint", value: "exact" })
    expect(right(parseSetting('model.adjoint={"_tag":"neumann","terms":2}'))).toEqual({
      name: "model.adjoint",
      value: { _tag: "neumann", terms: 2 },
    })
    expect(right(parseSetting("encoder.kernels=[5,3]"))).toEqual({ name: "encoder.kernels", value: [5, 3] })
  })

  test.each([
    ["slots=5", /unknown key "slots"; did you mean "model\.slots"\?/],
    ["model=5", /config\.model is a group; name one of its values: model\.slots, /],
    ["model.slots", /--set: expected key=value, such as model\.slots=5, found "model\.slots"/],
    ["=5", /--set: expected key=value/],
  ])("%s is refused", (text, message) => {
    expect(left(parseSetting(text)).message).toMatch(message)
  })

  test("the last one wins, and wins over what was stored", () => {
    const settings = [
      { name: "model.slots", value: 5 },
      { name: "seed", value: 3 },
      { name: "model.slots", value: 6 },
    ]
    const config = right(decodeConfig({ model: { slots: 7, width: 8 } }, settings))
    expect([config.model.slots, config.model.width, config.seed]).toEqual([6, 8, 3])
  })

  test("a file's are told with its name when they are wrong", () => {
    expect(right(parseSettings('{"seed": 3, "model": {"slots": 5}}', "a.json"))).toEqual([
      { name: "seed", value: 3 },
      { name: "model.slots", value: 5 },
    ])
    const deep = `{"model":{"adjoint":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`
    expect(left(parseSettings(deep, "a.json")).message).toMatch(/^a\.json is nested deeper than 100 levels/)
    expect(left(decodeConfig(JSON.parse(deep))).message).toMatch(/^config: it is nested deeper than 100 levels/)
    expect(left(decodeConfig({ model: { adjoint: { _tag: { toString: 1 } } } })).message).toMatch(/config\.model\.adjoint/)
    expect(left(parseSettings(`{"${"x".repeat(100_000)}":1}`, "a.json")).message.length).toBeLessThan(300)
    expect(left(parseSettings('{"__proto__":{"seed":1}}', "a.json")).message).toMatch(/has the key "__proto__"/)
    expect(Object.is(right(decodeConfig({ steps: -0 })).steps, 0)).toBe(true)
    expect(left(parseSettings("{", "a.json")).message).toMatch(/^a\.json is not valid JSON \(/)
    expect(left(parseSettings("[]", "a.json")).message).toMatch(/^a\.json: expected an object such as/)
    expect(left(parseSettings('{"model": {"slot": 5}}', "a.json")).message).toMatch(/^a\.json: .*did you mean "model\.slots"\?/)
  })
})

test("images of every kind are a source that can be opened", () => {
  const of = (data: unknown) => right(decodeAs(imageSourceCodec, "data", imageSourceOf(right(decodeConfig({ data })))))
  expect(of({ blockSize: 2 })).toEqual({ _tag: "tetrominoes", blockSize: 2 })
  for (const source of ["sprites", "emoji", "fashion"]) expect(of({ source, side: 32 })).toMatchObject({ _tag: source, side: 32 })
  expect(of({ source: "fashion" })).toMatchObject({ path: fashionFolder })
  expect(of({ source: "fashion", path: "mine" })).toMatchObject({ path: "mine" })
  const own = { path: "mine.npz", side: 20, resize: "linear", transparency: "white" }
  expect(of({ source: "files", ...own })).toMatchObject({ _tag: "files", ...own })
})

describe("variants", () => {
  const solverOf = (raw: unknown) => modelSpec(right(decodeAs(slotAutoencoderConfigCodec, "config", raw))).attention.solver

  test("differ by their adjoint alone", () => {
    const adjoints = ["oneStep", "unrolled", "truncated", "neumann", "exact"].map((adjoint) =>
      solverOf({ model: { adjoint, iterations: 5 } }),
    )
    expect(adjoints.map((s) => s.adjoint)).toEqual([
      { _tag: "oneStep" },
      { _tag: "unrolled", steps: 5 },
      { _tag: "truncated", steps: 5, last: 1 },
      { _tag: "neumann", terms: 3 },
      { _tag: "exact", linear: { _tag: "auto" } },
    ])
    for (const { adjoint: _adjoint, ...rest } of adjoints) {
      const { adjoint: _first, ...first } = adjoints[0]!
      expect(rest).toEqual(first)
    }
  })

  test("can be spelled out", () => {
    expect(solverOf({ model: { adjoint: { _tag: "truncated", steps: 3, last: 2 } } }).adjoint).toEqual({
      _tag: "truncated",
      steps: 3,
      last: 2,
    })
  })
})

describe("names", () => {
  const names = namesOf(["slotAutoencoder"])

  test("cover every value once", () => {
    expect(new Set(names).size).toBe(names.length)
    expect(entries(defaultConfig).map(([name]) => name)).toEqual(names)
  })

  test("differences name what changed", () => {
    const other: Config = { ...defaultConfig, seed: 9, encoder: { ...defaultConfig.encoder, kernels: [7] } }
    expect(differences(defaultConfig, defaultConfig)).toEqual([])
    expect(differences(defaultConfig, other)).toEqual([
      { name: "seed", before: 0, after: 9 },
      { name: "encoder.kernels", before: defaultConfig.encoder.kernels, after: [7] },
    ])
  })

  test.each([
    ["modle.slots", "model.slots"],
    ["iteration", "model.iterations"],
    ["blocksize", "data.blockSize"],
    ["evalutaion.scenes", "evaluation.scenes"],
  ])("the nearest to %s", (name, expected) => {
    expect(nearest(name, names)).toBe(expected)
  })

  test("nearest of nothing is nothing", () => {
    expect(nearest("a", [])).toBeUndefined()
  })
})
