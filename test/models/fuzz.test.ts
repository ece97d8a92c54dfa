/** The short version of `npm run evidence -- fuzz`, and that its instruments see what they are for. */
import { readFileSync } from "node:fs"
import * as E from "fp-ts/lib/Either.js"
import { describe, expect, test } from "vitest"
import { hunt, inputOf, type Reader, readers } from "../../evidence/fuzz/index.js"

const count = 2000
const quick = { seed: 1, stream: 0, from: 0, count: 40 }

describe.each(readers.map((reader, stream) => ({ name: reader.name, reader, stream })))("$name", ({ reader, stream }) => {
  test(`${count} spoilt inputs: none throws, hangs, allocates on a claim, or reaches a file or a prototype`, () => {
    const { breaches, accepted, refused } = hunt(reader, { seed: 0, stream, from: 0, count })
    expect(breaches.map(({ index, what }) => `input ${index}: ${what}`)).toEqual([])
    expect(Math.min(accepted, refused)).toBeGreaterThan(count / 10) // both kinds are met
  })

  test("an input is the same whatever was made before it", () => {
    const late = inputOf(reader, 7, stream, 123)
    inputOf(reader, 7, stream, 5)
    expect(inputOf(reader, 7, stream, 123)).toEqual(late)
  })
})

describe("a reader that misbehaves is caught", () => {
  const good: Reader<number> = {
    name: "good",
    make: () => new Uint8Array(100),
    spoil: (_, input) => input,
    read: ({ length }) => E.right(length),
    write: () => new Uint8Array(100),
    fileNames: () => [],
  }
  const whatOf = (bad: Partial<Reader<number>>) => hunt({ ...good, ...bad }, quick).breaches.map(({ what }) => what)

  test("one that doesn't is not", () => expect(whatOf({})).toEqual([]))

  const keep: unknown[] = []
  test.each<[string, Partial<Reader<number>>, RegExp]>([
    [
      "throws",
      {
        read: () => {
          throw new RangeError("oh")
        },
      },
      /^threw RangeError: oh$/,
    ],
    ["allocates an array", { read: () => E.right(new Float32Array(5_000_000).length) }, /^asked for an array of 20000000 bytes$/],
    [
      "allocates many",
      { read: () => E.right(keep.push(Array.from({ length: 3 }, () => new Uint8Array(8_000_000).fill(1)))) },
      /grew by \d+ bytes/,
    ],
    ["allocates on the heap", { read: () => E.right(keep.push(new Array(4_000_000).fill(0.5))) }, /grew by \d+ bytes/],
    ["opens a file", { read: () => E.right(readFileSync("package.json").length) }, /^used the file system/],
    ["gives names that climb", { fileNames: () => ["../x.npy"] }, /leaves its folder/],
    ["loses values", { view: () => Math.random() }, /another value/],
    [
      "can't write what it reads",
      { write: () => new Uint8Array(0), read: ({ length }) => (length === 0 ? E.left({ message: "empty" }) : E.right(1)) },
      /can't be read again: empty/,
    ],
  ])("one that %s", (_, bad, message) => {
    const breaches = whatOf(bad)
    keep.length = 0
    expect(breaches.length).toBeGreaterThanOrEqual(1)
    expect(breaches.join("\n")).toMatch(new RegExp(message.source, "m"))
  })

  test("one that is slow", () => {
    const read = () => {
      const began = process.cpuUsage()
      const busy = () => process.cpuUsage(began).user + process.cpuUsage(began).system
      while (busy() < 1_200_000);
      return E.right(1)
    }
    expect(
      hunt({ ...good, read }, { ...quick, count: 1 })
        .breaches.map(({ what }) => what)
        .join(),
    ).toMatch(/^took 1\.\d+ s$/)
  })

  test("one that pollutes a prototype", () => {
    const proto = Object.prototype as { polluted?: boolean }
    try {
      expect(
        whatOf({
          read: () => {
            proto.polluted = true
            return E.right(1)
          },
        }),
      ).toEqual(["changed a prototype"])
    } finally {
      delete proto.polluted
    }
  })
})
