/** PNG files of any kind, written by plain loops and without filters. */
import { crc32, deflateSync } from "node:zlib"

const u32 = (n: number): readonly number[] => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]

/** A chunk with its length and checksum. */
export const chunk = (type: string, data: readonly number[]): readonly number[] => {
  const body = [...type].map((c) => c.charCodeAt(0)).concat(data)
  return [...u32(data.length), ...body, ...u32(crc32(Uint8Array.from(body)))]
}

export const ihdr = (width: number, height: number, depth: number, colour: number, interlace: number) =>
  chunk("IHDR", [...u32(width), ...u32(height), depth, colour, 0, 0, interlace])

export interface Kind {
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly colour: number
  /** Samples of a pixel. */
  readonly samples: number
  readonly values: readonly number[]
  readonly adam7: boolean
  /** Chunks before the pixels. */
  readonly before: readonly (readonly number[])[]
}

/** Adam7 as in the specification's picture: the pass of each pixel of an 8 x 8 tile. */
const passes = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"]

const line = (values: readonly number[], depth: number): readonly number[] => {
  const bits = values.map((v) => v.toString(2).padStart(depth, "0")).join("")
  return [0, ...(bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2))]
}

export const pngOf = ({ width, height, depth, colour, samples, values, adam7, before }: Kind): Uint8Array => {
  const raw: number[] = []
  for (const pass of adam7 ? "1234567" : "*") {
    for (let y = 0; y < height; y++) {
      const row: number[] = []
      for (let x = 0; x < width; x++)
        if (!adam7 || passes[y % 8]![x % 8] === pass) row.push(...values.slice((y * width + x) * samples, (y * width + x + 1) * samples))
      if (row.length > 0) raw.push(...line(row, depth))
    }
  }
  const packed = [...deflateSync(Uint8Array.from(raw))]
  const cut = packed.length >> 1
  const chunks = [
    ihdr(width, height, depth, colour, adam7 ? 1 : 0),
    ...before,
    chunk("IDAT", packed.slice(0, cut)),
    chunk("IDAT", packed.slice(cut)),
  ]
  return Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, ...chunks.flat(), ...chunk("IEND", [])])
}
