/** PNG pictures as samples. */
import { convertIndexedToRgb, type DecodedPng, decode } from "fast-png"
import * as E from "fp-ts/lib/Either.js"
import type { DecodeError } from "../../failure.js"
import { defaultMaxBytes, type ReadOptions, refuse } from "./limits.js"
import { checkPng, type PngChunks, type PngHeader } from "./png-chunks.js"

/** A picture: `data` is `[height, width, channels]` in row-major order from the top left corner. */
export interface Picture {
  readonly width: number
  readonly height: number
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
  readonly channels: number
  /** 8 bits of a sample, or 16 where the file has 16. */
  readonly data: Uint8Array | Uint16Array
}

/** Samples of 1, 2 or 4 bits, one a byte, not scaled. Lines begin at whole bytes. */
const unpacked = (packed: DecodedPng["data"], { width, height, depth }: PngHeader): Uint8Array => {
  const out = new Uint8Array(width * height)
  const line = Math.ceil((width * depth) / 8)
  const mask = 2 ** depth - 1
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth
      out[y * width + x] = (packed[y * line + (bit >> 3)]! >> (8 - depth - (bit & 7))) & mask
    }
  }
  return out
}

/** Samples with an alpha channel: 0 where a pixel has the transparent colour, else `most`. */
const withAlpha = (data: Uint8Array | Uint16Array, clear: readonly number[], most: number): Uint8Array | Uint16Array => {
  const channels = clear.length
  const pixels = data.length / channels
  const out = data instanceof Uint16Array ? new Uint16Array(pixels * (channels + 1)) : new Uint8Array(pixels * (channels + 1))
  for (let p = 0; p < pixels; p++) {
    let same = true
    for (let c = 0; c < channels; c++) {
      const value = data[p * channels + c]!
      out[p * (channels + 1) + c] = value
      same &&= value === clear[c]
    }
    out[p * (channels + 1) + channels] = same ? 0 : most
  }
  return out
}

const pictureOf = ({ bare, clear, header }: PngChunks): Picture => {
  const png = decode(bare)
  const { width, height, depth, colour } = header
  if (colour === 3) {
    const data = convertIndexedToRgb(png)
    return { width, height, channels: data.length / (width * height), data }
  }
  const whole = depth < 8 ? unpacked(png.data, header) : (png.data as Uint8Array | Uint16Array)
  const most = 2 ** depth - 1
  const data = clear === undefined ? whole : withAlpha(whole, clear, most)
  if (depth < 8) for (let i = 0; i < data.length; i++) data[i] = (data[i]! * 255) / most // exact: 255 is a multiple of 1, 3 and 15
  return { width, height, channels: data.length / (width * height), data }
}

/**
 * Reads the bytes of a PNG file: grey, RGB and palettes, each with or without alpha, 1 to 16 bits (fewer than 8 are scaled to 8),
 * interlaced from 8 bits on. A colour that is marked as transparent becomes an alpha channel. Gamma and colour profiles are not applied.
 *
 * Chunks, checksums and sizes are checked first, and the pixels inflated with a limit. A `Left` says at which byte what was expected.
 *
 * @example
 * const read = decodePng(readFileSync("scene.png"), { source: "scene.png" })
 * if (E.isRight(read)) console.log(read.right.width, read.right.height, read.right.channels)
 */
export const decodePng = (
  bytes: Uint8Array,
  { maxBytes = defaultMaxBytes, source = "png" }: ReadOptions = {},
): E.Either<DecodeError, Picture> => {
  const checked = checkPng(bytes, maxBytes, source)
  if (E.isLeft(checked)) return checked
  try {
    return E.right(pictureOf(checked.right))
  } catch (error) {
    return refuse(source, `its pixels can't be decoded (${error instanceof Error ? error.message : String(error)}); the file is damaged`)
  }
}
