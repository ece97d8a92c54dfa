import * as fc from "fast-check"
import { expect, it } from "vitest"
import { SerialTable } from "../../../src/core/graph/serial-table.js"
import { applyOf, literal } from "../../../src/core/index.js"

const some = applyOf(literal(1))

it("holds what was set, and gives it back from the oldest on, however far apart it was made", () => {
  const serial = fc.oneof(fc.nat(300), fc.nat(100_000), fc.integer({ min: 2 ** 31, max: 2 ** 40 }))
  fc.assert(
    fc.property(fc.array(fc.tuple(serial, fc.integer({ min: 1, max: 1000 }))), serial, (entries, other) => {
      const [table, map] = [new SerialTable(), new Map<number, number>()]
      for (const [s, number] of entries) {
        table.set({ ...some, serial: s }, number)
        map.set(s, number)
      }
      for (const s of [other, ...map.keys()]) expect(table.get({ ...some, serial: s })).toBe(map.get(s) ?? 0)
      expect([...table.numbers()]).toEqual([...map].sort(([a], [b]) => a - b).map(([, number]) => number))
    }),
  )
})
