/** Values in messages, and how deep data nests: whatever comes in, without recursion into all of it. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { nestsDeeperThan, shown } from "../../src/core/index.js"

/** So deep that JSON.stringify of it overflows the stack. */
const deep = (): unknown => JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`)

describe("shown", () => {
  test.each([
    [undefined, "nothing"],
    [null, "null"],
    [Number.NaN, "NaN"],
    ["four", '"four"'],
    [[1, "b", null], '[1,"b",null]'],
    [{ a: { b: [true] } }, '{"a":{"b":[true]}}'],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9], "[1,2,3,4,5,6,7,8,...]"],
    [[[[[[1]]]]], "[[[[[...]]]]]"],
    [JSON.parse('{"toString":1,"__proto__":2}'), '{"toString":1,"__proto__":2}'],
    [10n, "10"],
  ])("%#: %s", (value, text) => {
    expect(shown(value)).toBe(text)
  })

  test("is what JSON writes where that is short, and short where it isn't", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const text = JSON.stringify(value)
        expect(shown(value).length).toBeLessThanOrEqual(60)
        if (text.length <= 60 && shown(value) !== text) expect(shown(value)).toContain("...")
      }),
    )
    expect(() => JSON.stringify(deep())).toThrow(RangeError)
    expect(shown(deep())).toBe("[[[[[...]]]]]")
    expect(shown({ a: deep() })).toBe('{"a":[[[[...]]]]}')
  })
})

test("nestsDeeperThan counts levels", () => {
  expect([1, "a", null, undefined].map((x) => nestsDeeperThan(x, 0))).toEqual([false, false, false, false])
  expect([0, 1, 2, 3].map((levels) => nestsDeeperThan([1, { a: [] }], levels))).toEqual([true, true, true, false])
  expect(nestsDeeperThan(deep(), 100)).toBe(true)
  expect(nestsDeeperThan(deep(), 50_000)).toBe(false)
})
