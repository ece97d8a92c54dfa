import { expect, test } from "vitest"
import "../../src/implicit/index.js"
import { ops } from "../../src/core/index.js"
import { references } from "./reference/index.js"

test("every op has a reference, and every reference an op", () => {
  expect(Object.keys(references).sort()).toEqual([...ops().keys()].sort())
})
