/** The renderer against ten images of the published data set. They are not in the repository: the test says so when it is skipped. */
import { existsSync, readFileSync } from "node:fs"
import { unzipSync } from "fflate"
import { parse } from "npyjs"
import { expect, test } from "vitest"
import { colours, decodeNpz, type PieceFactors, pieces, renderTetrominoes } from "../../../src/models/data/index.js"
import { right } from "../../support/either.js"

const file = new URL("../../../../shared/data/tetrominoes-real-10.npz", import.meta.url)
const size = 35
const pixels = size * size

const array = (files: Record<string, Uint8Array>, name: string): Uint8Array => {
  const found = files[`${name}.npy`]
  if (found === undefined) throw new Error(`${name}.npy is missing in ${file.pathname}`)
  return parse(found.slice().buffer).data as Uint8Array
}

/** Factors of one piece, read off its mask and image by matching: nothing of the renderer is used. */
const recover = (image: Uint8Array, mask: Uint8Array): PieceFactors => {
  const on = [...mask.keys()].filter((i) => mask[i] !== 0)
  const x = Math.min(...on.map((i) => i % size))
  const y = Math.min(...on.map((i) => Math.floor(i / size)))
  const filled = (column: number, row: number) => mask[(y + 5 * row + 2) * size + x + 5 * column + 2] !== 0
  const shape = pieces.findIndex(
    ({ columns, rows, blocks }) =>
      on.every((i) => (i % size) - x < 5 * columns && Math.floor(i / size) - y < 5 * rows) && blocks.every(([c, r]) => filled(c, r)),
  )
  const colour = colours.findIndex(({ channels }) => on.every((i) => channels.every((on, c) => image[3 * i + c]! > 0 === (on === 1))))
  return { shape, colour, x, y }
}

if (!existsSync(file)) console.warn(`skipped: the published images are not at ${file.pathname}`)

test.skipIf(!existsSync(file))("ten published images come out bit for bit from their factors", () => {
  const files = unzipSync(readFileSync(file))
  const images = array(files, "image")
  const masks = array(files, "mask")
  expect([images.length, masks.length]).toEqual([10 * pixels * 3, 10 * 4 * pixels])
  const read = right(decodeNpz(readFileSync(file)))
  expect([read.image?.shape, read.mask?.shape]).toEqual([
    [10, size, size, 3],
    [10, 4, size, size],
  ])
  expect([read.image?.data, read.mask?.data]).toEqual([images, masks])
  const seen = new Set<number>()
  for (let i = 0; i < 10; i++) {
    const image = images.subarray(3 * i * pixels, 3 * (i + 1) * pixels)
    const mask = (k: number) => masks.subarray((4 * i + k) * pixels, (4 * i + k + 1) * pixels)
    const factors = [1, 2, 3].map((k) => recover(image, mask(k)))
    for (const { shape } of factors) seen.add(shape)
    const scene = renderTetrominoes({ blockSize: 5 }, factors)
    expect(scene.image).toEqual(Float32Array.from(image, (byte) => byte / 255))
    const labels = Uint8Array.from({ length: pixels }, (_, p) => [0, 1, 2, 3].find((k) => mask(k)[p] !== 0) ?? 255)
    expect(scene.masks).toEqual(labels)
  }
  expect(seen.size).toBeGreaterThanOrEqual(14)
})
