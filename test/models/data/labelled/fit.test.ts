/** Images brought to a model's size: blocks stay blocks, labels stay labels. */
import { describe, expect, test } from "vitest"
import {
  batch,
  fitImages,
  type LabelledImages,
  type PieceFactors,
  readLabelledImages,
  renderTetrominoes,
  type TetrominoesScene,
} from "../../../../src/models/data/index.js"
import { left, right } from "../../../support/either.js"
import { describeShared } from "../../../support/shared.js"

const labelled = (size: number, images: Float32Array, masks: Uint8Array): LabelledImages => {
  const count = masks.length / size ** 2
  return { count, height: size, width: size, images, masks, missing: null, names: Array.from({ length: count }, (_, i) => `${i}`) }
}

const alone = ({ size, image, masks }: TetrominoesScene): LabelledImages => labelled(size, image, masks)

/** Pixels of each label in each image. */
const areas = ({ masks, count }: LabelledImages): readonly (readonly number[])[] =>
  Array.from({ length: count }, (_, i) => {
    const own = masks!.subarray((i * masks!.length) / count, ((i + 1) * masks!.length) / count)
    return [1, 2, 3].map((label) => own.filter((l) => l === label).length)
  })

describe("by blocks", () => {
  // on the grid of blocks of 5: the same scene with blocks of 2, pixel by pixel
  const factors: readonly PieceFactors[] = [
    { shape: 9, colour: 0, x: 0, y: 0 },
    { shape: 15, colour: 4, x: 15, y: 10 },
    { shape: 2, colour: 3, x: 5, y: 20 },
  ]
  test("a scene on the grid of blocks is the scene with smaller blocks", () => {
    const small = factors.map((f) => ({ ...f, x: (f.x / 5) * 2, y: (f.y / 5) * 2 }))
    const { data, how } = right(fitImages(alone(renderTetrominoes({ blockSize: 5 }, factors)), 14, null, "here"))
    const expected = renderTetrominoes({ blockSize: 2 }, small)
    expect(data.masks).toEqual(expected.masks)
    expect(data.images).toEqual(expected.image)
    expect(how).toBe("35 x 35 to 14 x 14 pixels, blocks of 5 sampled at 2 rows and columns")
  })

  test.each([1, 2, 3, 4])("wherever pieces lie, their blocks come out as blocks of %i", (block) => {
    const { size, images, masks } = batch({ blockSize: 5 }, 3, 0, 20)
    const { data } = right(fitImages(labelled(size, images, masks), 7 * block, null, "here"))
    for (const area of areas(data)) expect(area).toEqual([4 * block ** 2, 4 * block ** 2, 4 * block ** 2])
    const coloured = data.masks!.every((label, p) => label > 0 === data.images.subarray(3 * p, 3 * p + 3).some((x) => x > 0))
    expect(coloured).toBe(true)
  })
})

describe("resampled, as it is, or refused", () => {
  const scene = labelled(2, Float32Array.of(0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1), Uint8Array.of(0, 1, 0, 1))

  test("nearest and linear; labels take the nearest", () => {
    const nearest = right(fitImages(scene, 4, "nearest", "here")).data
    expect([...nearest.masks!.subarray(0, 4)]).toEqual([0, 0, 1, 1])
    expect([0, 1, 2, 3].map((p) => nearest.images[3 * p])).toEqual([0, 0, 1, 1])
    const linear = right(fitImages(scene, 4, "linear", "here")).data
    expect([0, 1, 2, 3].map((p) => linear.images[3 * p])).toEqual([0, 0.25, 0.75, 1])
    expect(linear.masks).toEqual(nearest.masks)
  })

  test("smooth: means where it gets smaller, as linear where it gets larger; labels take the nearest", () => {
    const wide = {
      ...labelled(4, new Float32Array(48), new Uint8Array(16)),
      images: Float32Array.from({ length: 48 }, (_, i) => (i % 12) / 11),
    }
    const small = right(fitImages(wide, 2, "smooth", "here")).data
    small.images.subarray(0, 6).forEach((v, i) => {
      expect(v).toBeCloseTo(((i % 3) + (i < 3 ? 1.5 : 7.5)) / 11, 6)
    })
    const [smooth, linear] = (["smooth", "linear"] as const).map((method) => right(fitImages(wide, 7, method, "here")).data)
    smooth!.images.forEach((v, i) => {
      expect(v).toBeCloseTo(linear!.images[i]!, 6)
    })
    expect(smooth!.masks).toEqual(linear!.masks)
  })

  test("of the model's size: untouched", () => {
    expect(right(fitImages(scene, 2, "linear", "here"))).toEqual({ data: scene, how: null })
  })

  test.each([
    [2, 14],
    [14, 35],
    [36, 14],
  ])("%i to %i pixels: says what was expected, found, and what to do", (size, side) => {
    const data = labelled(size, new Float32Array(3 * size ** 2), new Uint8Array(size ** 2))
    expect(left(fitImages(data, side, null, "a.npz")).message).toBe(
      `a.npz: expected images of ${side} x ${side} pixels, the model's size (or larger ones of 7 x 7 whole blocks), found ${size} x ${size}; have them resampled with --resize linear or --resize nearest`,
    )
  })
})

describeShared("the published images", (folder) => {
  test("are read with their masks, and every piece keeps its four blocks at 14 x 14", async () => {
    const read = right(await readLabelledImages(`${folder}/data/tetrominoes-real-10.npz`)())
    expect([read.count, read.height, read.width, read.missing]).toEqual([10, 35, 35, null])
    for (const area of areas(read)) expect(area).toEqual([100, 100, 100])
    for (const area of areas(right(fitImages(read, 14, null, "here")).data)) expect(area).toEqual([16, 16, 16])
  })
})
