/** A user's own images: any mix of sizes and kinds is brought to one size, or refused with a sentence that names the file. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { encode } from "fast-png"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { batch, encodeNpy, encodeNpz, type FilesSource, type OpenedSource, openSource } from "../../../../src/models/data/index.js"
import { left, right } from "../../../support/either.js"
import { bytesFeature, example, floatFeature, tfRecords } from "../../../support/tfrecords.js"
import { chunk, pngOf } from "../readers/png-writer.js"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stillpoint-sources-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** A picture of one colour. */
const plain = (name: string, width: number, height: number, ...colour: readonly number[]) =>
  file(
    name,
    encode({
      width,
      height,
      channels: colour.length,
      depth: 8,
      data: Uint8Array.from(Array.from({ length: width * height }, () => colour).flat()),
    }),
  )

const open = async (choices: Partial<FilesSource> = {}): Promise<OpenedSource> =>
  right(await openSource({ _tag: "files", path: folder, side: 4, ...choices })())
const refused = async (choices: Partial<FilesSource> = {}): Promise<string> =>
  left(await openSource({ _tag: "files", path: folder, side: 4, ...choices })()).message

/** Every image of a source: of the held-out ones, then of the first epoch. */
const all = async ({ batch: of, heldOut, length }: OpenedSource) => {
  const held = right(heldOut(1000))
  const train = right(await of(0, 0, length ?? 0)())
  return { held, train, images: [held, train].flatMap(({ images, count }) => imagesIn(images, count)) }
}

const imagesIn = (images: Float32Array, count: number): readonly (readonly number[])[] =>
  Array.from({ length: count }, (_, i) => [...images.subarray((i * images.length) / count, ((i + 1) * images.length) / count)])

/** Reds of a source's only image. */
const reds = async (source: OpenedSource): Promise<readonly number[]> => (await all(source)).images[0]!.filter((_, i) => i % 3 === 0)

/** The colour of each image that has one only, as `r,g,b` in bytes, sorted. */
const coloursOf = async (source: OpenedSource): Promise<readonly string[]> =>
  (await all(source)).images
    .map((image) => {
      const bytes = image.map((v) => 255 * v)
      for (let i = 0; i < bytes.length; i++) expect(Math.abs(bytes[i]! - bytes[i % 3]!)).toBeLessThan(1e-4)
      return bytes.slice(0, 3).map(Math.round).join()
    })
    .sort()

