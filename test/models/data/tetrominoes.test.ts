import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { batch, colours, pieces, renderTetrominoes, TetrominoesConfig, tetrominoesScene } from "../../../src/models/data/index.js"

const published = { blockSize: 5 }

const bytes = (scene: { image: Float32Array }, size: number, x: number, y: number, side: number, channel: number) =>
  Array.from({ length: side }, (_, row) =>
    Array.from({ length: side }, (_, column) => Math.round(255 * scene.image[3 * ((y + row) * size + x + column) + channel]!)),
  )

describe("pieces", () => {
  test("17 different pieces of four connected blocks that fill their bounding box", () => {
    expect(new Set(pieces.map((p) => p.name)).size).toBe(17)
    for (const { blocks, columns, rows } of pieces) {
      expect(blocks).toHaveLength(4)
      expect(new Set(blocks.map(([x]) => x)).size).toBe(columns)
      expect(new Set(blocks.map(([, y]) => y)).size).toBe(rows)
      const touching = blocks.map(([x, y]) => blocks.filter(([u, v]) => Math.abs(x - u) + Math.abs(y - v) === 1).length)
      expect(Math.min(...touching)).toBeGreaterThan(0)
      expect(touching.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(6) // a tree of four blocks has three edges
    }
    expect(new Set(colours.map((c) => c.channels.join())).size).toBe(6)
  })
})

describe("the shading of a block", () => {
  const square = pieces.findIndex((p) => p.name === "11/11")
  const block = (blockSize: number) => {
    const scene = renderTetrominoes({ blockSize }, [{ shape: square, colour: 0, x: 1, y: 2 }])
    return bytes(scene, scene.size, 1, 2, blockSize, 0)
  }
  test("is the published one at size 5", () => {
    const middle = [127, 159, 159, 159, 191]
    expect(block(5)).toEqual([[191, 255, 255, 255, 223], middle, middle, middle, [95, 63, 63, 63, 127]])
  })
  test("keeps edges at other sizes", () => {
    expect(block(1)).toEqual([[159]])
    expect(block(2)).toEqual([
      [191, 223],
      [95, 127],
    ])
    expect(block(3)).toEqual([
      [191, 255, 223],
      [127, 159, 191],
      [95, 63, 127],
    ])
    expect(block(4)).toEqual([
      [191, 255, 255, 223],
      [127, 159, 159, 191],
      [127, 159, 159, 191],
      [95, 63, 63, 127],
    ])
  })
})

describe("scenes", () => {
  const configs = fc
    .record({ blockSize: fc.integer({ min: 1, max: 6 }), extra: fc.nat({ max: 12 }) })
    .map(({ blockSize, extra }) => ({ blockSize, size: 5 * blockSize + extra }))

  test("three whole pieces, background black, image and labels agree", () => {
    fc.assert(
      fc.property(configs, fc.nat(), fc.nat(), (config, seed, index) => {
        const scene = tetrominoesScene(config, seed, index)
        const counts = [0, 0, 0, 0]
        for (let i = 0; i < scene.masks.length; i++) {
          const label = scene.masks[i]!
          counts[label]!++
          const on = label === 0 ? [0, 0, 0] : colours[scene.factors[label - 1]!.colour]!.channels
          for (let c = 0; c < 3; c++) expect(scene.image[3 * i + c]! > 0).toBe(on[c] === 1)
        }
        expect(counts.slice(1)).toEqual([1, 1, 1].map(() => 4 * config.blockSize ** 2))
        expect(renderTetrominoes(config, scene.factors)).toEqual(scene)
      }),
      { numRuns: 40 },
    )
  })

  test("scene i of a seed does not depend on the batch it is made in", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 1000 }), fc.integer({ min: 1, max: 9 }), fc.nat({ max: 8 }), (seed, start, count, at) => {
        const i = at % count
        const config = { blockSize: 2 }
        const all = batch(config, seed, start, count)
        const one = tetrominoesScene(config, seed, start + i)
        const pixels = all.size * all.size
        expect(all.images.subarray(3 * i * pixels, 3 * (i + 1) * pixels)).toEqual(one.image)
        expect(all.masks.subarray(i * pixels, (i + 1) * pixels)).toEqual(one.masks)
        expect(all.factors[i]).toEqual(one.factors)
        expect(all.sharesColour[i]).toBe(one.sharesColour)
      }),
      { numRuns: 50 },
    )
  })

  test("stays what it is from version to version", () => {
    expect(tetrominoesScene(published, 0, 0).factors).toMatchInlineSnapshot(`
      [
        {
          "colour": 4,
          "shape": 10,
          "x": 15,
          "y": 21,
        },
        {
          "colour": 2,
          "shape": 10,
          "x": 20,
          "y": 0,
        },
        {
          "colour": 2,
          "shape": 4,
          "x": 2,
          "y": 6,
        },
      ]
    `)
    expect(tetrominoesScene({ ...published, split: "heldOut" }, 0, 0).factors).toMatchInlineSnapshot(`
      [
        {
          "colour": 2,
          "shape": 6,
          "x": 17,
          "y": 16,
        },
        {
          "colour": 3,
          "shape": 11,
          "x": 3,
          "y": 4,
        },
        {
          "colour": 0,
          "shape": 1,
          "x": 0,
          "y": 9,
        },
      ]
    `)
  })

  test("factors are uniform and close to half of the scenes share a colour", () => {
    const scenes = batch({ blockSize: 2 }, 3, 0, 4000)
    const all = scenes.factors.flat()
    const spread = (of: readonly number[], n: number) => {
      const counts = new Array<number>(n).fill(0)
      for (const value of of) counts[value]!++
      return Math.max(...counts.map((c) => Math.abs((c * n) / of.length - 1)))
    }
    expect(
      spread(
        all.map((f) => f.colour),
        6,
      ),
    ).toBeLessThan(0.08)
    expect(
      spread(
        all.map((f) => f.shape),
        17,
      ),
    ).toBeLessThan(0.3) // long pieces collide more often, squares less
    const shared = scenes.sharesColour.filter(Boolean).length / 4000
    expect(Math.abs(shared - (1 - (5 / 6) * (4 / 6)))).toBeLessThan(0.03)
  })

  test("held-out scenes are none of the training scenes", () => {
    const key = (factors: readonly object[]) => JSON.stringify(factors)
    const train = new Set(batch({ blockSize: 5 }, 0, 0, 5000).factors.map(key))
    const heldOut = batch({ blockSize: 5, split: "heldOut" }, 0, 0, 320).factors.map(key)
    expect(heldOut.filter((k) => train.has(k))).toEqual([])
    expect(new Set(heldOut).size).toBe(320)
  })
})

