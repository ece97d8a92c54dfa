/** Users' images: what is read, and what is said where it can't be. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { encode } from "fast-png"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { encodeNpy, encodeNpz, type NpyArray, type NpzArrays, readLabelledImages } from "../../../../src/models/data/index.js"
import { left, right } from "../../../support/either.js"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stillpoint-images-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const bytes = (shape: readonly number[], ...data: readonly number[]): NpyArray => ({ dtype: "uint8", shape, data: Uint8Array.from(data) })
const npz = (arrays: NpzArrays): string => {
  const path = join(folder, "a.npz")
  writeFileSync(path, right(encodeNpz(arrays)))
  return path
}
const read = async (path: string) => right(await readLabelledImages(path)())
const refused = async (path: string) => left(await readLabelledImages(path)()).message

const image = bytes([1, 1, 2, 3], 255, 0, 51, 0, 255, 0)
const colours = Float32Array.of(1, 0, 0.2, 0, 1, 0)

describe("archives", () => {
  test("colours in bytes, labels of another kind", async () => {
    const found = await read(npz({ images: image, masks: { dtype: "int64", shape: [1, 1, 2], data: BigInt64Array.of(0n, 3n) } }))
    expect(found).toEqual({ count: 1, height: 1, width: 2, images: colours, masks: Uint8Array.of(0, 3), missing: null, names: ["Image 0"] })
  })

  test("one mask an object: the largest wins, and where there is none, the background", async () => {
    const wide = bytes([1, 1, 3, 3], 1, 2, 3, 4, 5, 6, 7, 8, 9)
    const mask: NpyArray = { dtype: "float32", shape: [1, 3, 1, 3, 1], data: Float32Array.of(1, 0, 0, 0, 0.4, 0, 0, 0.6, 0) }
    expect((await read(npz({ image: wide, mask }))).masks).toEqual(Uint8Array.of(0, 2, 0))
  })

  test("greys, an opaque alpha channel, 16 bits, floats", async () => {
    expect((await read(npz({ image: bytes([1, 1, 5], 0, 51, 0, 0, 0) }))).images.subarray(0, 6)).toEqual(
      Float32Array.of(0, 0, 0, 0.2, 0.2, 0.2),
    )
    expect((await read(npz({ image: bytes([1, 1, 1, 4], 255, 0, 51, 255) }))).images).toEqual(Float32Array.of(1, 0, 0.2))
    const deep: NpyArray = { dtype: "uint16", shape: [1, 1, 1, 3], data: Uint16Array.of(65535, 0, 13107) }
    expect((await read(npz({ image: deep }))).images).toEqual(Float32Array.of(1, 0, 0.2))
    const floats: NpyArray = { dtype: "float64", shape: [1, 1, 1, 3], data: Float64Array.of(0.5, 0, 1) }
    expect((await read(npz({ image: floats }))).images).toEqual(Float32Array.of(0.5, 0, 1))
  })

  test("without masks it says what it looked for, and what may have been meant", async () => {
    const found = await read(npz({ image, msak: bytes([1, 1, 2], 0, 1) }))
    expect([found.masks, found.missing]).toEqual([null, `${join(folder, "a.npz")} has no array "mask" or "masks" (was "msak" meant?)`])
  })

  test.each<[string, NpzArrays, RegExp]>([
    ["no images", { img: image }, /expected an array "image" or "images", but it has "img"; rename/],
    ["two arrays of images", { image, images: image }, /expected one array of images .* leave one out/],
    ["one image alone", { image: bytes([1, 2, 3], 0, 0, 0, 0, 0, 0) }, /found \[1, 2, 3\]: one image needs an axis in front/],
    ["no image", { image: bytes([0, 2, 2, 3]) }, /found \[0, 2, 2, 3\]: there is no image in it/],
    ["channels first", { image: bytes([1, 3, 1, 5], ...Array(15).fill(0)) }, /found \[1, 3, 1, 5\]: move the channels to the end/],
    ["two axes", { image: bytes([2, 3], 0, 0, 0, 0, 0, 0) }, /\[images, height, width\] of greys, found \[2, 3\]/],
    ["whole numbers of no range", { image: { dtype: "int32", shape: [1, 1, 1, 3], data: new Int32Array(3) } }, /found int32; convert/],
    [
      "floats up to 255",
      { image: { dtype: "float32", shape: [1, 1, 1, 3], data: Float32Array.of(0, 212, 0) } },
      /image 0 is 212, expected 0 to 1/,
    ],
    ["not a number", { image: { dtype: "float32", shape: [1, 1, 1, 3], data: Float32Array.of(0, Number.NaN, 0) } }, /image 0 is NaN/],
    [
      "transparent pixels",
      { image: bytes([1, 1, 1, 4], 0, 0, 0, 128) },
      /a pixel of image 0 is transparent; .* or train with data\.transparency=white/,
    ],
    [
      "whole numbers of 64 bits",
      { image: { dtype: "int64", shape: [1, 1, 1, 3], data: new BigInt64Array(3) } },
      /expected bool, uint8, uint16, float16, float32 or float64 values, found int64; convert them/,
    ],
    ["masks of another size", { image, mask: bytes([1, 2, 1], 0, 1) }, /mask: expected labels \[1, 1, 2\], or masks .* found \[1, 2, 1\]/],
    ["a label below 0", { image, mask: { dtype: "int8", shape: [1, 1, 2], data: Int8Array.of(0, -1) } }, /label of image 0 is -1/],
    ["a mask below 0", { image, mask: { dtype: "int8", shape: [1, 1, 1, 2], data: Int8Array.of(0, -1) } }, /mask 0 of image 0 is -1/],
  ])("%s: refused with a sentence", async (_, arrays, message) => {
    expect(await refused(npz(arrays))).toMatch(message)
  })
})

describe("arrays and folders", () => {
  test("an npy file holds images alone", async () => {
    const path = join(folder, "a.npy")
    writeFileSync(path, right(encodeNpy(image)))
    const found = await read(path)
    expect([found.images, found.masks]).toEqual([colours, null])
    expect(found.missing).toMatch(/an npy file holds images alone/)
  })

  const picture = (path: string, channels: number, ...data: readonly number[]) =>
    writeFileSync(join(folder, path), encode({ width: 2, height: 1, channels, depth: 8, data: Uint8Array.from(data) }))

  test("pictures, with a folder of label maps", async () => {
    picture("s10.png", 3, 0, 0, 0, 0, 0, 0)
    picture("s2.png", 3, 255, 0, 51, 0, 255, 0)
    expect((await read(folder)).missing).toBe(`there is no folder ${join(folder, "masks")} of label maps`)
    mkdirSync(join(folder, "masks"))
    picture("masks/s2.png", 1, 0, 3)
    expect(await refused(folder)).toMatch(/expected a label map of the same name for each picture, but s10\.png is in one/)
    picture("masks/s10.png", 1, 1, 0)
    const found = await read(folder)
    expect(found.names).toEqual(["s2.png", "s10.png"])
    expect(found.images.subarray(0, 6)).toEqual(colours)
    expect([...found.masks!]).toEqual([0, 3, 1, 0])
    picture("masks/s2.png", 3, 0, 0, 0, 1, 1, 1)
    picture("masks/s10.png", 3, 0, 0, 0, 1, 1, 1)
    expect(await refused(folder)).toMatch(/expected grey pictures whose bytes are labels, found 3 channels/)
  })

  test("anything else", async () => {
    writeFileSync(join(folder, "a.jpg"), "x")
    expect(await refused(join(folder, "a.jpg"))).toMatch(/expected an \.npz archive, an \.npy array, or a folder of PNG pictures/)
    expect(await refused(join(folder, "none.npz"))).toMatch(/does not exist/)
    expect(await refused(folder)).toMatch(/no name in it ends in \.png/)
  })
})
