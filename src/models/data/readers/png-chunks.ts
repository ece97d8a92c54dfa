/**
 * The chunks of a PNG file, checked before its pixels are decoded. Source: the PNG specification, third edition.
 *
 * The decoder behind this trusts sizes (it inflates without a limit and allocates what a chunk announces), so it is given nothing that was not
 * measured here.
 */
import { crc32, inflateSync } from "node:zlib"
import * as E from "fp-ts/lib/Either.js"
import type { DecodeError } from "../../failure.js"
import { inflated } from "./inflated.js"
import { deflateRatio, quoted, refuse } from "./limits.js"

export interface PngHeader {
  readonly width: number
  readonly height: number
  /** Bits of a sample. */
  readonly depth: number
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
  readonly colour: number
  readonly interlaced: boolean
}

export interface PngChunks {
  readonly header: PngHeader
  /** The samples of the colour that stands for nothing, where a grey or RGB picture has one. */
  readonly clear: readonly number[] | undefined
  /** A file with the chunks that the decoder needs, and no others. */
  readonly bare: Uint8Array
}

const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10)
const depths: Readonly<Record<number, readonly number[]>> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] }
const samples: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

interface Chunk {
  readonly type: string
  /** Where the chunk begins, with its length. */
  readonly at: number
  readonly data: Uint8Array
}

const chunkAt = (bytes: Uint8Array, view: DataView, at: number, source: string): E.Either<DecodeError, Chunk> => {
  const left = bytes.length - at - 12
  const length = left < 0 ? 0 : view.getUint32(at)
  if (left < 0 || length > left)
    return refuse(
      source,
      `byte ${at}: expected a chunk of ${length} bytes, found ${Math.max(0, left)} to the end; the file is truncated or damaged`,
    )
  const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
  if (!/^[A-Za-z]{4}$/.test(type))
    return refuse(source, `byte ${at + 4}: expected a chunk's type, found ${quoted(type)}; the file is damaged`)
  if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length))
    return refuse(source, `byte ${at}: the chunk ${type} has changed since it was written (CRC-32 differs); restore it from a copy`)
  return E.right({ type, at, data: bytes.subarray(at + 8, at + 8 + length) })
}

const headerOf = ({ type, at, data }: Chunk, source: string): E.Either<DecodeError, PngHeader> => {
  if (type !== "IHDR" || data.length !== 13)
    return refuse(source, `byte ${at}: expected the chunk IHDR of 13 bytes first, found ${type} of ${data.length}; the file is damaged`)
  const view = new DataView(data.buffer, data.byteOffset, 13)
  const [width, height, depth, colour] = [view.getUint32(0), view.getUint32(4), view.getUint8(8), view.getUint8(9)]
  if (width < 1 || height < 1)
    return refuse(source, `byte ${at + 8}: expected at least one pixel, found ${width} x ${height}; the file is damaged`)
  if (!(depths[colour]?.includes(depth) ?? false))
    return refuse(source, `byte ${at + 16}: ${depth} bits of colour type ${colour} is no kind of PNG; the file is damaged`)
  if (data[10] !== 0 || data[11] !== 0 || data[12]! > 1)
    return refuse(
      source,
      `byte ${at + 18}: unknown compression, filter or interlacing (${data.subarray(10).join(", ")}); the file is damaged`,
    )
  const interlaced = data[12] === 1
  return interlaced && depth < 8
    ? refuse(source, `it is interlaced with ${depth} bits a sample, which is not read; store it without interlacing`)
    : E.right({ width, height, depth, colour, interlaced })
}

/** What is wrong with a chunk that comes after `before`, or undefined. */
const misplaced = ({ type, data }: Chunk, { depth, colour }: PngHeader, before: readonly Chunk[]): string | undefined => {
  const had = (t: string) => before.find((chunk) => chunk.type === t)
  const entries = (had("PLTE")?.data.length ?? 0) / 3
  switch (type) {
    case "IDAT":
      return had("IDAT") !== undefined && before.at(-1)!.type !== "IDAT" ? "pixels must be in chunks one after another" : undefined
    case "PLTE": {
      if (had("PLTE") ?? had("IDAT") ?? had("tRNS")) return "the palette must come once, before transparency and pixels"
      if (colour === 0 || colour === 4) return `a grey picture (colour type ${colour}) has no palette`
      const most = colour === 3 ? 2 ** depth : 256
      return data.length % 3 === 0 && data.length > 0 && data.length <= 3 * most ? undefined : `expected 1 to ${most} colours of 3 bytes`
    }
    case "tRNS": {
      if (had("tRNS") ?? had("IDAT")) return "transparency must come once, before pixels"
      const fits =
        colour === 3 ? data.length > 0 && data.length <= entries : data.length === ({ 0: 2, 2: 6 } as Record<number, number>)[colour]
      return fits ? undefined : `${data.length} bytes of transparency do not fit colour type ${colour}`
    }
    default:
      return type === "IHDR" || /^[A-Z]/.test(type) ? "a chunk of this type is not known here" : undefined
  }
}

