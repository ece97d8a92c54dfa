import fc from "fast-check"
import * as E from "fp-ts/lib/Either.js"
import { describe, expect, test } from "vitest"
import { decodeSafetensors, encodeSafetensors, type Safetensors, type StoredTensor } from "../../../src/models/checkpoint/index.js"
import { drawsOf } from "../../../src/models/data/index.js"
import { allBits, tensors, texts } from "./stored-tensors.js"

const right = <A>(either: E.Either<{ message: string }, A>): A => {
  if (E.isLeft(either)) throw new Error(either.left.message)
  return either.right
}
const left = <A>(either: E.Either<{ message: string }, A>): string => (E.isLeft(either) ? either.left.message : "a Right")

/** A file with this header, as any other program might have written it. */
const fileOf = (header: unknown, data: Uint8Array | number = 0, announced?: bigint): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header))
  const tail = typeof data === "number" ? new Uint8Array(data) : data
  const bytes = new Uint8Array(8 + json.length + tail.length)
  new DataView(bytes.buffer).setBigUint64(0, announced ?? BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(tail, 8 + json.length)
  return bytes
}

describe("round trip", () => {
  test("everything comes back to the bit, from any byte offset", () => {
    fc.assert(
      fc.property(tensors, texts, fc.nat({ max: 7 }), (all, metadata, shift) => {
        const bytes = right(encodeSafetensors({ tensors: all, metadata }))
        const moved = new Uint8Array(bytes.length + shift)
        moved.set(bytes, shift)
        const view = moved.subarray(shift)
        const back = right(decodeSafetensors(shift % 2 === 0 ? view : Buffer.from(view)))
        expect(allBits(back.tensors)).toEqual(allBits(all))
        expect({ ...back.metadata }).toEqual(metadata)
        expect(right(encodeSafetensors(back))).toEqual(bytes)
      }),
    )
  })

  test("the bytes are those of the format", () => {
    const bytes = right(
      encodeSafetensors({ tensors: { b: { dtype: "I32", shape: [2], data: Int32Array.of(1, -1) } }, metadata: { by: "hand" } }),
    )
    const header = `{"__metadata__":{"by":"hand"},"b":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}`
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8)
    expect(bytes).toEqual(fileOf(padded, Uint8Array.of(1, 0, 0, 0, 255, 255, 255, 255)))
  })

  test("the order of the record does not matter, wide elements come first, the data is aligned", () => {
    const w: StoredTensor = { dtype: "F32", shape: [], data: Float32Array.of(1) }
    const d: StoredTensor = { dtype: "F64", shape: [1], data: Float64Array.of(2) }
    const one = right(encodeSafetensors({ tensors: { a: w, z: d, m: w }, metadata: { x: "1", y: "2" } }))
    expect(right(encodeSafetensors({ tensors: { z: d, m: w, a: w }, metadata: { y: "2", x: "1" } }))).toEqual(one)
    expect(Object.keys(right(decodeSafetensors(one)).tensors)).toEqual(["z", "a", "m"])
    expect(Number(new DataView(one.buffer).getBigUint64(0, true)) % 8).toBe(0)
  })

  test("a view into a larger buffer is stored alone", () => {
    const data = Float32Array.of(0, 1, 2, 3).subarray(1, 3)
    const back = right(decodeSafetensors(right(encodeSafetensors({ tensors: { v: { dtype: "F32", shape: [2], data } }, metadata: {} }))))
    expect(back.tensors.v!.data).toEqual(Float32Array.of(1, 2))
    expect(back.tensors.v!.data.buffer.byteLength).toBe(8)
  })
})

