/** The guide as it stands: its code compiles, it runs, and prints what the pages show. */
import { readdirSync } from "node:fs"
import { expect, test } from "vitest"
import { blocksOf, readPage, root, runPage, typeErrors, withOutputs, writePages } from "./support/pages.js"

const names = readdirSync(`${root}docs/guide`).filter((name) => /^\d\d-.*\.md$/.test(name))
const files = writePages(
  "guide-test",
  names.map((name) => `docs/guide/${name}`),
)

test("there are six pages, and the index names each", () => {
  expect(names.length).toBeGreaterThanOrEqual(6)
  const index = readPage("docs/guide/README.md")
  expect(names.filter((name) => !index.includes(`(${name})`))).toEqual([])
})

test("their code compiles", { timeout: 120_000 }, () => {
  expect(typeErrors(Object.values(files))).toEqual([])
})

test.each(names)("%s prints what it shows", { timeout: 120_000 }, (name) => {
  const path = `docs/guide/${name}`
  const shown = blocksOf(readPage(path)).map(({ output }) => output)
  expect(shown.filter((output) => output !== "").length).toBeGreaterThan(1)
  // written by `npm run docs:guide`
  expect(runPage(files[path] as string)).toEqual(shown)
})

test("outputs are put where their blocks are", () => {
  const page = "# a\n\n```ts\none()\n```\n\n```text\nold\n```\n\nwords\n\n```ts\ntwo()\n```\n\n```sh\nnot ours\n```\n"
  expect(blocksOf(page)).toEqual([
    { code: "one()\n", output: "old\n" },
    { code: "two()\n", output: "" },
  ])
  const changed = withOutputs(page, ["", "new\n"])
  expect(blocksOf(changed).map(({ output }) => output)).toEqual(["", "new\n"])
  expect(withOutputs(changed, ["old\n", ""])).toBe(page)
})