/** Bytes of pixels as they are deflated: lines of a filter byte and samples, of one picture or of the seven of Adam7. */
const rawBytes = ({ width, height, depth, colour, interlaced }: PngHeader): number => {
  const lines = (w: number, h: number) => (w === 0 || h === 0 ? 0 : h * (1 + Math.ceil((w * depth * samples[colour]!) / 8)))
  if (!interlaced) return lines(width, height)
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const
  const along = (size: number, from: number, step: number) => Math.max(0, Math.ceil((size - from) / step))
  return passes.reduce((sum, [x, y, dx, dy]) => sum + lines(along(width, x, dx), along(height, y, dy)), 0)
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

const bigEndian16 = (bytes: Uint8Array): readonly number[] =>
  Array.from({ length: bytes.length / 2 }, (_, i) => 256 * bytes[2 * i]! + bytes[2 * i + 1]!)

/** Every chunk up to IEND that pixels depend on. */
const chunksOf = (
  bytes: Uint8Array,
  source: string,
): E.Either<DecodeError, { readonly header: PngHeader; readonly kept: readonly Chunk[] }> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const first = chunkAt(bytes, view, 8, source)
  if (E.isLeft(first)) return first
  const header = headerOf(first.right, source)
  if (E.isLeft(header)) return header
  const kept: Chunk[] = [first.right]
  for (let at = 8 + 25; ; ) {
    const read = chunkAt(bytes, view, at, source)
    if (E.isLeft(read)) return read
    const chunk = read.right
    at += 12 + chunk.data.length
    if (chunk.type === "IEND") return E.right({ header: header.right, kept: [...kept, chunk] })
    const why = misplaced(chunk, header.right, kept)
    if (why !== undefined) return refuse(source, `byte ${chunk.at}: chunk ${chunk.type}: ${why}; the file is damaged`)
    if (/^[A-Z]/.test(chunk.type) || chunk.type === "tRNS") kept.push(chunk)
  }
}

/**
 * Checks a file's chunks: their order, sizes and checksums, and that the pixels are all there.
 *
 * @param maxBytes most bytes that decoded pixels, and pixels before they are decoded, may take
 */
export const checkPng = (bytes: Uint8Array, maxBytes: number, source: string): E.Either<DecodeError, PngChunks> => {
  if (!signature.every((byte, i) => bytes[i] === byte))
    return refuse(source, "byte 0: expected the signature of a PNG file, found another; convert the picture to PNG")
  const read = chunksOf(bytes, source)
  if (E.isLeft(read)) return read
  const { header, kept } = read.right
  const { width, height, depth, colour } = header
  const transparency = kept.find(({ type }) => type === "tRNS")?.data
  const channels = (colour === 3 ? 3 : samples[colour]!) + (transparency === undefined ? 0 : 1)
  const size = Math.max(rawBytes(header), width * height * channels * (depth === 16 ? 2 : 1))
  if (size > maxBytes)
    return refuse(
      source,
      `${width} x ${height} pixels take ${size} bytes, more than maxBytes = ${maxBytes}; raise it or make the picture smaller`,
    )
  if (colour === 3 && !kept.some(({ type }) => type === "PLTE"))
    return refuse(source, "expected a palette (PLTE), found none; the file is damaged")
  const pixels = kept.filter(({ type }) => type === "IDAT").map(({ data }) => data)
  const packed = joined(pixels)
  const raw = rawBytes(header)
  if (raw > packed.length * deflateRatio || inflated(inflateSync, packed, raw) === undefined)
    return refuse(
      source,
      `expected pixels that inflate to ${raw} bytes, found ${packed.length} bytes that don't; the file is truncated or damaged`,
    )
  const needed = kept.filter(({ type }) => type !== "tRNS" || colour === 3)
  const bare = joined([signature, ...needed.map(({ at, data }) => bytes.subarray(at, at + 12 + data.length))])
  const clear = colour === 3 || transparency === undefined ? undefined : bigEndian16(transparency)
  return E.right({ header, clear, bare })
}