describe("other dtypes are read without loss", () => {
  const read = (dtype: string, bytes: readonly number[], count: number) => {
    const { data, ...rest } = right(
      decodeSafetensors(fileOf({ a: { dtype, shape: [count], data_offsets: [0, bytes.length] } }, Uint8Array.from(bytes))),
    ).tensors.a as StoredTensor
    return { ...rest, data: [...data] }
  }
  test.each([
    ["F16", [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b, 0x00, 0x7c, 0x00, 0x80], "F32", [1, -2, 2 ** -24, 65504, Infinity, -0]],
    ["BF16", [0x80, 0x3f, 0x49, 0xc0, 0x80, 0xff], "F32", [1, -3.140625, -Infinity]],
    ["I64", [255, 255, 255, 255, 255, 255, 255, 255], "I32", [-1]],
    ["I64", [0, 0, 0, 0, 1, 0, 0, 0], "F64", [2 ** 32]],
    ["U64", [7, 0, 0, 0, 0, 0, 0, 0], "I32", [7]],
    ["U32", [255, 255, 255, 255], "F64", [2 ** 32 - 1]],
    ["I16", [0, 128, 1, 0], "I32", [-32768, 1]],
    ["U16", [0, 128], "I32", [32768]],
    ["I8", [128, 127], "I32", [-128, 127]],
    ["U8", [128, 127], "I32", [128, 127]],
    ["BOOL", [0, 1, 2], "I32", [0, 1, 1]],
  ])("%s", (dtype, bytes, kept, values) => {
    expect(read(dtype, bytes, values.length)).toEqual({ dtype: kept, shape: [values.length], data: values })
  })

  test("every half is the number that its bits say", () => {
    for (let bits = 0; bits < 65536; bits++) {
      const x = read("F16", [bits & 255, bits >> 8], 1).data[0] as number
      const [e, f] = [(bits >> 10) & 31, bits & 1023]
      const size = e === 0 ? f / 1024 / 2 ** 14 : e === 31 ? (f === 0 ? Infinity : Number.NaN) : (1 + f / 1024) * 2 ** (e - 15)
      if (!Object.is(x, bits >= 32768 ? -size : size)) throw new Error(`half ${bits}: ${x}`)
    }
  })
})

