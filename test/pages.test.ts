/** What pages claim of this tree: links lead to files, and names in the table of names are exported. */
import { existsSync, readdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { expect, test } from "vitest"
import { readPage, root } from "./support/pages.js"
import { entries, publicNames } from "./support/public-names.js"

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(`${root}docs`, { recursive: true, encoding: "utf8" })
    .map((name) => `docs/${name}`)
    // typedoc writes there
    .filter((name) => name.endsWith(".md") && !name.startsWith("docs/api/")),
]

/** Links of a page to files, without what points into other sites or within the page. */
const linksOf = (page: string): readonly string[] =>
  [...page.matchAll(/\]\((?<to>[^)\s]+)\)/g)]
    .map(({ groups }) => (groups?.to ?? "").replace(/#.*$/, ""))
    .filter((to) => to !== "" && !/^[a-z]+:/.test(to))

const missing = (path: string, page: string): readonly string[] => linksOf(page).filter((to) => !existsSync(join(root, dirname(path), to)))

test("a link that leads nowhere is found", () => {
  expect(missing("docs/x.md", "[a](../README.md) [b](nowhere.md) ![c](https://example.org/x.png) [d](#here)")).toEqual(["nowhere.md"])
})

test.each(pages)("links of %s lead to files", (path) => {
  expect(missing(path, readPage(path))).toEqual([])
})

/** Cells of a page's tables, row by row, without heads and rules. */
const rowsOf = (page: string): readonly (readonly string[])[] =>
  page.split("\n").flatMap((line, i, all) => {
    const next = all[i + 1] ?? ""
    return !line.startsWith("|") || line.startsWith("|--") || next.startsWith("|--")
      ? []
      : [
          line
            .split("|")
            .slice(1, -1)
            .map((cell) => cell.trim()),
        ]
  })

test("every cell of ours in FEATURES.md says yes, partly or no, and shows it unless it is no", () => {
  const rows = rowsOf(readPage("FEATURES.md"))
  expect(rows.length).toBeGreaterThan(40)
  const fair = /^(no|\[(yes|partly: [^\]]+)\]\([^)]+\))$/
  expect(rows.filter(([, ours]) => !fair.test(ours ?? "")).map((row) => row.slice(0, 2))).toEqual([])
  expect(rows.filter((row) => row.length !== 7)).toEqual([])
})

test("every cell of ours beside seventeen peers says yes, partly or no, and links to a test unless it is no", () => {
  const rows = rowsOf(readPage("docs/peers-features.md"))
  const [repositories, features] = [rows.filter(({ length }) => length === 3), rows.filter(({ length }) => length !== 3)]
  expect(repositories).toHaveLength(17)
  // a feature, ours, the others in the order of their repositories
  expect(features.filter(({ length }) => length !== 2 + 17).map(([feature]) => feature)).toEqual([])
  expect(features.length).toBeGreaterThan(70)
  const fair = /^(no|\[(yes|partly: [^\]]+)\]\(\.\.\/(test\/\S+\.(test|tst)|evidence\/\S+)\.ts\))$/
  expect(features.filter(([, ours]) => !fair.test(ours ?? "")).map((row) => row.slice(0, 2))).toEqual([])
  const known = /^([●◐○–]( \S.*)?|\S.*)$/
  expect(features.filter((row) => row.slice(2).some((cell) => !known.test(cell))).map(([feature]) => feature)).toEqual([])
})

test("every Stillpoint name in the table of names is exported by its entry", { timeout: 120_000 }, () => {
  const known = new Set(publicNames().map(({ entry, name }) => `${entry} ${name}`))
  expect(known.size).toBeGreaterThan(500)
  const claims = rowsOf(readPage("docs/names.md")).map(([, names, entry]) => ({
    entry: entry?.replaceAll("`", "") ?? "",
    names: [...(names ?? "").matchAll(/`(?<name>[^`]+)`/g)].map(({ groups }) => groups?.name ?? ""),
  }))
  expect(claims.length).toBeGreaterThan(60)
  expect(claims.filter(({ entry, names }) => names.length === 0 || !entries.some((e) => e.entry === entry))).toEqual([])
  const unknown = claims.flatMap(({ entry, names }) => names.map((name) => `${entry} ${name}`)).filter((claim) => !known.has(claim))
  expect(unknown).toEqual([])
})
