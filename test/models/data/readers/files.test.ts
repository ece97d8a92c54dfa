/** Reading files and folders. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { encode } from "fast-png"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { encodeNpy, encodeNpz, readNpy, readNpz, readPictures } from "../../../../src/models/data/index.js"
import { naturalOrder } from "../../../../src/models/data/readers/natural-order.js"
import { left, right } from "../../../support/either.js"

let root = ""
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "stillpoint-readers-"))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const png = (values: readonly number[], channels: 1 | 3 = 1, depth: 8 | 16 = 8) =>
  encode({
    width: values.length / channels,
    height: 1,
    channels,
    depth,
    data: depth === 8 ? Uint8Array.from(values) : Uint16Array.from(values),
  })

const folder = (name: string, files: Readonly<Record<string, Uint8Array>>): string => {
  const path = join(root, name)
  mkdirSync(path)
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(path, file), bytes)
  return path
}

describe("a folder of pictures", () => {
  test("in natural order, as numbers in [0, 1] or as bytes", async () => {
    const path = folder("ten", {
      "s10.png": png([30, 255]),
      "s2.PNG": png([10, 11]),
      "s1.png": png([0, 51]),
      "notes.txt": new Uint8Array(3),
    })
    const unit = right(await readPictures(path)())
    expect(unit.names).toEqual(["s1.png", "s2.PNG", "s10.png"])
    expect(unit.shape).toEqual([3, 1, 2, 1])
    expect(unit.data).toEqual(Float32Array.from([0, 51, 10, 11, 30, 255], (v) => v / 255))
    const bytes = right(await readPictures(path, { values: "bytes" })())
    expect(bytes.data).toEqual(Uint8Array.of(0, 51, 10, 11, 30, 255))
  })

  test("16 bits are numbers in [0, 1], and no bytes", async () => {
    const path = folder("deep", { "a.png": png([0, 65535, 257], 3, 16), "b.png": png([255, 0, 51], 3) })
    const { data, shape } = right(await readPictures(path)())
    expect(shape).toEqual([2, 1, 1, 3])
    expect(data).toEqual(Float32Array.of(0, 1, 257 / 65535, 1, 0, 51 / 255))
    expect(left(await readPictures(path, { values: "bytes" })()).message).toMatch(/a\.png: expected samples of 8 bits .* found 16/)
  })

  test("the first that differs, or is damaged, is named", async () => {
    const path = folder("odd", { "1.png": png([1, 2]), "2.png": png([1, 2]), "3.png": png([1, 2, 3]), "10.png": png([1]) })
    expect(left(await readPictures(path)())).toMatchObject({
      _tag: "DecodeError",
      message: `${join(path, "3.png")}: expected 2 x 1 pixels of 1 channels as in "1.png", found 3 x 1 pixels of 1 channels; make them all alike`,
    })
    const damaged = folder("damaged", { "1.png": png([1, 2]), "2.png": png([1, 2]).subarray(0, 50) })
    expect(left(await readPictures(damaged)()).message).toMatch(/2\.png: byte \d+: /)
  })

  test("too many, none, no folder", async () => {
    const path = folder("many", { "1.png": png([1, 2, 3, 4]), "2.png": png([1, 2, 3, 4]) })
    expect(left(await readPictures(path, { maxBytes: 7, values: "bytes" })())).toMatchObject({
      _tag: "DecodeError",
      message: `${path}: 2 pictures of 4 x 1 pixels of 1 channels take 8 bytes, more than maxBytes = 7; raise it or read fewer`,
    })
    expect(right(await readPictures(path, { maxBytes: 8, values: "bytes" })()).data).toHaveLength(8)
    expect(left(await readPictures(folder("none", {}))())).toMatchObject({
      _tag: "FileError",
      message: expect.stringMatching(/no name in it ends in \.png/),
    })
    expect(left(await readPictures(join(root, "missing"))())).toMatchObject({ _tag: "FileError", message: expect.stringMatching(/ENOENT/) })
  })
})

describe("natural order", () => {
  test("counts", () => {
    const names = ["a10b2", "a2", "a10b10", "b", "a02", "A1", "a", "a1x", "a100000000000000000000", "a99999999999999999999"]
    expect([...names].sort(naturalOrder)).toEqual([
      "A1",
      "a",
      "a1x",
      "a02",
      "a2",
      "a10b2",
      "a10b10",
      "a99999999999999999999",
      "a100000000000000000000",
      "b",
    ])
  })

  test("is a total order", () => {
    const name = fc.stringMatching(/^[ab01. ]{0,5}$/)
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(naturalOrder(a, b)) + Math.sign(naturalOrder(b, a))).toBe(0)
        expect(naturalOrder(a, b) === 0).toBe(a === b)
        if (naturalOrder(a, b) <= 0 && naturalOrder(b, c) <= 0) expect(naturalOrder(a, c)).toBeLessThanOrEqual(0)
      }),
      { numRuns: 1000 },
    )
  })
})

describe("npy and npz files", () => {
  const array = { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) } as const
  test("are read, limits and failures told with the path", async () => {
    const path = folder("arrays", {
      "a.npy": right(encodeNpy(array)),
      "b.npz": right(encodeNpz({ array })),
      "c.npy": new Uint8Array(40_000),
    })
    expect(right(await readNpy(join(path, "a.npy"))())).toEqual(array)
    expect({ ...right(await readNpz(join(path, "b.npz"))()) }).toEqual({ array })
    expect(left(await readNpy(join(path, "b.npz"))()).message).toMatch(/b\.npz: byte 0: expected an npy file/)
    expect(left(await readNpy(join(path, "c.npy"), { maxBytes: 100 })())).toMatchObject({
      _tag: "FileError",
      message: expect.stringMatching(/40000 bytes are more/),
    })
    expect(left(await readNpz(join(path, "d.npz"))())).toMatchObject({ _tag: "FileError" })
  })
})
