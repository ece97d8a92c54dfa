/** npy and npz: files that NumPy wrote, our own, and files that are wrong. */
import fc from "fast-check"
import { unzipSync, zipSync } from "fflate"
import { parse } from "npyjs"
import { describe, expect, test } from "vitest"
import { decodeNpy, decodeNpz, encodeNpy, encodeNpz, type NpyArray } from "../../../../src/models/data/index.js"
import { left, right } from "../../../support/either.js"
import { bytesOf, npyFiles, npzFiles } from "./numpy-files.js"

const kinds = {
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

/** Arrays of every dtype with random bits. */
const arrays: fc.Arbitrary<NpyArray> = fc.gen().map((g) => {
  const shape = g(fc.array, fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
  const dtype = g(fc.constantFrom<(keyof typeof kinds)[]>, ...(Object.keys(kinds) as (keyof typeof kinds)[]))
  const elements = shape.reduce((a, b) => a * b, 1)
  const length = elements * kinds[dtype].BYTES_PER_ELEMENT
  const bytes = g(fc.uint8Array, { minLength: length, maxLength: length, max: dtype === "bool" ? 1 : 255 })
  return { dtype, shape, data: new kinds[dtype](bytes.slice().buffer) } as NpyArray
})

/** An npy file with this header text, as any program might have written it. */
const fileOf = (header: string, data: number | Uint8Array = 0, version = 1): Uint8Array => {
  const text = new TextEncoder().encode(header)
  const wide = version === 1 ? 2 : 4
  const tail = typeof data === "number" ? new Uint8Array(data) : data
  const bytes = new Uint8Array(8 + wide + text.length + tail.length)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0])
  const view = new DataView(bytes.buffer)
  if (version === 1) view.setUint16(8, text.length, true)
  else view.setUint32(8, text.length, true)
  bytes.set(text, 8 + wide)
  bytes.set(tail, 8 + wide + text.length)
  return bytes
}

