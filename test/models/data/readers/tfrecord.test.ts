import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import * as E from "fp-ts/lib/Either.js"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { crc32c } from "../../../../src/models/data/readers/crc32c.js"
import { decodeExample } from "../../../../src/models/data/readers/example.js"
import { readTfRecords } from "../../../../src/models/data/readers/tfrecord.js"
import { left, right } from "../../../support/either.js"
import { bytesFeature, counted, example, floatFeature, intFeature, tfRecords } from "../../../support/tfrecords.js"

let root = ""
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "stillpoint-tfrecord-"))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const three = [[1, 2, 3], [], Array.from({ length: 200_000 }, (_, i) => (i * i) % 251)]

const read = async (bytes: Uint8Array, maxBytes?: number) => {
  const path = join(root, "a.tfrecords")
  writeFileSync(path, bytes)
  const found: number[][] = []
  let failure = ""
  for await (const record of readTfRecords(path, { maxBytes })) {
    if (E.isLeft(record)) failure = record.left.message.replace(path, "a")
    else found.push([...record.right])
  }
  return { found, failure }
}

describe("records", () => {
  test("the checksum's known answer", () => {
    expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283)
  })

  test("plain, by gzip, in several gzip members, and none", async () => {
    const plain = tfRecords(three)
    expect(await read(plain)).toEqual({ found: three, failure: "" })
    expect(await read(gzipSync(plain))).toEqual({ found: three, failure: "" })
    expect(await read(Buffer.concat([gzipSync(plain.subarray(0, 30)), gzipSync(plain.subarray(30))]))).toEqual({
      found: three,
      failure: "",
    })
    expect(await read(new Uint8Array(0))).toEqual({ found: [], failure: "" })
  })

  test.each([
    [3, 0, /record 0 at byte 0: its length has the checksum .*, expected .*no record before it is whole/],
    [13, 0, /record 0 at byte 0: its data have the checksum [0-9a-f]{8}, expected [0-9a-f]{8}/],
    [36, 2, /record 2 at byte 35: its length .*the 2 records before it are intact/],
    [1000, 2, /record 2 at byte 35: its data .*the 2 records before it are intact/],
  ])("a bit of byte %d is flipped", async (at, whole, message) => {
    const bytes = tfRecords(three)
    bytes[at]! ^= 4
    const { found, failure } = await read(bytes)
    expect(found).toEqual(three.slice(0, whole))
    expect(failure).toMatch(message)
  })

  test("truncated files keep the records before", async () => {
    const bytes = tfRecords(three)
    const cut = await read(bytes.subarray(0, 40))
    expect(cut.found).toEqual(three.slice(0, 2))
    expect(cut.failure).toBe(
      "a: record 2 at byte 35: expected 12 bytes of its head, found 5; the file is truncated or damaged, the 2 records before it are intact",
    )
    expect((await read(bytes.subarray(0, 1000))).failure).toMatch(/expected 200004 bytes of its data and checksum, found 953/)
    const packed = gzipSync(bytes)
    const broken = await read(packed.subarray(0, packed.length - 300))
    expect(broken.found).toEqual(three.slice(0, 2))
    expect(broken.failure).toMatch(/record 2 at inflated byte 35: .*before the gzip data broke off \(unexpected end of file\).*2 records/)
  })

  test("too large a record, a missing file, a folder", async () => {
    expect(await read(tfRecords(three), 100)).toEqual({
      found: three.slice(0, 2),
      failure: "a: record 2 at byte 35: it has 200000 bytes, more than maxBytes = 100; raise it, the 2 records before it are intact",
    })
    for (const path of [join(root, "missing"), root]) {
      const first = await readTfRecords(path).next()
      expect(first.value && left(first.value)._tag).toBe("FileError")
    }
  })
})

describe("examples", () => {
  test.each([true, false])("bytes, floats and integers, packed %s", (packed) => {
    const bytes = example({
      image: bytesFeature([[1, 2], [], [3]]),
      x: floatFeature([0.5, -2], packed),
      n: intFeature([-1n, 2n ** 62n, 300n], packed),
      none: [],
    })
    const features = right(decodeExample(Uint8Array.from(bytes)))
    expect([...features]).toEqual([
      ["image", { kind: "bytes", data: Uint8Array.of(1, 2, 3), offsets: Uint32Array.of(0, 2, 2, 3) }],
      ["x", { kind: "float", data: Float32Array.of(0.5, -2) }],
      ["n", { kind: "int64", data: BigInt64Array.of(-1n, 2n ** 62n, 300n) }],
    ])
  })

  test.each([
    [example({ x: counted(4, []) }), /byte 9: feature "x" is of kind 4; expected 1 \(bytes\), 2 \(floats\) or 3/],
    [example({ x: floatFeature([1]) }).slice(0, -1), /byte 0: expected 15 bytes of field 1, found 14/],
    [example({ x: counted(2, counted(1, [1, 2, 3])) }), /expected floats of 4 bytes, found 3 bytes of wire type 2/],
    [example({ x: [...floatFeature([1]), ...intFeature([1n])] }), /feature "x" has two lists/],
    [[15], /expected wire type 0, 1, 2 or 5, found 7/],
  ])("damaged: %#", (bytes, message) => {
    expect(left(decodeExample(Uint8Array.from(bytes))).message).toMatch(message)
  })
})
