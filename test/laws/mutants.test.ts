/** Rules broken automatically: the laws catch them, and what is called equivalent is. The whole registry is `npm run evidence -- mutants`. */
import { expect, test } from "vitest"
import { opNamed } from "../ops/reference/law.js"
import { hunt } from "./broken-rules.js"
import { faultKinds, mutantsOf } from "./mutants/index.js"
import { rewired } from "./mutants/rewired.js"

const few = ["sub", "permute", "gather"]

test.each(few)("%s: every mutant is caught", { timeout: 300_000 }, async (name) => {
  const { mutants } = mutantsOf(opNamed(name), { slow: true })
  const survivors: string[] = []
  for (const m of mutants) if ((await hunt(m, 1024)) === null) survivors.push(`${m.rule}: ${m.what}`)
  expect(survivors).toEqual([])
  expect(mutants.length).toBeGreaterThan(20)
})

test("every kind of fault is made", { timeout: 300_000 }, () => {
  const kinds = new Set(["sub", "permute"].flatMap((name) => mutantsOf(opNamed(name), { slow: true }).mutants.map((m) => m.kind)))
  expect([...kinds].sort()).toEqual([...faultKinds].sort())
})

test("the terms of a sum may be exchanged, those of a difference may not", { timeout: 300_000 }, () => {
  const exchanged = (name: string) => {
    const { mutants, equivalents } = mutantsOf(opNamed(name), { slow: true })
    const lowered = (all: readonly { readonly rule: string; readonly what: string }[]) =>
      all.some((m) => m.rule === "lower" && m.what === "operands 0 and 1 exchanged")
    return { mutant: lowered(mutants), equivalent: lowered(equivalents) }
  }
  expect(exchanged("add")).toEqual({ mutant: false, equivalent: true })
  expect(exchanged("sub")).toEqual({ mutant: true, equivalent: false })
})

test("a rule that is rewired and left as it is holds", async () => {
  for (const rule of ["jvp", "transpose", "batch", "lower"] as const)
    expect(await hunt({ op: "sub", rule, what: "nothing", record: rewired(opNamed("sub"), rule, {}) }, 16)).toBeNull()
})