describe("what is refused, and how", () => {
  const at = { shape: 9, colour: 0, x: 0, y: 0 }
  test.each([
    [() => tetrominoesScene({ blockSize: 0 }, 0, 0), /blockSize must be an integer from 1 to 64.*found 0/],
    [() => tetrominoesScene({ blockSize: 5, size: 24 }, 0, 0), /size must be an integer from 5 \* blockSize = 25.*found 24/],
    [() => tetrominoesScene(published, -1, 0), /seed must be/],
    [() => batch(published, 0, 0, 1.5), /count must be a natural number, found 1.5/],
    [() => renderTetrominoes(published, [{ ...at, shape: 17 }]), /piece 0 needs a shape from 0 to 16/],
    [() => renderTetrominoes(published, [{ ...at, x: 26 }]), /x from 0 to 25 .* found \(26, 0\)/],
    [() => renderTetrominoes(published, [at, { ...at, x: 9 }]), /two of the pieces overlap/],
  ])("%s", (call, message) => {
    expect(call).toThrow(message)
  })

  test("the codec takes configurations and refuses others", () => {
    expect(TetrominoesConfig.decode({ blockSize: 2, size: 14, split: "heldOut" })._tag).toBe("Right")
    for (const bad of [{}, { blockSize: "2" }, { blockSize: 2.5 }, { blockSize: 2, split: "test" }, null]) {
      expect(TetrominoesConfig.decode(bad)._tag).toBe("Left")
    }
  })
})