describe("a folder of pictures of any sizes and kinds", () => {
  test("grey, with alpha, colours, palettes, 16 bits, interlaced: each keeps its colour", async () => {
    plain("1.png", 3, 5, 10)
    plain("2.png", 8, 8, 20, 255)
    plain("3.png", 4, 4, 30, 31, 32)
    plain("4.png", 1, 1, 40, 41, 42, 255)
    const kind = { width: 9, height: 2, depth: 8, samples: 3, adam7: true, before: [] } as const
    const pixels = Array.from({ length: 18 }, () => [50, 51, 52])
    file("5.png", pngOf({ ...kind, colour: 2, values: pixels.flat() }))
    const palette = chunk("PLTE", [0, 0, 0, 60, 61, 62])
    file("6.png", pngOf({ ...kind, depth: 1, adam7: false, colour: 3, samples: 1, values: pixels.map(() => 1), before: [palette] }))
    file("7.png", pngOf({ ...kind, depth: 16, colour: 2, values: pixels.flat().map((v) => 257 * (v + 20)) }))
    for (const resize of ["smooth", "linear", "nearest"] as const) {
      const found = await coloursOf(await open({ resize }))
      expect(found).toEqual(["10,10,10", "20,20,20", "30,31,32", "40,41,42", "50,51,52", "60,61,62", "70,71,72"])
    }
    expect((await open()).notes).toEqual([
      "1 image: 3 x 5 to 4 x 4 pixels, by means where they get smaller",
      "1 image: 8 x 8 to 4 x 4 pixels, by means where they get smaller",
      "1 image: 1 x 1 to 4 x 4 pixels, by means where they get smaller",
      "3 images: 9 x 2 to 4 x 4 pixels, by means where they get smaller",
    ])
  })

  test("smaller and larger ones, not square: means, and linear interpolation", async () => {
    const data = Uint8Array.from([0, 51, 102, 153, 255, 255, 0, 0].flatMap((v) => [v, v, v]))
    file("wide.png", encode({ width: 8, height: 1, channels: 3, depth: 8, data }))
    const row = [0.1, 0.5, 1, 0]
    const found = await reds(await open())
    found.forEach((v, i) => {
      expect(v).toBeCloseTo(row[i % 4]!, 6)
    })
    const six = await reds(await open({ side: 6 })) // a pixel is 4/3 of theirs
    const means = [51 / 4, (51 + 102) * (2 / 3) * 0.75, (102 / 3 + 153) * 0.75, 255, 255 / 2, 0]
    means.forEach((mean, i) => {
      expect(six[i]! * 255).toBeCloseTo(mean, 3)
    })
    file("wide.png", encode({ width: 1, height: 2, channels: 1, depth: 8, data: Uint8Array.of(0, 255) }))
    expect((await reds(await open())).filter((_, i) => i % 4 === 0)).toEqual([0, 0.25, 0.75, 1])
  })

  test("just as they are, or refused, when nothing may be resized", async () => {
    plain("a.png", 4, 4, 255, 0, 51)
    const opened = await open({ resize: "refuse" })
    expect(await coloursOf(opened)).toEqual(["255,0,51", "255,0,51"])
    expect(opened.notes).toEqual([expect.stringMatching(/: there is one image, so none is held out: scores are those of the image that/)])
    plain("b.png", 5, 4, 1)
    const message = await refused({ resize: "refuse" })
    expect(message).toMatch(/b\.png: expected images of 4 x 4 pixels, .* found 5 x 4; choose how they are resampled: smooth, linear/)
  })

  test("transparent pixels are refused, or put on a background", async () => {
    plain("a.png", 2, 2, 255, 0, 102, 51)
    expect(await refused()).toMatch(/a\.png: a pixel .* is transparent/)
    expect((await coloursOf(await open({ transparency: "black" })))[0]).toBe("51,0,20")
    expect((await coloursOf(await open({ transparency: "white" })))[0]).toBe("255,204,224")
    plain("a.png", 2, 2, 0, 51)
    expect((await coloursOf(await open({ transparency: "white" })))[0]).toBe("204,204,204")
  })

  test("label maps beside them, each of its picture's size", async () => {
    mkdirSync(join(folder, "masks"))
    for (const [name, width] of [
      ["a.png", 8],
      ["b.png", 4],
    ] as const) {
      plain(name, width, 4, 9)
      const labels = Array.from({ length: 4 * width }, (_, i) => (i % width < width / 2 ? 0 : name === "a.png" ? 7 : 1 + (i & 1)))
      file(`masks/${name}`, encode({ width, height: 4, channels: 1, depth: 8, data: Uint8Array.from(labels) }))
    }
    const opened = await open()
    const { held, train } = await all(opened)
    expect(opened.objects).toBe(2)
    const rows = [held, train].map(({ masks }) => [...masks!.subarray(0, 4)]).sort()
    expect(rows).toEqual([
      [0, 0, 1, 2],
      [0, 0, 7, 7],
    ])
    plain("masks/b.png", 3, 4, 1)
    expect(await refused()).toMatch(/masks.b\.png: expected labels \[1, 4, 4\], .* found \[1, 4, 3\]/)
    plain("masks/b.png", 4, 4, 1, 1, 1)
    expect(await refused()).toMatch(
      /masks.b\.png: expected a grey picture whose bytes are labels, found 3 channels of 8 bits; save it as grey/,
    )
    rmSync(join(folder, "masks", "b.png"))
    expect(await refused()).toMatch(/expected a label map of the same name for each picture, but b\.png is in one of the folders only/)
  })

  test("what can't be read is named", async () => {
    expect(await refused()).toMatch(/no name in it ends in \.png; name a folder of pictures/)
    expect(await refused({ path: join(folder, "nowhere") })).toMatch(/could not read .*nowhere: it, or the folder it is in, does not exist/)
    plain("1.png", 4, 4, 1)
    file("2.png", Uint8Array.of(1, 2, 3))
    expect(await refused()).toMatch(/2\.png: byte 0: expected the signature/)
    expect(await refused({ path: file("a.jpg", new Uint8Array(9)) })).toMatch(/a\.jpg: expected an \.npz archive, an \.npy array/)
  })
})

