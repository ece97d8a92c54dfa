import { readdirSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { alone } from "../support/processes.js"

const files = readdirSync("test", { recursive: true, encoding: "utf8" })
  .map((path) => `test/${path}`)
  .filter((path) => path.endsWith(".test.ts"))

test("a file that adds to a registry of the library has a process of its own", () => {
  const defines = /\b(?:define(?:Op|Layer|Solver|Adjoint|Rewrite)|lift)\b(?:<[^(]*>)?\(|\bvi\.stubGlobal\(/
  const defining = files.filter((path) => defines.test(readFileSync(path, "utf8")))
  expect(defining.length).toBeGreaterThan(5)
  expect(defining.filter((path) => !alone.includes(path))).toEqual([])
})

test("every file with a process of its own is there", () => {
  expect(alone.filter((path) => !path.includes("*") && !files.includes(path))).toEqual([])
})
