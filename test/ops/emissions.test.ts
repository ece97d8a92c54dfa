/** What ops tell of, held against its definition. */
import { expect, test } from "vitest"
import "../../src/implicit/index.js"
import { ops } from "../../src/core/index.js"
import * as laws from "../../src/laws/index.js"
import { emissionsLaw, telling } from "./reference/emissions.js"
import { opNamed } from "./reference/law.js"

test("every op that tells something has a definition of it", () => {
  expect([...ops().values()].flatMap((op) => (op.harvest === undefined ? [] : [op.name])).sort()).toEqual([...telling].sort())
})

for (const name of telling)
  test(`${name} tells what its definition says`, async () => {
    const [report] = await laws.assert(emissionsLaw(opNamed(name)))
    // not all of its examples are vacuous
    expect(report?.vacuous).toBeLessThan(report?.runs as number)
  })