describe("other files", () => {
  const scenes = batch({ blockSize: 5 }, 0, 0, 3)

  test("an archive with masks, an array without", async () => {
    const image = { dtype: "float32", shape: [3, 35, 35, 3], data: scenes.images } as const
    const mask = { dtype: "uint8", shape: [3, 35, 35], data: scenes.masks } as const
    const path = file("a.npz", right(encodeNpz({ image, mask })))
    const opened = await open({ path, side: 35 })
    expect([opened.length, opened.objects]).toEqual([2, 3])
    const { held, train, images } = await all(opened)
    const at = (i: number) => images.findIndex((one) => one.join() === imagesIn(scenes.images, 3)[i]!.join())
    const labels = [...imagesIn(Float32Array.from(held.masks!), 1), ...imagesIn(Float32Array.from(train.masks!), 2)]
    for (let i = 0; i < 3; i++) expect(labels[at(i)]).toEqual([...scenes.masks.subarray(1225 * i, 1225 * (i + 1))])
    const bare = await open({ path: file("a.npy", right(encodeNpy(image))), side: 14, resize: "nearest" })
    expect([bare.length, bare.objects, right(bare.heldOut(9)).masks]).toEqual([2, null, null])
    expect(bare.notes).toEqual(["3 images: 35 x 35 to 14 x 14 pixels, the nearest pixel of each"])
  })

  const record = (i: number, more = {}) => {
    const [image, masks] = [scenes.images, scenes.masks].map((a) => a.subarray((i * a.length) / 3, ((i + 1) * a.length) / 3))
    return example({
      image: bytesFeature([[...image!].map((v) => Math.round(255 * v))]),
      mask: bytesFeature([0, 1, 2, 3].map((k) => [...masks!].map((label) => (label === k ? 255 : 0)))),
      ...Object.fromEntries(["x", "y", "shape", "visibility"].map((name) => [name, floatFeature([0, 1, 2, 3])])),
      color: floatFeature(Array(12).fill(1)),
      ...more,
    })
  }

  test("a TFRecord file of a published set: its layout is found out", async () => {
    const path = file("a.tfrecords", tfRecords([0, 1, 2].map((i) => record(i))))
    const opened = await open({ path, side: 35, most: 2 })
    expect([opened.length, opened.objects]).toEqual([1, 3])
    const { images } = await all(opened)
    expect(new Set(images.map(String))).toEqual(new Set(imagesIn(scenes.images, 3).slice(0, 2).map(String)))
    expect(await refused({ path: file("b.tfrecord", tfRecords([])) })).toMatch(/b\.tfrecord: expected scenes, found no record/)
    const odd = file("c.tfrecord", tfRecords([record(0, { mask: bytesFeature([[1, 2]]) })]))
    expect(await refused({ path: odd })).toMatch(
      /c\.tfrecord: record 0: expected a scene in a layout of tetrominoes, .* found image of 3675, mask of 2/,
    )
  })
})

describe("which image comes when", () => {
  const fill = (count: number) => {
    for (let i = 0; i < count; i++) plain(`${i}.png`, 1, 1, i)
  }
  const bytes = ({ images, count }: { readonly images: Float32Array; readonly count: number }) =>
    imagesIn(images, count).map(([v]) => Math.round(255 * v!))

  test("one image is trained on and scored, and that is told; of two, one is held out; of 25, a tenth, the same whatever the seed", async () => {
    for (const [count, heldOut, length] of [
      [1, 1, 1],
      [2, 1, 1],
      [25, 3, 22],
    ] as const) {
      fill(count)
      const source = await open({ side: 4 })
      expect([source.length, source.kept]).toEqual([length, count === 1 ? 0 : heldOut])
      expect(source.notes.some((note) => /there is one image, so none is held out/.test(note))).toBe(count === 1)
      const held = bytes(right(source.heldOut(100)))
      expect(held).toHaveLength(heldOut)
      const train = bytes(right(await source.batch(8, 0, length)()))
      const whole = [...new Set([...held, ...train])].sort((a, b) => a - b)
      expect(whole).toEqual([...Array(count).keys()])
      expect(bytes(right((await open({ side: 4 })).heldOut(2)))).toEqual(held.slice(0, 2))
    }
  })

  test("epochs of an order each, batches across them, a pure function of seed and step", async () => {
    fill(12)
    const source = await open({ side: 4 })
    const at = async (seed: number, step: number, count: number) => bytes(right(await source.batch(seed, step, count)()))
    const [first, second] = [await at(1, 0, 11), await at(1, 1, 11)]
    expect(new Set(first).size).toBe(11)
    expect([...second].sort()).toEqual([...first].sort())
    expect(second).not.toEqual(first)
    expect(await at(1, 0, 33)).toEqual([...first, ...second, ...(await at(1, 2, 11))])
    expect((await Promise.all([2, 1, 0].map((step) => at(1, step, 5)))).reverse().flat()).toEqual([...first, ...second].slice(0, 15))
    expect(await at(2, 0, 11)).not.toEqual(first)
    expect(left(await source.batch(1, -1, 5)()).message).toMatch(/expected a step from 0/)
    await source.close()
    expect(left(await source.batch(1, 0, 5)())._tag).toBe("Cancelled")
  })

  test("the first ones, when fewer are to be read", async () => {
    fill(12)
    const source = await open({ most: 4 })
    expect((await coloursOf(source)).length).toBe(4)
    expect(await coloursOf(source)).toEqual(["0,0,0", "1,1,1", "2,2,2", "3,3,3"])
  })
})