const header = (descr: string, shape: string, fortran = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`

describe("npy", () => {
  test.each(npyFiles)("reads what NumPy wrote: $name", ({ dtype, shape, values, file }) => {
    const read = right(decodeNpy(bytesOf(file)))
    expect({ dtype: read.dtype, shape: read.shape }).toEqual({ dtype, shape })
    expect([...read.data]).toEqual(values)
  })

  test("what we write comes back to the bit, from any byte offset, and npyjs reads the same", () => {
    fc.assert(
      fc.property(arrays, fc.nat({ max: 7 }), (array, shift) => {
        const bytes = right(encodeNpy(array))
        const moved = new Uint8Array(bytes.length + shift)
        moved.set(bytes, shift)
        const back = right(decodeNpy(moved.subarray(shift)))
        expect(back).toEqual(array)
        expect(right(encodeNpy(back))).toEqual(bytes)
        const other = parse(bytes.buffer)
        expect(other.shape).toEqual(array.shape)
        expect(Array.from(other.data as unknown as ArrayLike<unknown>, Number)).toEqual(
          Array.from(array.data as ArrayLike<unknown>, Number),
        )
      }),
    )
  })

  test("what we write is what NumPy writes", () => {
    for (const { name, file } of npyFiles) {
      if (/big|Fortran|version|float16/.test(name)) continue
      const bytes = bytesOf(file)
      expect([...right(encodeNpy(right(decodeNpy(bytes))))]).toEqual([...bytes])
    }
  })

  test("Fortran order against plain loops", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }), (shape) => {
        const n = shape.reduce((a, b) => a * b, 1)
        const file = fileOf(
          header("|u1", `(${shape.map((s) => `${s},`).join("")})`, "True"),
          Uint8Array.from({ length: n }, (_, i) => i),
        )
        const expected = Array.from({ length: n }, (_, flat) => {
          let [rest, stride, from] = [flat, 1, 0]
          const index = shape.map(() => 0)
          for (let a = shape.length - 1; a >= 0; a--) {
            index[a] = rest % shape[a]!
            rest = Math.floor(rest / shape[a]!)
          }
          shape.forEach((size, a) => {
            from += index[a]! * stride
            stride *= size
          })
          return from
        })
        expect([...right(decodeNpy(file)).data]).toEqual(expected)
      }),
    )
  })

  test.each([
    [new Uint8Array(0), /^npy: byte 0: expected an npy file .* found ""/],
    [fileOf(header("<f4", "(2,)"), 7), /shape \(2\) of 32 bits an element takes 8 bytes, found 7/],
    [fileOf(header("<f4", "(2,)"), 9), /takes 8 bytes, found 9/],
    [fileOf(header("<f8", "(9007199254740991, 2)")), /takes Infinity bytes, found 0/],
    [fileOf(header("<f8", "(99999999999999999,)")), /byte 61: expected a size from 0 to 2\^53 - 1, found "9999/],
    [fileOf(header("<f8", "(-1,)")), /byte 61: expected a size from 0 to 2\^53 - 1, found "-1/],
    [fileOf(header("|O", "(1,)"), 8), /found "\|O"; Python objects are pickled/],
    [fileOf(header("<c8", "(1,)"), 8), /real and the imaginary part/],
    [fileOf(header("<U3", "(1,)"), 12), /found "<U3"; convert it/],
    [fileOf("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", 4), /structured dtypes are not read/],
    [fileOf("{'descr': '<f4', 'descr': '<f4', 'shape': (1,)}", 4), /the key "descr" only once/],
    [fileOf("{'descr': '<f4', 'shape': (1,)}", 4), /expected the keys descr .* found "descr", "shape"/],
    [fileOf(`${header("<f4", "()")}x`, 4), /nothing after the dictionary, found "x"/],
    [fileOf("{'__proto__': True, 'fortran_order': False, 'shape': ()}", 4), /expected the keys/],
    [fileOf(header("<f4", `(${"1,".repeat(65)})`), 4), /at most 64 axes/],
    [fileOf(header("<f4", "()"), 4, 4), /expected version 1.0, 2.0 or 3.0 of the format, found 4.0/],
    [fileOf(header("<f4", "()"), 4).subarray(0, 40), /header of at most 30 bytes, found \d+ announced/],
    [fileOf(header("<f4", "()").padEnd(20_000), 4), /at most 10000 bytes/],
  ])("refuses what is wrong: case %#", (bytes, message) => {
    expect(left(decodeNpy(bytes)).message).toMatch(message)
  })

  test("maxBytes bounds the elements, halves counted as what they become", () => {
    const half = fileOf(header("<f2", "(8,)"), 16)
    expect(left(decodeNpy(half, { maxBytes: 31, source: "a.npy" })).message).toBe(
      "a.npy: its 32 bytes of elements are more than maxBytes = 31; raise it or read a smaller part",
    )
    expect(right(decodeNpy(half, { maxBytes: 32 })).data).toHaveLength(8)
  })

  test("an array that doesn't fit together is not written", () => {
    expect(left(encodeNpy({ dtype: "float32", shape: [3], data: new Float32Array(2) })).message).toMatch(
      /shape \[3\] has 3 elements, the data 2/,
    )
    expect(left(encodeNpy({ dtype: "int8", shape: [2], data: new Float32Array(2) } as never)).message).toMatch(
      /dtype int8 needs a Int8Array/,
    )
    expect(left(encodeNpy({ dtype: "toString", shape: [2], data: new Float32Array(2) } as never)).message).toMatch(
      /expected a dtype of bool/,
    )
  })
})

describe("npz", () => {
  const npy = right(encodeNpy({ dtype: "uint8", shape: [3], data: Uint8Array.of(1, 2, 3) }))

  test.each(Object.entries(npzFiles))("reads what NumPy wrote: %s", (_, file) => {
    const read = right(decodeNpz(bytesOf(file)))
    expect(Object.keys(read)).toEqual(["image", "z"])
    expect(read.image).toEqual({ dtype: "uint8", shape: [3, 4], data: Uint8Array.from({ length: 12 }, (_, i) => i) })
    expect(read.z).toEqual({ dtype: "float64", shape: [2], data: Float64Array.of(1.5, -2) })
  })

  test("what we write comes back to the bit, and another reader finds the members", () => {
    const names = fc.stringMatching(/^[a-z_]{1,8}(\/[a-z0-9]{1,4})?$/)
    fc.assert(
      fc.property(fc.dictionary(names, arrays, { maxKeys: 4 }), fc.boolean(), fc.nat({ max: 7 }), (all, compress, shift) => {
        const bytes = right(encodeNpz(all, { compress }))
        const moved = new Uint8Array(bytes.length + shift)
        moved.set(bytes, shift)
        const back = right(decodeNpz(moved.subarray(shift)))
        expect({ ...back }).toEqual({ ...all })
        expect(right(encodeNpz(back, { compress }))).toEqual(bytes)
        expect(Object.keys(unzipSync(bytes)).sort()).toEqual(
          Object.keys(all)
            .map((name) => `${name}.npy`)
            .sort(),
        )
      }),
    )
  })

  test("a name that an object already has is only a name", () => {
    const read = right(decodeNpz(zipSync({ "toString.npy": npy })))
    expect(Object.keys(read)).toEqual(["toString"])
    expect(Object.getPrototypeOf(read)).toBeNull()
  })

  test.each([
    [zipSync({ "../x.npy": npy }), /member "\.\.\/x\.npy": its name is not safe to use/],
    [zipSync({ "a/./x.npy": npy }), /not safe/],
    [zipSync({ "C:/x.npy": npy }), /not safe/],
    [zipSync({ "a.constructor.npy": npy }), /not safe/],
    [zipSync({ "__proto__.npy": npy }), /not safe/],
    [zipSync({ "x.txt": npy }), /member "x.txt": expected a name that ends in .npy/],
    [zipSync({ "x.npy": npy.subarray(1) }), /member "x.npy": byte 0: expected an npy file/],
    [new Uint8Array(30), /^npz: expected a zip archive, found no end record/],
    [zipSync({ "x.npy": npy }).subarray(1), /truncated or damaged|is damaged/],
  ])("refuses what is wrong: case %#", (bytes, message) => {
    expect(left(decodeNpz(bytes)).message).toMatch(message)
  })

  test("a bomb is refused before it is inflated, a liar where it lies", () => {
    const big = right(encodeNpy({ dtype: "uint8", shape: [10_000_000], data: new Uint8Array(10_000_000) }))
    const bomb = zipSync({ "x.npy": big })
    expect(bomb.length).toBeLessThan(20_000)
    expect(left(decodeNpz(bomb, { maxBytes: 1_000_000 })).message).toMatch(/take 10000128 bytes, more than maxBytes = 1000000/)
    const central = (bytes: Uint8Array) => bytes.findIndex((_, i) => bytes[i] === 0x50 && bytes[i + 1] === 0x4b && bytes[i + 2] === 1)
    const liar = bomb.slice()
    new DataView(liar.buffer).setUint32(central(liar) + 24, 1000, true)
    expect(left(decodeNpz(liar, { maxBytes: 1_000_000 })).message).toMatch(/do not give the 1000 that are announced/)
    const huge = bomb.slice()
    new DataView(huge.buffer).setUint32(central(huge) + 24, 2_000_000_000, true)
    expect(left(decodeNpz(huge)).message).toMatch(/can't hold the 2000000000/)
  })

  test("any flipped bit of the elements is found", () => {
    for (const level of [0, 6] as const) {
      const bytes = zipSync({ "x.npy": npy }, { level })
      const flipped = bytes.slice()
      flipped[30 + 5 + (level === 0 ? 129 : 10)]! ^= 1
      expect(left(decodeNpz(flipped)).message).toMatch(/CRC-32 differs|do not give/)
    }
  })

  /** An archive whose sizes stand in zip64 fields and records, as streaming writers make them. */
  const zip64 = (crc: number, size = BigInt(npy.length)) => {
    const name = new TextEncoder().encode("x.npy")
    const bytes = new Uint8Array(30 + 5 + npy.length + 46 + 5 + 28 + 56 + 20 + 22)
    const view = new DataView(bytes.buffer)
    const [local, central] = [0, 35 + npy.length]
    const [record, locator, end] = [central + 79, central + 135, central + 155]
    view.setUint32(local, 0x04034b50, true)
    view.setUint16(local + 26, 5, true)
    bytes.set(name, 30)
    bytes.set(npy, 35)
    view.setUint32(central, 0x02014b50, true)
    view.setUint32(central + 16, crc, true)
    for (const at of [20, 24, 42]) view.setUint32(central + at, 0xffffffff, true)
    view.setUint16(central + 28, 5, true)
    view.setUint16(central + 30, 28, true)
    bytes.set(name, central + 46)
    view.setUint16(central + 51, 1, true)
    view.setUint16(central + 53, 24, true)
    view.setBigUint64(central + 55, size, true)
    view.setBigUint64(central + 63, size, true)
    view.setUint32(record, 0x06064b50, true)
    view.setBigUint64(record + 32, 1n, true)
    view.setBigUint64(record + 40, 79n, true)
    view.setBigUint64(record + 48, BigInt(central), true)
    view.setUint32(locator, 0x07064b50, true)
    view.setBigUint64(locator + 8, BigInt(record), true)
    view.setUint32(end, 0x06054b50, true)
    for (const at of [8, 10]) view.setUint16(end + at, 0xffff, true)
    for (const at of [12, 16]) view.setUint32(end + at, 0xffffffff, true)
    return bytes
  }

  test("zip64 sizes are read, and guarded", () => {
    const plain = zipSync({ "x.npy": npy }, { level: 0 })
    const crc = new DataView(plain.buffer, plain.byteOffset).getUint32(14, true)
    expect(right(decodeNpz(zip64(crc))).x?.data).toEqual(Uint8Array.of(1, 2, 3))
    expect(left(decodeNpz(zip64(crc, 2n ** 63n))).message).toMatch(/take Infinity bytes|expected its Infinity bytes/)
    expect(left(decodeNpz(zip64(crc, 2n ** 40n))).message).toMatch(/expected its 1099511627776 bytes/)
  })
})
