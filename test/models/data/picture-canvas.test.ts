/** Pictures painted over a ground: edges by share, who has a pixel, what is left in sight. */
import { expect, test } from "vitest"
import { type AlphaPicture, paintPictures } from "../../../src/models/data/picture-canvas.js"

const plain = (side: number, red: number, alpha = 1): AlphaPicture => ({
  side,
  data: Float32Array.from({ length: 4 * side * side }, (_, i) => (i % 4 === 0 ? red * alpha : i % 4 === 3 ? alpha : 0)),
})
const ground = (size: number, value = 0) => new Float32Array(3 * size * size).fill(value)
const at = (x: number, y: number, size: number, flipped = false) => ({ x, y, size, flipped })

test("inside it is the picture, edges are soft by half a pixel of it, beyond is the ground", () => {
  const { image, masks, visible } = paintPictures(16, ground(16, 0.5), [[plain(8, 1), at(8, 8, 8)]])
  const red = (x: number, y: number) => image[3 * (16 * y + x)]!
  // samples at 1/4 and 3/4 of a pixel have 3/4 and all of the last pixel inside, 1/4 and nothing outside
  expect([2, 3, 4, 5, 8, 11, 12, 13].map((x) => (red(x, 8) - 0.5) / 0.5)).toEqual([0, 0.125, 0.875, 1, 1, 0.875, 0.125, 0])
  expect((red(4, 4) - 0.5) / 0.5).toBeCloseTo(0.875 ** 2, 6)
  expect([3, 4, 11, 12].map((x) => masks[16 * 8 + x])).toEqual([0, 1, 1, 0])
  expect(masks.filter((label) => label === 1)).toHaveLength(64)
  expect(visible).toEqual([1])
})

test("as large or as small as it is to be, its light is that of its area", () => {
  const sum = (size: number) => paintPictures(40, ground(40), [[plain(8, 1), at(20, 20, size)]]).image.reduce((a, b) => a + b)
  for (const size of [6, 8, 11.5, 20]) expect(Math.abs(sum(size) / size ** 2 - 1)).toBeLessThan(0.02)
})

test("later pictures lie over earlier ones; a pixel is whose share of it is largest", () => {
  const two = [
    [plain(8, 1), at(8, 8, 8)],
    [plain(8, 0.5), at(12, 8, 8)],
  ] as const
  const { masks, visible, image } = paintPictures(24, ground(24), two)
  expect([5, 7, 8, 10].map((x) => masks[24 * 8 + x])).toEqual([1, 1, 2, 2])
  expect(visible).toEqual([0.5, 1])
  expect(image[3 * (24 * 8 + 10)]).toBe(0.5)
  const thin = paintPictures(24, ground(24), [two[0], [plain(8, 0.5, 0.4), at(8, 8, 8)]])
  expect([thin.visible, thin.masks[24 * 8 + 8]]).toEqual([[1, 0], 1]) // 0.4 over the 0.6 that is left
  expect(thin.image[3 * (24 * 8 + 8)]).toBeCloseTo(0.6 + 0.2, 6)
  const thrice = [0, 1, 2].map((i) => [plain(8, 0.25 * i, i === 0 ? 1 : 0.4), at(8, 8, 8)] as const)
  expect(paintPictures(24, ground(24), thrice).masks[24 * 8 + 8]).toBe(3) // shares 0.36, 0.24, 0.4
})

test("flipped", () => {
  const half: AlphaPicture = { side: 2, data: Float32Array.of(1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0) }
  const reds = (flipped: boolean) => {
    const { image } = paintPictures(8, ground(8), [[half, at(4, 4, 4, flipped)]])
    return Array.from({ length: 8 }, (_, x) => image[3 * (8 * 4 + x)])
  }
  expect(reds(true)).toEqual(reds(false).reverse())
  expect(reds(false)[2]).toBeGreaterThan(0.5)
  expect(reds(false)[5]).toBe(0)
})
