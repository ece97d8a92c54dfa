/** Scenes of emoji on textured grounds. */

import fc from "fast-check"
import { decode } from "fast-png"
import { describe, expect, test } from "vitest"
import { emojiAtlas } from "../../../src/models/data/emoji/atlas.js"
import { paintGround } from "../../../src/models/data/emoji/ground.js"
import {
  EmojiConfig,
  type EmojiScene,
  emojiNames,
  emojiScene,
  type GroundFactors,
  groundKinds,
  renderEmoji,
} from "../../../src/models/data/index.js"
import { decodeAs } from "../../../src/models/schema/index.js"
import { right } from "../../support/either.js"

const grey = { hue: 0, saturation: 0, value: 0.5 }
const white = { hue: 0, saturation: 0, value: 1 }
const black = { hue: 0, saturation: 0, value: 0 }
const plain: GroundFactors = { kind: "plain", first: black, second: white, angle: 0, period: 8, phase: 0, seed: 0 }
const apple = { emoji: 0, x: 24, y: 24, size: 48, flipped: false }

describe("the pictures", () => {
  const { side, columns, png } = emojiAtlas
  const sheet = decode(Buffer.from(png, "base64"))

  test("32 different ones, each a good part of its square", () => {
    expect(new Set(emojiNames).size).toBe(32)
    expect([sheet.width, sheet.height, sheet.channels]).toEqual([columns * side, (32 / columns) * side, 4])
    emojiNames.forEach((_, emoji) => {
      const { masks } = renderEmoji({ size: 48, ground: plain }, [{ ...apple, emoji }])
      const share = masks.reduce((a, b) => a + b) / masks.length
      expect(share).toBeGreaterThan(0.2)
      expect(share).toBeLessThan(0.95)
    })
  })

  test.each([48, 24, 12, 6])("drawn with %i pixels each has the light of its picture", (size) => {
    emojiNames.forEach((_, emoji) => {
      const [left, top] = [(emoji % columns) * side, Math.floor(emoji / columns) * side]
      const light = [0, 0, 0]
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          const at = 4 * ((top + y) * sheet.width + left + x)
          for (let c = 0; c < 3; c++) light[c]! += (sheet.data[at + c]! * sheet.data[at + 3]!) / 255 ** 2
        }
      const { image } = renderEmoji({ size: 64, ground: plain }, [{ ...apple, emoji, x: 32, y: 32, size }])
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (let p = 0; p < 64 * 64; p++) sum += image[3 * p + c]!
        expect(Math.abs(sum / size ** 2 - light[c]! / side ** 2)).toBeLessThan(1e-4)
      }
    })
  })
})

describe("a scene that is described", () => {
  test("a flipped emoji is its mirror image", () => {
    const mirrored = (image: Float32Array) =>
      Float32Array.from(image, (_, i) => image[3 * (48 * Math.floor(i / 144) + 47 - (Math.floor(i / 3) % 48)) + (i % 3)]!)
    const guitar = { ...apple, emoji: emojiNames.indexOf("guitar") }
    const [one, other] = [false, true].map((flipped) => renderEmoji({ size: 48, ground: plain }, [{ ...guitar, flipped }]).image)
    mirrored(one!).forEach((v, i) => {
      expect(Math.abs(v - other![i]!)).toBeLessThan(1e-6)
    })
    expect(one).not.toEqual(other)
  })

  test.each([
    [{ ...apple, emoji: 32 }, /emoji 0 needs an index from 0 to 31, found 32/],
    [{ ...apple, x: 20 }, /emoji 0 of size 48 at \(20, 24\) leaves the image of 48 pixels/],
    [{ ...apple, size: 0 }, /of size 0/],
  ])("refused: %j", (bad, message) => {
    expect(() => renderEmoji({ size: 48, ground: plain }, [bad])).toThrow(message)
  })

  test.each([
    [{ period: 1 }, /a period of at least 2 pixels, an angle and a phase, found 1/],
    [{ angle: Number.NaN }, /an angle and a phase, found 8, NaN/],
    [{ second: { ...white, value: 2 } }, /parts in \[0, 1\], found 0, 0, 0, 0, 0, 2/],
  ])("refused ground: %j", (bad, message) => {
    expect(() => renderEmoji({ size: 48, ground: { ...plain, ...bad } }, [])).toThrow(message)
  })
})

describe("grounds", () => {
  const valuesOf = (ground: Partial<GroundFactors>, size = 16) => {
    const image = paintGround(size, { ...plain, ...ground })
    for (let p = 0; p < size * size; p++) expect(new Set(image.subarray(3 * p, 3 * p + 3)).size).toBe(1)
    return (x: number, y: number) => image[3 * (size * y + x)]!
  }
  const all = [...Array(16).keys()]

  test("plain is the first colour", () => {
    const at = valuesOf({ kind: "plain", first: grey })
    expect(all.flatMap((y) => all.map((x) => at(x, y))).every((v) => v === 0.5)).toBe(true)
  })

  test("a gradient goes from one to the other along its direction", () => {
    const across = valuesOf({ kind: "gradient" })
    all.forEach((x) => {
      expect(across(x, 3)).toBeCloseTo((x + 0.5) / 16, 6)
    })
    const diagonal = valuesOf({ kind: "gradient", angle: Math.PI / 4 })
    expect([diagonal(0, 0), diagonal(5, 10), diagonal(10, 5), diagonal(15, 15)].map((v) => Math.round(32 * v))).toEqual([1, 16, 16, 31])
  })

  test("stripes come again after a period, half of it each; checks in both directions", () => {
    const stripes = valuesOf({ kind: "stripes" })
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((x) => Math.round(stripes(x, 5)))).toEqual([1, 1, 1, 1, 0, 0, 0, 0])
    for (const x of all.slice(0, 8)) expect(stripes(x + 8, 11)).toBeCloseTo(stripes(x, 2), 6)
    const upright = valuesOf({ kind: "stripes", angle: Math.PI / 2, phase: 0.5 })
    expect([1, 2, 5, 6].map((y) => upright(7, y))).toEqual([0, 0, 1, 1])
    const checks = valuesOf({ kind: "checks" })
    expect([checks(2, 2), checks(6, 2), checks(2, 6), checks(6, 6)]).toEqual([1, 0, 0, 1])
  })

  test("clouds are smooth, of any value, and others for another seed", () => {
    const at = valuesOf({ kind: "noise", period: 32, seed: 5 }, 64)
    const values = Array.from({ length: 64 * 64 }, (_, p) => at(p % 64, Math.floor(p / 64)))
    const steps = values.map((v, p) => (p % 64 === 63 ? 0 : Math.abs(values[p + 1]! - v)))
    expect(Math.max(...steps)).toBeLessThan(0.15)
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.3)
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThanOrEqual(1)
    expect(valuesOf({ kind: "noise", period: 32, seed: 6 }, 64)(9, 9)).not.toBe(at(9, 9))
  })
})

