import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  renderSprites,
  rgbOfHsv,
  SpritesConfig,
  type SpritesScene,
  spriteShapes,
  spritesData,
  spritesScene,
} from "../../../src/models/data/index.js"
import { fgAri, masksFromLabels } from "../../../src/models/metrics/index.js"

const red = { hue: 0, saturation: 1, value: 1 }
const sprite = { shape: 0, x: 20, y: 20, size: 20, rotation: 0, colour: red }
const alone = (scene: SpritesScene, i: number): SpritesScene => renderSprites(scene, [scene.factors[i]!])
const pixelsOf = ({ masks }: SpritesScene, label: number): readonly number[] => [...masks.keys()].filter((p) => masks[p] === label)

describe("shapes", () => {
  const steps = 1000
  const points = spriteShapes.map(({ name, holds }) => {
    let [count, sumX, sumY, reach] = [0, 0, 0, 0]
    for (let i = 0; i < steps; i++) {
      for (let j = 0; j < steps; j++) {
        const [x, y] = [(2.4 * (i + 0.5)) / steps - 1.2, (2.4 * (j + 0.5)) / steps - 1.2]
        if (!holds(x, y)) continue
        count++
        sumX += x
        sumY += y
        reach = Math.max(reach, Math.hypot(x, y))
      }
    }
    return { name, area: (count * 2.4 ** 2) / steps ** 2, x: sumX / count, y: sumY / count, reach }
  })

  // The heart's area in its own units is 3.66197..., its farthest point 1.29348... from the centroid.
  test.each([
    ["square", 2],
    ["ellipse", (2 * Math.PI) / 3],
    ["heart", 3.6619727 / 1.2934812 ** 2],
  ])("%s: its area, its centroid in the middle, and the circle that just holds it", (name, area) => {
    const found = points.find((p) => p.name === name)
    expect(Math.abs((found?.area ?? 0) - area)).toBeLessThan(0.01) // a side is off by less than a step of 0.0024
    expect(found?.x).toBeCloseTo(0, 3)
    expect(found?.y).toBeCloseTo(0, 3)
    expect(found?.reach).toBeGreaterThan(0.985)
    expect(found?.reach).toBeLessThanOrEqual(1)
  })
})

describe("a scene that is described", () => {
  const plain = { size: 40, background: 0.5 }

  test("edges are mixtures by area, the inner pixels the sprite's colour", () => {
    const side = 20 // of a square: an odd number of quarter pixels beyond whole ones
    const half = renderSprites(plain, [{ ...sprite, x: 20.25, size: side * Math.SQRT2 }])
    const row = (column: number) => [...half.image.subarray(3 * (20 * 40 + column), 3 * (20 * 40 + column) + 3)]
    expect(row(9)).toEqual([0.5, 0.5, 0.5])
    expect(row(10)).toEqual([0.875, 0.125, 0.125])
    expect(row(11)).toEqual([1, 0, 0])
    expect(row(30)).toEqual([0.625, 0.375, 0.375])
    expect([10, 29, 30].map((column) => half.masks[20 * 40 + column])).toEqual([1, 1, 0])
  })

  test("rotation is clockwise", () => {
    const ellipse = { ...sprite, shape: 1 }
    const at = (rotation: number) => {
      const scene = renderSprites(plain, [{ ...ellipse, rotation }])
      return [14, 26].map((x) => scene.masks[14 * 40 + x])
    }
    expect(at(Math.PI / 4)).toEqual([1, 0]) // the long axis from top left to bottom right
    expect(at(-Math.PI / 4)).toEqual([0, 1])
  })

  test("later sprites lie over earlier ones, and what is left in sight is told", () => {
    const green = { hue: 1 / 3, saturation: 1, value: 1 }
    const scene = renderSprites(plain, [sprite, { ...sprite, x: 24, colour: green }])
    expect(scene.masks[20 * 40 + 20]).toBe(2)
    expect(scene.visible[1]).toBe(1)
    expect(scene.visible[0]).toBe(pixelsOf(scene, 1).length / pixelsOf(alone(scene, 0), 1).length)
    expect(scene.visible[0]).toBeLessThan(0.4)
    const hidden = renderSprites(plain, [{ ...sprite, size: 10 }, sprite])
    expect(hidden.visible).toEqual([0, 1])
  })

  test.each([
    [{ ...sprite, shape: 3 }, /sprite 0 needs a shape from 0 to 2, found 3/],
    [{ ...sprite, x: 5 }, /sprite 0 of size 20 at \(5, 20\) leaves the image/],
    [{ ...sprite, rotation: Number.NaN }, /needs a rotation in radians, found NaN/],
    [{ ...sprite, colour: { ...red, value: 2 } }, /parts in \[0, 1\], found hue 0, saturation 1, value 2/],
  ])("refused: %j", (bad, message) => {
    expect(() => renderSprites(plain, [bad])).toThrow(message)
  })
})

