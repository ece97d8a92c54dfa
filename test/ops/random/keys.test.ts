import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type AnyTensor, physicalShape } from "../../../src/core/index.js"
import { foldIn, key, randomBits, split, splitKeys, uniform } from "../../../src/ops/index.js"
import { threefry } from "../reference/random.js"
import { dataOf, ndOf, testReferences } from "../support.js"

testReferences("threefry", "keyBits")

const hex = (words: readonly bigint[]) => words.map((w) => w.toString(16).padStart(8, "0")).join(" ")

/** Known answers for Threefry-2x32 with 20 rounds, from the authors' `kat_vectors` (Random123). */
const known = [
  { key: [0n, 0n], counter: [0n, 0n], words: "6b200159 99ba4efe" },
  { key: [0xffffffffn, 0xffffffffn], counter: [0xffffffffn, 0xffffffffn], words: "1cb996fc bb002be7" },
  { key: [0x13198a2en, 0x03707344n], counter: [0x243f6a88n, 0x85a308d3n], words: "c4923a9c 483df7a0" },
] as const

test.each(known)("the reference gives the known answer $words", ({ key: k, counter, words }) => {
  expect(hex(threefry(k, counter))).toBe(words)
})

/** The two words of each key in an array. */
const words = (keys: AnyTensor): readonly (readonly [bigint, bigint])[] => {
  expect(ndOf(keys).shape).toEqual(physicalShape(keys.type))
  const limbs = dataOf(keys).map(BigInt)
  return Array.from({ length: limbs.length / 4 }, (_, i) => {
    const at = (n: number) => limbs[4 * i + n] as bigint
    return [(at(0) << 16n) | at(1), (at(2) << 16n) | at(3)] as const
  })
}

const seeds = fc.maxSafeNat()

describe("keys, as JAX makes them with threefry_partitionable", () => {
  test("a seed is the two words of its 64 bits", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(words(key(seed))).toEqual([[BigInt(seed) >> 32n, BigInt(seed) & 0xffffffffn]])
      }),
    )
  })

  test("split(k, n)[i] is the block at counter i", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 5 }), (seed, n) => {
        const [k] = words(key(seed)) as [readonly [bigint, bigint]]
        const expected = Array.from({ length: n }, (_, i) => threefry(k, [0n, BigInt(i)]))
        expect(words(split(key(seed), n))).toEqual(expected)
        expect(splitKeys(key(seed), n).flatMap(words)).toEqual(expected)
      }),
    )
  })

  test("foldIn is the block at that counter modulo 2^32, from -2^31 to 2^31 - 1", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (seed, data) => {
        const [k] = words(key(seed)) as [readonly [bigint, bigint]]
        expect(words(foldIn(key(seed), data))).toEqual([threefry(k, [0n, BigInt.asUintN(32, BigInt(data))])])
      }),
    )
  })

  test.each([1.5, 2 ** 31, -(2 ** 31) - 1, Number.NaN, Number.POSITIVE_INFINITY])("foldIn refuses %s", (data) => {
    expect(() => foldIn(key(0), data)).toThrow(`foldIn: expected a whole number from -2^31 to 2^31 - 1, found ${data}`)
  })

  test("bits are the exclusive or of the block's words, as two halves", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (seed, a, b) => {
        const [k] = words(key(seed)) as [readonly [bigint, bigint]]
        const bits = randomBits(key(seed), [a, b])
        expect(bits.shape).toEqual([a, b, 2])
        const halves = dataOf(bits)
        for (let i = 0; i < a * b; i++) {
          const [x, y] = threefry(k, [0n, BigInt(i)])
          expect((BigInt(halves[2 * i] as number) << 16n) | BigInt(halves[2 * i + 1] as number)).toBe(x ^ y)
        }
      }),
    )
  })

  test("uniform is the upper 23 of those bits", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [k] = words(key(seed)) as [readonly [bigint, bigint]]
        const expected = Array.from({ length: 4 }, (_, i) => {
          const [x, y] = threefry(k, [0n, BigInt(i)])
          return Number((x ^ y) >> 9n) * 2 ** -23
        })
        expect(dataOf(uniform(key(seed), [4]))).toEqual(expected)
      }),
    )
  })
})

test("seeds that are no whole numbers of 53 bits are refused", () => {
  for (const bad of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => key(bad)).toThrow(/key: expected a whole number/)
})
