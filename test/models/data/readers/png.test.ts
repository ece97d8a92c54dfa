/** PNG pictures written here by plain loops, of every kind, and files that are wrong. */
import { crc32, deflateSync } from "node:zlib"
import fc from "fast-check"
import { encode } from "fast-png"
import { describe, expect, test } from "vitest"
import { decodePng } from "../../../../src/models/data/index.js"
import { left, right } from "../../../support/either.js"
import { chunk, ihdr, pngOf } from "./png-writer.js"

const samplesOf = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const
const kinds = [
  ...[1, 2, 4, 8, 16].map((depth) => ({ colour: 0, depth }) as const),
  ...[1, 2, 4, 8].map((depth) => ({ colour: 3, depth }) as const),
  ...([2, 4, 6] as const).flatMap((colour) => [8, 16].map((depth) => ({ colour, depth }) as const)),
]

const pictures = (colour: keyof typeof samplesOf, depth: number, most = 2 ** depth - 1) =>
  fc.record({ width: fc.integer({ min: 1, max: 11 }), height: fc.integer({ min: 1, max: 9 }) }).chain(({ width, height }) =>
    fc
      .array(fc.integer({ min: 0, max: most }), {
        minLength: width * height * samplesOf[colour],
        maxLength: width * height * samplesOf[colour],
      })
      .map((values) => ({ width, height, values })),
  )

describe("every kind of picture", () => {
  test.each(kinds)("colour type $colour, $depth bits", ({ colour, depth }) => {
    const palette = Array.from({ length: 2 ** Math.min(depth, 8) }, (_, i) => [i, 255 - i, (i * 7) % 256])
    fc.assert(
      fc.property(pictures(colour, depth), fc.boolean(), fc.boolean(), ({ width, height, values }, interlaced, alpha) => {
        const adam7 = interlaced && depth >= 8
        const before = [
          ...(colour === 3 ? [chunk("PLTE", palette.flat())] : []),
          ...(colour === 3 && alpha ? [chunk("tRNS", [0, 100])] : []),
        ]
        const file = pngOf({ width, height, depth, colour, values, samples: samplesOf[colour], adam7, before })
        const read = right(decodePng(file))
        const expected =
          colour === 3
            ? values.flatMap((v) => (alpha ? [...palette[v]!, [0, 100][v] ?? 255] : palette[v]!))
            : values.map((v) => (depth < 8 ? (v * 255) / (2 ** depth - 1) : v))
        expect(read).toMatchObject({ width, height, channels: colour === 3 ? (alpha ? 4 : 3) : samplesOf[colour] })
        expect(read.data).toBeInstanceOf(depth === 16 ? Uint16Array : Uint8Array)
        expect([...read.data]).toEqual(expected)
      }),
      { numRuns: 30 },
    )
  })

  test.each([
    [0, 2, [2], [0, 1, 2, 3], [0, 255, 85, 255, 170, 0, 255, 255]],
    [0, 16, [515], [515, 1, 2, 3], [515, 0, 1, 65535, 2, 65535, 3, 65535]],
    [2, 8, [1, 2, 3], [1, 2, 3, 1, 2, 4], [1, 2, 3, 0, 1, 2, 4, 255]],
  ] as const)("a transparent colour becomes alpha: colour type %i, %i bits", (colour, depth, clear, values, expected) => {
    const samples = samplesOf[colour]
    const before = [
      chunk(
        "tRNS",
        clear.flatMap((v) => [v >> 8, v & 255]),
      ),
    ]
    const file = pngOf({ width: values.length / samples, height: 1, depth, colour, values: [...values], samples, adam7: false, before })
    expect([...right(decodePng(file)).data]).toEqual(expected)
  })

  test("filters of lines, as another encoder chooses them", () => {
    const data = Uint8Array.from({ length: 20 * 30 * 3 }, (_, i) => (i * i) >> 5)
    const file = encode({ width: 20, height: 30, channels: 3, depth: 8, data })
    expect(right(decodePng(Buffer.from(file)))).toEqual({ width: 20, height: 30, channels: 3, data })
  })

  test("text, profiles and unknown extras are stepped over", () => {
    const before = [chunk("tEXt", [65, 0, 66]), chunk("iCCP", [65, 0, 0, 1, 2, 3]), chunk("quIx", [1])]
    const file = pngOf({ width: 1, height: 1, depth: 8, colour: 0, values: [7], samples: 1, adam7: false, before })
    expect([...right(decodePng(file)).data]).toEqual([7])
  })
})