describe("drawn scenes", () => {
  const configs = fc.record({
    size: fc.integer({ min: 24, max: 64 }),
    background: fc.constantFrom("black" as const, "grey" as const),
    minVisible: fc.constantFrom(0.1, 0.25, 0.5),
    split: fc.constantFrom("train" as const, "heldOut" as const),
  })

  test("masks part the image, factors describe what is drawn, every sprite leaves its share in sight", () => {
    let [hidden, inner, right] = [0, 0, 0]
    fc.assert(
      fc.property(configs, fc.nat(), fc.nat(), (config, seed, index) => {
        const scene = spritesScene(config, seed, index)
        const { size, factors, masks, image } = scene
        expect(factors.length).toBeGreaterThanOrEqual(2)
        expect(factors.length).toBeLessThanOrEqual(5)
        const each = masksFromLabels(masks, factors.length + 1, size * size)
        const covered = new Uint8Array(size * size)
        each.forEach((one, at) => {
          covered[at % (size * size)]! += one
        })
        expect(covered.every((times) => times === 1)).toBe(true)
        if (config.background === "black") expect(scene.background).toBe(0)
        factors.forEach((f, i) => {
          const mine = pixelsOf(scene, i + 1)
          const whole = pixelsOf(alone(scene, i), 1)
          expect(scene.visible[i]).toBe(Math.min(1, mine.length / whole.length))
          expect(scene.visible[i]).toBeGreaterThanOrEqual(config.minVisible)
          if (scene.visible[i]! < 1) hidden++
          const mean = (of: (p: number) => number) => whole.reduce((sum, p) => sum + of(p), 0) / whole.length
          // Whole pixels: a level edge moves by up to 5/8 of one inwards, the opposite one by up to 1/2 outwards.
          expect(Math.abs(mean((p) => (p % size) + 0.5) - f.x)).toBeLessThan(0.57)
          expect(Math.abs(mean((p) => Math.floor(p / size) + 0.5) - f.y)).toBeLessThan(0.57)
          const rgb = rgbOfHsv(f.colour).map(Math.fround)
          for (const p of mine) {
            const x = p % size
            const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => masks[p + dy * size + dx]))
            if (x === 0 || x === size - 1 || around.some((label) => label !== i + 1)) continue
            inner++
            if ([0, 1, 2].every((c) => Math.abs(image[3 * p + c]! - rgb[c]!) < 1e-6)) right++
          }
        })
        expect(renderSprites(scene, factors)).toEqual(scene)
      }),
      { numRuns: 25 },
    )
    expect(hidden).toBeGreaterThan(10)
    expect(inner).toBeGreaterThan(1000)
    expect(right).toBe(inner)
  })

  test("scene i of a seed does not depend on how many are made", () => {
    const config = { size: 24 }
    const many = spritesData(config, 5, 1000).get(Uint32Array.from({ length: 12 }, (_, i) => i))
    const few = spritesData(config, 5, 10).get(Uint32Array.of(7))
    expect(few.image.data).toEqual(many.image.data.subarray(7 * 24 * 24 * 3, 8 * 24 * 24 * 3))
    expect(few.masks.data).toEqual(many.masks.data.subarray(7 * 24 * 24, 8 * 24 * 24))
    expect(few.image.data).toEqual(spritesScene(config, 5, 7).image)
    expect(many.image.shape).toEqual([12, 24, 24, 3])
    expect(fgAri(few.masks.data, few.masks.data)).toBe(1)
  })

  test("seeds, indices and splits differ; the numbers of sprites are as likely", () => {
    const key = (seed: number, index: number, split: "train" | "heldOut") =>
      JSON.stringify(spritesScene({ size: 16, split }, seed, index).factors)
    const keys = [key(0, 0, "train"), key(0, 1, "train"), key(1, 0, "train"), key(0, 0, "heldOut")]
    expect(new Set(keys).size).toBe(4)
    const counts = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < 2000; i++) counts[spritesScene({ size: 16 }, 3, i).factors.length]!++
    expect(counts.slice(0, 2)).toEqual([0, 0])
    for (const count of counts.slice(2)) expect(Math.abs(count - 500)).toBeLessThan(80) // four standard deviations
  })

  test("stays what it is from version to version", () => {
    const { factors, background } = spritesScene({ size: 64, most: 2 }, 0, 0)
    expect({ background, factors }).toMatchInlineSnapshot(`
      {
        "background": 0.9861496496014297,
        "factors": [
          {
            "colour": {
              "hue": 0.14192343736067414,
              "saturation": 0.7110175190027803,
              "value": 0.7239297927590087,
            },
            "rotation": 2.646080037454676,
            "shape": 1,
            "size": 23.328207629919053,
            "x": 31.0428159129184,
            "y": 33.97579505578462,
          },
          {
            "colour": {
              "hue": 0.5295695664826781,
              "saturation": 0.5120019175810739,
              "value": 0.5035867588594556,
            },
            "rotation": 4.21699993547681,
            "shape": 1,
            "size": 25.536169174313546,
            "x": 21.357319170766747,
            "y": 29.83786069624596,
          },
        ],
      }
    `)
  })

  test.each([
    [() => spritesScene({ size: 8 }, 0, 0), /sprites\.size: expected a whole number from 16 to 1024, found 8/],
    [() => spritesScene({ size: 64, fewest: 6 }, 0, 0), /fewest must be at most most = 5, found 6/],
    [() => spritesScene({ size: 64, smallest: 0.5 }, 0, 0), /smallest must be at most largest = 0.45, found 0.5/],
    [() => spritesScene({ size: 64 }, -1, 0), /seed must be/],
    [
      () => spritesScene({ size: 16, fewest: 5, smallest: 0.45, minVisible: 1 }, 0, 0),
      /no 5 sprites in 2000 draws leave 1 of each in sight/,
    ],
    [() => spritesData({ size: 16 }, 0, 1.5), /length must be an integer/],
  ])("refused: %s", (call, message) => {
    expect(call).toThrow(message)
  })

  test("the codec fills defaults in and refuses others", () => {
    expect(SpritesConfig.decode({ size: 64 })).toMatchObject({ _tag: "Right", right: { fewest: 2, most: 5, minVisible: 0.25 } })
    for (const bad of [{}, { size: "64" }, { size: 64, background: "red" }, { size: 64, minVisible: 2 }, { size: 64, colour: 1 }])
      expect(SpritesConfig.decode(bad)._tag).toBe("Left")
  })
})

test("hue, saturation and value", () => {
  const of = (hue: number, saturation = 1, value = 1) => rgbOfHsv({ hue, saturation, value }).map((c) => Number(c.toFixed(12)))
  expect([0, 1, 2, 3, 4, 5, 6].map((k) => of(k / 6))).toEqual([
    [1, 0, 0],
    [1, 1, 0],
    [0, 1, 0],
    [0, 1, 1],
    [0, 0, 1],
    [1, 0, 1],
    [1, 0, 0],
  ])
  expect(of(0.7, 0, 0.3)).toEqual([0.3, 0.3, 0.3])
  expect(of(1 / 12, 0.5, 0.8)).toEqual([0.8, 0.6, 0.4])
})