describe("drawn scenes", () => {
  const configs = fc.record({
    size: fc.integer({ min: 16, max: 64 }),
    minVisible: fc.constantFrom(0.1, 0.5),
    ground: fc.constantFrom("textured" as const, ...groundKinds),
    split: fc.constantFrom("train" as const, "heldOut" as const),
  })
  const alone = (scene: EmojiScene, i: number) => renderEmoji(scene, [scene.factors[i]!]).masks
  const pixelsOf = (masks: Uint8Array, label: number) => [...masks.keys()].filter((p) => masks[p] === label)

  test("factors describe what is drawn, every emoji leaves its share in sight", () => {
    let hidden = 0
    const kinds = new Set<string>()
    fc.assert(
      fc.property(configs, fc.nat(), fc.nat(), (config, seed, index) => {
        const scene = emojiScene(config, seed, index)
        const { size, factors, masks, image, visible, ground } = scene
        expect([2, 3, 4]).toContain(factors.length)
        expect(image.every((v) => v >= 0 && v <= 1)).toBe(true)
        kinds.add(ground.kind)
        if (config.ground !== "textured") expect(ground.kind).toBe(config.ground)
        expect(Math.max(...masks)).toBe(factors.length)
        factors.forEach((f, i) => {
          expect(f.size / size).toBeGreaterThanOrEqual(0.25)
          expect(f.size / size).toBeLessThanOrEqual(0.45)
          const [mine, whole] = [pixelsOf(masks, i + 1), pixelsOf(alone(scene, i), 1)]
          expect(visible[i]).toBe(Math.min(1, mine.length / whole.length))
          expect(visible[i]).toBeGreaterThanOrEqual(config.minVisible)
          if (visible[i]! < 1) hidden++
          for (const p of whole) {
            expect(Math.abs((p % size) + 0.5 - f.x)).toBeLessThanOrEqual(f.size / 2 + 0.5)
            expect(Math.abs(Math.floor(p / size) + 0.5 - f.y)).toBeLessThanOrEqual(f.size / 2 + 0.5)
          }
        })
        expect(renderEmoji(scene, factors)).toEqual(scene)
        expect(emojiScene(config, seed, index)).toEqual(scene)
      }),
      { numRuns: 25 },
    )
    expect(hidden).toBeGreaterThan(10)
    expect(kinds.size).toBeGreaterThan(3)
  })

  test("splits, seeds and indices share no draws; every emoji, side and texture comes", () => {
    const config = { size: 32 }
    const scenes = [
      emojiScene(config, 0, 0),
      emojiScene(config, 0, 1),
      emojiScene(config, 1, 0),
      emojiScene({ ...config, split: "heldOut" }, 0, 0),
    ]
    expect(new Set(scenes.map(({ image }) => image.join())).size).toBe(4)
    const many = Array.from({ length: 150 }, (_, i) => emojiScene({ size: 16 }, 3, i))
    expect(new Set(many.flatMap(({ factors }) => factors.map(({ emoji }) => emoji))).size).toBe(32)
    expect(new Set(many.flatMap(({ factors }) => factors.map(({ flipped }) => flipped))).size).toBe(2)
    expect([...new Set(many.map(({ ground }) => ground.kind))].sort()).toEqual(["checks", "gradient", "noise", "stripes"])
    expect(new Set(many.map(({ factors }) => factors.length))).toEqual(new Set([2, 3, 4]))
  })

  test("the codec fills defaults in; limits the wrong way round, and too many, are refused", () => {
    expect(right(decodeAs(EmojiConfig, "emoji", { size: 32 }))).toEqual({
      ...{ size: 32, fewest: 2, most: 4, smallest: 0.25, largest: 0.45, minVisible: 0.5, ground: "textured", split: "train" },
    })
    expect(() => emojiScene({ size: 32, fewest: 5 }, 0, 0)).toThrow(/emoji: fewest must be at most most = 4, found 5/)
    expect(() => emojiScene({ size: 32, smallest: 0.9 }, 0, 0)).toThrow(/emoji: smallest must be at most largest = 0\.45, found 0\.9/)
    expect(() => emojiScene({ size: 16, fewest: 4, smallest: 0.9, largest: 1, minVisible: 0.9 }, 0, 0)).toThrow(
      /no 4 emoji in 2000 draws leave 0\.9 of each in sight; use fewer or smaller emoji/,
    )
  })
})