describe("what is refused, and how", () => {
  const signature = [137, 80, 78, 71, 13, 10, 26, 10]
  const end = chunk("IEND", [])
  const pixels = (bytes: readonly number[]) => chunk("IDAT", [...deflateSync(Uint8Array.from(bytes))])
  const file = (...chunks: readonly (readonly number[])[]) => Uint8Array.from([...signature, ...chunks.flat(), ...end])
  const grey = ihdr(1, 1, 8, 0, 0)

  test.each([
    [new Uint8Array(0), /^png: byte 0: expected the signature/],
    [Uint8Array.from(signature), /byte 8: expected a chunk of 0 bytes/],
    [file(pixels([0, 7])), /expected the chunk IHDR of 13 bytes first, found IDAT/],
    [file(ihdr(0, 1, 8, 0, 0), pixels([0])), /at least one pixel, found 0 x 1/],
    [file(ihdr(1, 1, 3, 0, 0), pixels([0, 7])), /3 bits of colour type 0 is no kind of PNG/],
    [file(ihdr(1, 1, 4, 2, 0), pixels([0, 7])), /4 bits of colour type 2/],
    [file(ihdr(1, 1, 4, 0, 1), pixels([0, 7])), /interlaced with 4 bits/],
    [file(grey), /inflate to 2 bytes, found 0 bytes/],
    [file(grey, pixels([0])), /inflate to 2 bytes/],
    [file(grey, pixels([0, 7, 7])), /inflate to 2 bytes/],
    [file(grey, pixels([9, 7])), /can't be decoded \(Unsupported filter: 9\)/],
    [file(grey, grey, pixels([0, 7])), /chunk IHDR: a chunk of this type is not known here/],
    [file(grey, chunk("ABCD", []), pixels([0, 7])), /chunk ABCD: a chunk of this type/],
    [file(grey, pixels([0, 7]), chunk("PLTE", [1, 2, 3])), /palette must come once, before/],
    [file(grey, chunk("tRNS", [1, 2, 3]), pixels([0, 7])), /3 bytes of transparency do not fit colour type 0/],
    [file(ihdr(1, 1, 8, 3, 0), pixels([0, 0])), /expected a palette/],
    [file(ihdr(1, 1, 1, 3, 0), chunk("PLTE", new Array(9).fill(0)), pixels([0, 0])), /expected 1 to 2 colours/],
    [file(ihdr(1, 1, 8, 3, 0), chunk("PLTE", [1, 2, 3]), pixels([0, 4])), /Incorrect index of palette color/],
    [file(ihdr(2 ** 31, 2 ** 31, 16, 6, 1), pixels([0, 7])), /more than maxBytes = 2147483648/],
    [file(ihdr(40_000, 40_000, 8, 0, 0), pixels([0, 7])), /inflate to 1600040000 bytes, found 10 bytes that don't/],
  ])("case %#", (bytes, message) => {
    expect(left(decodePng(bytes)).message).toMatch(message)
  })

  test("a changed bit, a cut", () => {
    const good = file(grey, pixels([0, 7]))
    expect(right(decodePng(good)).data[0]).toBe(7)
    for (let i = 0; i < good.length; i++) {
      const changed = good.slice()
      changed[i]! ^= 4
      expect(left(decodePng(changed)).message).toMatch(/^png: /)
      expect(left(decodePng(good.subarray(0, i))).message).toMatch(/^png: /)
    }
  })

  test("a bomb is not inflated past what its header says", () => {
    const bomb = file(grey, chunk("IDAT", [...deflateSync(new Uint8Array(10_000_000))]))
    expect(bomb.length).toBeLessThan(20_000)
    expect(left(decodePng(bomb)).message).toMatch(/inflate to 2 bytes/)
    const wide = file(ihdr(3000, 3000, 8, 0, 0), chunk("IDAT", [...deflateSync(new Uint8Array(3000 * 3001))]))
    expect(left(decodePng(wide, { maxBytes: 1_000_000, source: "a.png" })).message).toBe(
      "a.png: 3000 x 3000 pixels take 9003000 bytes, more than maxBytes = 1000000; raise it or make the picture smaller",
    )
  })

  test("the checksum is the format's", () => {
    expect(crc32(Uint8Array.from([73, 69, 78, 68]))).toBe(0xae426082) // IEND, as in every PNG file
  })
})
