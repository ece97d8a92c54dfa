/** npy, npz, PNG and safetensors. Half of the changes are made inside, with lengths and checksums put right, so that they get past those. */
import { crc32 } from "node:zlib"
import { unzipSync, type Zippable, zipSync } from "fflate"
import {
  type Draws,
  decodeNpy,
  decodeNpz,
  decodePng,
  decodeSafetensors,
  encodeNpy,
  encodeNpz,
  encodeSafetensors,
  type NpyArray,
  type NpzArrays,
  type Picture,
  type Safetensors,
  type StoredTensor,
} from "../../src/models/index.js"
import { chunk, pngOf } from "../../test/models/data/readers/png-writer.js"
import { right } from "../../test/support/either.js"
import { changeBytes, changed, changeText } from "./mutate.js"
import { bytesOfText, maxBytes, pick, type Reader, textOf } from "./reader.js"

const dtypes = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const

const bytes = (d: Draws, n: number, below = 256): Uint8Array => Uint8Array.from({ length: n }, () => d.below(below))
const shape = (d: Draws): readonly number[] => Array.from({ length: d.below(4) }, () => d.below(5))
const elements = (of: readonly number[]): number => of.reduce((a, b) => a * b, 1)

const array = (d: Draws): NpyArray => {
  const dtype = pick(d, Object.keys(dtypes) as (keyof typeof dtypes)[])
  const of = shape(d)
  const data = bytes(d, elements(of) * dtypes[dtype].BYTES_PER_ELEMENT, dtype === "bool" ? 2 : 256)
  return { dtype, shape: of, data: new dtypes[dtype](data.buffer as ArrayBuffer) } as NpyArray
}

/** An npy file whose header's text is changed and whose announced length is right. */
const rewriteHeader = (d: Draws, file: Uint8Array, change: (text: string) => string): Uint8Array => {
  const end = 10 + new DataView(file.buffer, file.byteOffset).getUint16(8, true)
  const header = Buffer.from(change(Buffer.from(file.subarray(10, end)).toString("latin1")), "latin1").subarray(0, 65_535)
  const wide = d.below(4) === 0
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, wide ? pick(d, [2, 3]) : 1, 0, ...new Uint8Array(wide ? 4 : 2)])
  if (wide) start.writeUInt32LE(header.length, 8)
  else start.writeUInt16LE(header.length, 8)
  return Uint8Array.from(Buffer.concat([start, header, file.subarray(end)]))
}

const descriptions = ["<f2", ">f2", ">f4", ">i8", "<u2", "|b1", "|u1", "|O", "<c16", "<U4", "=f8", "f4", "|V8", "__proto__", "<f16", ""]
const sizes = [
  "(-1,)",
  "(1e9,)",
  "(99999999999,)",
  "(0, 99999999999)",
  "(9007199254740993,)",
  "()",
  "(4,4,4)",
  "(((",
  "(2, 3",
  "(1L, 2L)",
  "(NaN,)",
  "('a',)",
]

const spoilNpy = (d: Draws, input: Uint8Array, other: Uint8Array): Uint8Array => {
  if (d.below(2) === 0 || input.length < 12) return changed(d, changeBytes, input, other)
  return rewriteHeader(d, input, (text) => {
    switch (d.below(6)) {
      case 0:
        return text.replace(/'[<>|=].\d'/, `'${pick(d, descriptions)}'`)
      case 1:
        return text.replace(/\(.*\)/, pick(d, sizes))
      case 2:
        return text.replace("False", "True")
      case 3:
        return text.replace("<", ">")
      case 4:
        return text.replace("{", `{'${pick(d, ["descr", "__proto__", "constructor", "shape"])}': ${"(".repeat(d.below(3000))}`)
      default:
        return textOf(changed(d, changeBytes, bytesOfText(text), bytesOfText(text)))
    }
  })
}

export const npy: Reader<NpyArray> = {
  name: "npy",
  make: (d) => {
    const file = right(encodeNpy(array(d)))
    return d.below(2) === 0
      ? file
      : rewriteHeader(d, file, (text) => text.replace("<", pick(d, ["<", ">"])).replace("False", pick(d, ["False", "True"])))
  },
  spoil: spoilNpy,
  read: (input) => decodeNpy(input, { maxBytes }),
  write: (a) => right(encodeNpy(a)),
  fileNames: () => [],
}

const memberNames = [
  "../x.npy",
  "/x.npy",
  "a/../../x.npy",
  "C:\\x.npy",
  "__proto__.npy",
  "a.constructor.npy",
  "x.txt",
  ".npy",
  "a//b.npy",
  "é.npy",
  "a\u0000.npy",
]

