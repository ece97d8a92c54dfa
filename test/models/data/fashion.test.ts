/** Fashion-MNIST: its files, and scenes of garments. The data are no part of the repository: most tests write small files of the same format. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  decodeIdx,
  type FashionMnist,
  fashionFolder,
  fashionScene,
  garmentKinds,
  openSource,
  readFashionMnist,
  rgbOfHsv,
} from "../../../src/models/data/index.js"
import { left, right } from "../../support/either.js"

const idx = (shape: readonly number[], data: readonly number[], type = 8): Uint8Array => {
  const sizes = shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255])
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...data])
}

describe("idx files", () => {
  test("bytes of any shape, compressed or not", () => {
    const data = Array.from({ length: 258 * 2 }, (_, i) => i % 256)
    for (const bytes of [idx([258, 1, 2], data), gzipSync(idx([258, 1, 2], data))])
      expect(right(decodeIdx(bytes))).toEqual({ dtype: "uint8", shape: [258, 1, 2], data: Uint8Array.from(data) })
    expect(right(decodeIdx(idx([0], [])))).toEqual({ dtype: "uint8", shape: [0], data: new Uint8Array(0) })
  })

  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /^here: expected an idx file/],
    ["another file", Uint8Array.of(137, 80, 78, 71), /expected an idx file, which begins with two bytes 0/],
    ["floats", idx([1], [0, 0, 0, 0], 13), /expected values of type 8 \(bytes\), found 13 \(float32\)/],
    ["no type", idx([1], [0], 7), /found 7 \(no type of idx files\)/],
    ["cut off in its sizes", Uint8Array.of(0, 0, 8, 3, 0, 0), /expected 3 sizes in 16 bytes, found 6; the file is cut off/],
    ["cut off", idx([2, 2], [1, 2, 3]), /\[2, 2\] takes 16 bytes with its head, found 15; the file is damaged/],
    ["too long", idx([2], [1, 2, 3]), /takes 10 bytes with its head, found 11/],
    ["too large", idx([2 ** 20, 2 ** 20], []), /takes 1099511627776 bytes, more than maxBytes/],
    ["damaged gzip", gzipSync(idx([2], [1, 2])).fill(0, 12, 16), /its gzip data can't be inflated/],
  ])("%s: refused with a sentence", (_, bytes, message) => {
    expect(left(decodeIdx(bytes, { source: "here" })).message).toMatch(message)
  })

  test("what would inflate to more than is allowed is refused before it does", () => {
    const bomb = gzipSync(new Uint8Array(1e6))
    expect(left(decodeIdx(bomb, { maxBytes: 1000, source: "here" })).message).toMatch(/can't be inflated to at most 1000 bytes/)
  })
})

const side = 8
/** A square of one grey in the middle of black, darker and smaller with the index. */
const garment = (i: number) =>
  Array.from({ length: side * side }, (_, p) => {
    const [x, y] = [p % side, Math.floor(p / side)]
    return Math.min(x, y, side - 1 - x, side - 1 - y) >= 1 ? 255 - 40 * i : 0
  })

const writeSet = (folder: string, part: string, kinds: readonly number[]) => {
  const pictures = kinds.flatMap((_, i) => garment(i))
  writeFileSync(join(folder, `${part}-images-idx3-ubyte.gz`), gzipSync(idx([kinds.length, side, side], pictures)))
  writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), idx([kinds.length], kinds))
}

let folder: string
let data: FashionMnist
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "stillpoint-fashion-"))
  writeSet(folder, "train", [3, 1, 4])
  writeSet(folder, "t10k", [9, 2])
  data = right(await readFashionMnist(folder)())
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("reading the data", () => {
  test("both parts, pictures and kinds", () => {
    expect([data.train.count, data.heldOut.count, data.train.side]).toEqual([3, 2, side])
    expect([...data.train.kinds, ...data.heldOut.kinds]).toEqual([3, 1, 4, 9, 2])
    expect([...data.train.pictures.subarray(64, 128)]).toEqual(garment(1))
    expect(garmentKinds).toHaveLength(10)
  })

  test("what is missing, and how to get it; what does not fit together", async () => {
    const empty = mkdtempSync(join(folder, "empty-"))
    expect(left(await readFashionMnist(empty)())).toMatchObject({
      _tag: "FileError",
      message: expect.stringMatching(
        /expected train-images-idx3-ubyte or train-images-idx3-ubyte\.gz in .*, found neither; install it \(Debian: apt-get install dataset-fashion-mnist\)/,
      ),
    })
    const missing = left(await openSource({ _tag: "fashion", side: 32, path: empty })())
    expect(missing.message).toMatch(/apt-get install dataset-fashion-mnist/)
    writeSet(empty, "train", [3, 10])
    expect(left(await readFashionMnist(empty)()).message).toMatch(/as many labels from 0 to 9, found \[2, 8, 8\] and \[2\]/)
    writeSet(empty, "train", [3, 1])
    expect(left(await readFashionMnist(empty)()).message).toMatch(/t10k-images-idx3-ubyte/)
    writeFileSync(join(empty, "train-labels-idx1-ubyte"), idx([2, 1], [1, 2]))
    expect(left(await readFashionMnist(empty)()).message).toMatch(/train-labels-idx1-ubyte: expected 1 axes, found \[2, 1\]/)
  })
})

