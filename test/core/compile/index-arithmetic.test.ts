import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { at, axis, divides, floorDiv, inRange, modulo, plus, times } from "../../../src/core/compile/build-nest.js"
import { isAffine, simplifyGuards, simplifyIx } from "../../../src/core/compile/index-arithmetic.js"
import type { Guard, Ix } from "../../../src/core/compile/nest.js"

const extents = [3, 4, 1, 5]

const value = (ix: Ix, v: readonly number[]): number => {
  switch (ix.t) {
    case "const":
      return ix.value
    case "var":
      return v[ix.axis] as number
    case "add":
      return value(ix.a, v) + value(ix.b, v)
    case "mul":
      return value(ix.a, v) * ix.by
    case "div":
      return Math.floor(value(ix.a, v) / ix.by)
    case "mod":
      return value(ix.a, v) - ix.by * Math.floor(value(ix.a, v) / ix.by)
    case "value":
      throw new Error("no data here")
  }
}

const holds = (g: Guard, v: readonly number[]) => {
  const n = value(g.ix, v)
  return g.t === "range" ? g.lo <= n && n < g.hi : n - g.by * Math.floor(n / g.by) === 0
}

const everywhere = (check: (v: readonly number[]) => void) => {
  for (let a = 0; a < 3; a++) for (let b = 0; b < 4; b++) for (let d = 0; d < 5; d++) check([a, b, 0, d])
}

const { ix } = fc.letrec<{ ix: Ix }>((tie) => ({
  ix: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.integer({ min: -9, max: 9 }).map(at),
    fc.integer({ min: 0, max: 3 }).map(axis),
    fc.tuple(tie("ix"), tie("ix")).map(([a, b]): Ix => ({ t: "add", a, b })),
    fc.tuple(tie("ix"), fc.integer({ min: -6, max: 6 })).map(([a, by]): Ix => ({ t: "mul", a, by })),
    fc.tuple(tie("ix"), fc.integer({ min: 1, max: 6 })).map(([a, by]): Ix => ({ t: "div", a, by })),
    fc.tuple(tie("ix"), fc.integer({ min: 1, max: 6 })).map(([a, by]): Ix => ({ t: "mod", a, by })),
  ),
}))

describe("index arithmetic", () => {
  it("is exact", () => {
    fc.assert(
      fc.property(ix, (ix) => {
        const simple = simplifyIx(ix, extents)
        everywhere((v) => void expect(value(simple, v) + 0).toBe(value(ix, v) + 0))
      }),
    )
  })

  it("keeps the guards that are in doubt", () => {
    const guard = fc.oneof(
      fc.tuple(ix, fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 20 })).map(([i, lo, n]) => inRange(i, lo, lo + n)),
      fc.tuple(ix, fc.integer({ min: 1, max: 4 })).map(([i, by]) => divides(i, by)),
    )
    fc.assert(
      fc.property(fc.array(guard, { maxLength: 3 }), (guards) => {
        const simple = simplifyGuards(guards, extents)
        everywhere((v) => void expect(simple?.every((g) => holds(g, v)) ?? false).toBe(guards.every((g) => holds(g, v))))
      }),
    )
  })

  const flat = plus(plus(times(axis(0), 20), times(axis(1), 5)), axis(3))
  const cases: readonly (readonly [string, Ix, Ix])[] = [
    ["(20 i + 5 j + k) / 5 = 4 i + j", floorDiv(flat, 5), plus(times(axis(0), 4), axis(1))],
    ["(20 i + 5 j + k) / 20 = i", floorDiv(flat, 20), axis(0)],
    ["(20 i + 5 j + k) mod 5 = k", modulo(flat, 5), axis(3)],
    ["((20 i + 5 j + k) / 5) mod 4 = j", modulo(floorDiv(flat, 5), 4), axis(1)],
    ["2 (k / 2) + k mod 2 = k", plus(times(floorDiv(axis(3), 2), 2), modulo(axis(3), 2)), axis(3)],
    ["an axis of size 1 is 0", axis(2), at(0)],
  ]
  it.each(cases)("%s", (_, long, short) => {
    const simple = simplifyIx(long, extents)
    expect(isAffine(simple)).toBe(true)
    expect(simple).toEqual(simplifyIx(short, extents))
  })
})
