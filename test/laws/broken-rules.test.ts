/** Each broken rule is caught: by `laws.op`, or, for `lower`, by the op's independent reference (test/ops/reference). */
import { expect, test } from "vitest"
import { ops } from "../../src/core/index.js"
import { opNamed } from "../ops/reference/law.js"
import { brokenRules, hunt, inputsFor, kindsOf } from "./broken-rules.js"

const registered = new Map(ops())

test("every op has a broken rule of every kind that it has", () => {
  const there = new Set(brokenRules.map(({ op, rule }) => `${op}: ${rule}`))
  const missing = [...ops().values()].flatMap((op) => kindsOf(op).map((kind) => `${op.name}: ${kind}`)).filter((one) => !there.has(one))
  expect(missing).toEqual([])
})

test("no broken rule is in the list twice, and each replaces one field of its record", () => {
  expect(new Set(brokenRules.map(({ op, rule, what }) => `${op} ${rule} ${what}`)).size).toBe(brokenRules.length)
  for (const { op, rule, record } of brokenRules) {
    const good = opNamed(op)
    const changed = Object.keys(record).filter((key) => record[key as keyof typeof record] !== good[key as keyof typeof good])
    expect(changed).toEqual([rule])
    expect(Object.keys(record)).toEqual(Object.keys(good))
  }
})

for (const name of ops().keys()) {
  const own = brokenRules.filter(({ op }) => op === name)
  test(`${name}: ${own.length} broken rules are caught`, { timeout: 300_000 }, async () => {
    const survivors: string[] = []
    for (const rule of own) if ((await hunt(rule, inputsFor(name))) === null) survivors.push(`${name}, ${rule.rule}: ${rule.what}`)
    expect(survivors).toEqual([])
  })
}

test("a rule that is not broken is not caught", async () => {
  for (const name of ["mul", "gather", "scan"])
    for (const rule of ["batch", "lower"] as const)
      expect(await hunt({ op: name, rule, what: "nothing", record: opNamed(name) }, 16)).toBeNull()
})

test("the registry still holds the right records", () => {
  expect([...ops()]).toEqual([...registered])
  const wrong = new Set(brokenRules.map(({ record }) => record))
  expect([...ops().values()].filter((op) => wrong.has(op))).toEqual([])
})