describe("scenes", () => {
  test("garments in their tints on dark ground, told by masks and factors", () => {
    let hidden = 0
    for (let index = 0; index < 40; index++) {
      const { image, masks, factors, ground, visible, size } = fashionScene(data, { size: 48 }, 7, index)
      expect([2, 3, 4]).toContain(factors.length)
      expect(ground).toBeLessThan(0.15)
      factors.forEach((f, i) => {
        expect(f.kind).toBe(data.train.kinds[f.garment])
        expect(visible[i]).toBeGreaterThanOrEqual(0.5)
        if (visible[i]! < 1) hidden++
        const value = 0.2 + (0.8 * garment(f.garment)[27]!) / 255
        const colour = rgbOfHsv(f.tint).map((c) => Math.fround(c * value))
        const [x, y] = [Math.floor(f.x), Math.floor(f.y)]
        if (masks[y * size + x] !== i + 1) return
        const above = factors.slice(i + 1).some((g) => Math.max(Math.abs(g.x - f.x), Math.abs(g.y - f.y)) < g.size / 2 + 2)
        if (!above) for (let c = 0; c < 3; c++) expect(image[3 * (y * size + x) + c]).toBeCloseTo(colour[c]!, 5)
      })
      const clear = masks.findIndex((label, p) => label === 0 && p % size > 2 && image[3 * p] === Math.fround(ground))
      expect(clear).toBeGreaterThanOrEqual(0)
      expect(Math.max(...masks)).toBe(factors.length)
    }
    expect(hidden).toBeGreaterThan(5)
  })

  test("a pure function of seed and index; the splits share neither draws nor garments", () => {
    const of = (seed: number, index: number, split: "train" | "heldOut") => fashionScene(data, { size: 32, split }, seed, index)
    expect(of(1, 5, "train")).toEqual(of(1, 5, "train"))
    const images = [of(1, 5, "train"), of(1, 6, "train"), of(2, 5, "train"), of(1, 5, "heldOut")].map(({ image }) => image.join())
    expect(new Set(images).size).toBe(4)
    const kinds = (split: "train" | "heldOut") =>
      new Set([...Array(20).keys()].flatMap((i) => of(0, i, split).factors.map(({ kind }) => kind)))
    expect([...kinds("train")].sort()).toEqual([1, 3, 4])
    expect([...kinds("heldOut")].sort()).toEqual([2, 9])
  })

  test("limits the wrong way round are refused", () => {
    expect(() => fashionScene(data, { size: 32, fewest: 5 }, 0, 0)).toThrow(/fashion: fewest must be at most most = 4, found 5/)
  })

  test("as a source of a run", async () => {
    const source = right(await openSource({ _tag: "fashion", side: 32, path: folder, most: 3 }, { ahead: 0 })())
    const { images, masks } = right(await source.batch(4, 2, 3)())
    const own = [6, 7, 8].map((i) => fashionScene(data, { size: 32, most: 3 }, 4, i))
    expect(images).toEqual(Float32Array.from(own.flatMap(({ image }) => [...image])))
    expect(masks).toEqual(Uint8Array.from(own.flatMap((scene) => [...scene.masks])))
    const held = fashionScene(data, { size: 32, most: 3, split: "heldOut" }, 0, 0)
    expect(right(source.heldOut(1)).images).toEqual(held.image)
    expect([source.side, source.objects, source.length]).toEqual([32, 3, null])
  })
})

const there = existsSync(fashionFolder)
describe.skipIf(!there)(`the published data${there ? "" : ` (skipped: not in ${fashionFolder})`}`, () => {
  test("60,000 and 10,000 garments, as many of each kind", async () => {
    const { train, heldOut } = right(await readFashionMnist()())
    expect([train.count, heldOut.count, train.side, heldOut.side]).toEqual([60_000, 10_000, 28, 28])
    for (const { kinds, count } of [train, heldOut])
      for (let kind = 0; kind < 10; kind++) expect(kinds.filter((k) => k === kind)).toHaveLength(count / 10)
  })
})