describe("what is refused on reading", () => {
  const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({ dtype: "F32", shape, data_offsets: [begin, end] })
  test.each<[string, Uint8Array, RegExp]>([
    ["an empty file", new Uint8Array(0), /at least 8 bytes of safetensors, found 0; the file is empty or truncated/],
    ["a truncated header", fileOf({ a: f32(0, 4) }, 4).subarray(0, 20), /announce a header of 54 bytes, but 12 follow/],
    ["truncated data", fileOf({ a: f32(0, 8) }, 4), /tensor "a" ends at byte 8 of the data, but there are only 4: the file is truncated/],
    ["an absurd header length", fileOf({}, 0, 2n ** 64n - 1n), /header of 18446744073709551615 bytes, but 2 follow/],
    ["a pickle", Uint8Array.of(0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 1), /looks like a Python pickle/],
    ["a zip", new TextEncoder().encode("PK\x03\x04 and so on and on"), /no safetensors file; it looks like a zip archive/],
    [
      "overlap",
      fileOf({ a: f32(0, 8), b: f32(4, 12) }, 12),
      /"b" begins at byte 4 of the data and overlaps the one before it, which ends at 8/,
    ],
    ["a gap", fileOf({ a: f32(0, 4), b: f32(8, 12) }, 12), /4 bytes of data before tensor "b" belong to no tensor/],
    ["a tail", fileOf({ a: f32(0, 4) }, 7), /the last 3 bytes of data belong to no tensor/],
    ["a shape that does not fit", fileOf({ a: f32(0, 8, [3]) }, 8), /"a": shape \[3\] of F32 takes 12 bytes, but its offsets hold 8/],
    ["a shape that overflows", fileOf({ a: f32(0, 8, [2 ** 40, 2 ** 40]) }, 8), /takes too many bytes/],
    [
      "ends before it begins",
      fileOf({ a: { dtype: "F32", shape: [1], data_offsets: [4, 0] } }, 4),
      /takes 4 bytes, but its offsets hold -4/,
    ],
    ["negative sizes", fileOf({ a: f32(0, 4, [-1, -1]) }, 4), /"a": "shape.0" must be a natural number, found -1/],
    [
      "a foreign dtype",
      fileOf({ a: { dtype: "F8_E5M2", shape: [4], data_offsets: [0, 4] } }, 4),
      /"dtype" must be one of F32, F64, I32, F16, .*found "F8_E5M2"/,
    ],
    [
      "integers that are no numbers",
      fileOf({ a: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, Uint8Array.of(1, 0, 0, 0, 0, 0, 32, 0)),
      /tensor "a": element 0 of I64 is beyond 2\^53/,
    ],
    [
      "no offsets",
      fileOf({ a: { dtype: "F32", shape: [] } }),
      /"data_offsets" must be a pair \[begin, end\] of byte offsets, found nothing/,
    ],
    ["no object", fileOf([1]), /must be a JSON object/],
    ["no JSON", fileOf('{"a": }'), /the header is not valid JSON/],
    ["no UTF-8", fileOf("  ").fill(0xff, 8), /not UTF-8/],
    ["metadata that is not text", fileOf({ __metadata__: { a: 1 } }), /__metadata__: "a" must be string, found 1/],
    [
      "a prototype as a name",
      fileOf(`{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4),
      /key "__proto__", which is not safe/,
    ],
    ["a prototype in a path", fileOf({ "a.constructor.b": f32(0, 4) }, 4), /name that is not safe to use as a path/],
    ["a prototype in the metadata", fileOf(`{"__metadata__":{"__proto__":"x"}}`), /key "__proto__"/],
    ["a header of a million brackets", fileOf("[".repeat(1e6) + "]".repeat(1e6)), /deeper than 100 levels/],
  ])("%s", (_, bytes, message) => {
    expect(left(decodeSafetensors(bytes, "x.safetensors"))).toMatch(message)
    expect(left(decodeSafetensors(bytes, "x.safetensors"))).toMatch(/^x\.safetensors: /)
    expect(({} as Record<string, unknown>).dtype).toBeUndefined()
  })

  test("2,000 damaged files: a Right or one sentence, never an exception, and quickly", () => {
    const good: Safetensors = {
      tensors: {
        "encoder.0.w": { dtype: "F32", shape: [3, 4], data: new Float32Array(12).fill(0.5) },
        step: { dtype: "I32", shape: [], data: Int32Array.of(7) },
        moments: { dtype: "F64", shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) },
      },
      metadata: { spec: `{"kind":"slate","slots":4}`, note: "é\n" },
    }
    const bytes = right(encodeSafetensors(good))
    const interesting = [0, 1, 0x22, 0x2c, 0x30, 0x39, 0x5b, 0x7b, 0x7d, 0x7f, 0x80, 0xff]
    const outcomes = { Left: 0, Right: 0 }
    const started = performance.now()
    for (let i = 0; i < 2000; i++) {
      const draws = drawsOf(2000, 0, i)
      let damaged = Uint8Array.from(bytes)
      for (let n = draws.below(4); n >= 0; n--) {
        const at = draws.below(damaged.length)
        switch (draws.below(5)) {
          case 0:
            damaged[at] = interesting[draws.below(interesting.length)]!
            break
          case 1:
            damaged[at]! ^= 1 << draws.below(8)
            break
          case 2:
            damaged = damaged.slice(0, at + 1)
            break
          case 3:
            damaged.copyWithin(at, draws.below(damaged.length))
            break
          default:
            damaged = Uint8Array.from([...damaged.subarray(0, at), ...damaged.subarray(draws.below(damaged.length))])
        }
        if (damaged.length === 0) break
      }
      const result = decodeSafetensors(damaged)
      outcomes[result._tag]++
      if (E.isLeft(result)) expect(result.left.message.length).toBeLessThan(400)
    }
    expect(performance.now() - started).toBeLessThan(20_000)
    expect(outcomes.Left).toBeGreaterThan(1000) // flips inside the data are legal files
    expect(outcomes.Right).toBeGreaterThan(50)
  })
})

describe("what is refused on writing", () => {
  const encode = (name: string, tensor: unknown) => left(encodeSafetensors({ tensors: { [name]: tensor as StoredTensor }, metadata: {} }))
  const data = Float32Array.of(1, 2)
  test.each([
    ["w", { dtype: "F32", shape: [3], data }, /"w" of shape \[3\] needs 3 elements, found 2/],
    ["w", { dtype: "F64", shape: [2], data }, /"w" of dtype F64 needs a Float64Array/],
    ["w", { dtype: "F16", shape: [2], data }, /"w" has dtype F16; expected F32, F64 or I32/],
    ["w", { dtype: "F32", shape: [-2, -1], data }, /sizes must be natural numbers/],
    ["__metadata__", { dtype: "F32", shape: [2], data }, /no tensor may be called "__metadata__"/],
    ["a.__proto__.b", { dtype: "F32", shape: [2], data }, /not safe to read back; rename it/],
  ])("%s %j", (name, tensor, message) => {
    expect(encode(name, tensor)).toMatch(message)
  })
})