export const npz: Reader<NpzArrays> = {
  name: "npz",
  make: (d) =>
    right(
      encodeNpz(Object.fromEntries(Array.from({ length: d.below(4) }, (_, i) => [`array${i}`, array(d)])), { compress: d.below(2) === 0 }),
    ),
  spoil: (d, input, other) => {
    if (d.below(2) === 0) return changed(d, changeBytes, input, other)
    const files: Zippable = Object.create(null)
    for (const [name, file] of Object.entries(unzipSync(input)))
      files[d.below(3) === 0 ? pick(d, memberNames) : name] = d.below(2) === 0 ? spoilNpy(d, file, file) : file
    if (d.below(4) === 0) files["bomb.npy"] = new Uint8Array(pick(d, [100_000, 4_000_000]))
    return zipSync(files, { level: pick(d, [0, 6] as const) })
  },
  read: (input) => decodeNpz(input, { maxBytes }),
  write: (a) => right(encodeNpz(a)),
  fileNames: Object.keys,
}

const kinds = [
  [0, 1, 1],
  [0, 4, 1],
  [0, 8, 1],
  [0, 16, 1],
  [2, 8, 3],
  [2, 16, 3],
  [3, 2, 1],
  [3, 8, 1],
  [4, 8, 2],
  [6, 8, 4],
  [6, 16, 4],
] as const

const picture = (d: Draws): Uint8Array => {
  const [colour, depth, samples] = pick(d, kinds)
  const [width, height] = [1 + d.below(9), 1 + d.below(9)]
  const values = Array.from({ length: width * height * samples }, () => d.below(2 ** depth))
  const before = [
    ...(colour === 3 ? [chunk("PLTE", [...bytes(d, 3 * 2 ** depth)])] : []),
    ...(colour === 3 && d.below(2) === 0 ? [chunk("tRNS", [3, 200])] : []),
    ...(d.below(4) === 0 ? [chunk("tEXt", [65, 0, 66])] : []),
  ]
  return pngOf({ width, height, depth, colour, samples, values, adam7: depth >= 8 && d.below(3) === 0, before })
}

/** A picture's chunks, as far as they are there. */
const chunksOf = (file: Uint8Array): { readonly type: string; readonly data: Uint8Array }[] => {
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const chunks = []
  for (let at = 8; at + 12 <= file.length; ) {
    const length = view.getUint32(at)
    chunks.push({ type: Buffer.from(file.subarray(at + 4, at + 8)).toString("latin1"), data: file.slice(at + 8, at + 8 + length) })
    at += 12 + length
  }
  return chunks
}

const chunkTypes = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND", "acTL", "fcTL", "iCCP", "tEXt", "ABCD"]

const spoilChunks = (d: Draws, input: Uint8Array): Uint8Array => {
  let chunks = chunksOf(input)
  do {
    const at = d.below(chunks.length)
    const { type, data } = chunks[at]!
    switch (d.below(5)) {
      case 0:
        chunks = chunks.toSpliced(at, 1)
        break
      case 1:
        chunks = chunks.toSpliced(d.below(chunks.length), 0, chunks[at]!)
        break
      case 2:
        chunks = chunks.toSpliced(at, 0, { type: pick(d, chunkTypes), data: bytes(d, d.below(30)) })
        break
      default:
        chunks = chunks.with(at, { type, data: changeBytes(d, data, data) })
    }
  } while (d.below(3) === 0 && chunks.length > 0)
  const parts = chunks.map(({ type, data }) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  })
  return Uint8Array.from(Buffer.concat([input.subarray(0, 8), ...parts]))
}

export const png: Reader<Picture> = {
  name: "png",
  make: picture,
  spoil: (d, input, other) => (d.below(2) === 0 ? changed(d, changeBytes, input, other) : spoilChunks(d, input)),
  read: (input) => decodePng(input, { maxBytes }),
  write: ({ width, height, channels, data }) => {
    const [depth, colour] = [data instanceof Uint16Array ? 16 : 8, [0, 0, 4, 2, 6][channels]!]
    return pngOf({ width, height, depth, colour, samples: channels, values: [...data], adam7: false, before: [] })
  },
  fileNames: () => [],
}

const stored = (d: Draws): StoredTensor => {
  const of = shape(d)
  const dtype = pick(d, ["F32", "F64", "I32"] as const)
  const { buffer } = bytes(d, elements(of) * (dtype === "F64" ? 8 : 4))
  const data = dtype === "F32" ? new Float32Array(buffer) : dtype === "F64" ? new Float64Array(buffer) : new Int32Array(buffer)
  return { dtype, shape: of, data } as StoredTensor
}

export const safetensors: Reader<Safetensors> = {
  name: "safetensors",
  make: (d) =>
    right(
      encodeSafetensors({
        tensors: Object.fromEntries(Array.from({ length: d.below(4) }, (_, i) => [`layer.${i}/w`, stored(d)])),
        metadata: d.below(2) === 0 ? {} : { step: "3", note: 'a "quote"' },
      }),
    ),
  spoil: (d, input, other) => {
    if (d.below(2) === 0) return changed(d, changeBytes, input, other)
    const split = (file: Uint8Array) => 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
    const [end, otherEnd] = [split(input), split(other)]
    const header = Buffer.from(changed(d, changeText, textOf(input.subarray(8, end)), textOf(other.subarray(8, otherEnd))))
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(header.length))
    return Uint8Array.from(Buffer.concat([length, header, input.subarray(end)]))
  },
  read: (input) => decodeSafetensors(input),
  write: (a) => right(encodeSafetensors(a)),
  fileNames: () => [],
}
