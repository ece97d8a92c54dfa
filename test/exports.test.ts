/** What the package offers: every entry can be imported, by any name it exports. */
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { describe, expect, test } from "vitest"

const root = new URL("../", import.meta.url)
const { exports }: { readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>> } =
  JSON.parse(readFileSync(new URL("package.json", root), "utf8"))

/** The source of what is published as `./dist/NAME.js`. */
const sourceOf = (published: string): URL => new URL(published.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts"), root)
const entries = Object.entries(exports).flatMap(([name, target]) =>
  typeof target === "string" ? [] : [{ name, source: sourceOf(target.default), types: target.types, code: target.default }],
)

/** Words that can't name a variable: `import { NAME }` of them fails. */
const reserved = (name: string): boolean => {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, true, ts.LanguageVariant.Standard, name)
  const token = scanner.scan()
  return token >= ts.SyntaxKind.FirstReservedWord && token <= ts.SyntaxKind.LastFutureReservedWord
}

describe("entries", () => {
  test("there are some, and each has types beside its code", () => {
    expect(entries.map((e) => e.name)).toEqual(expect.arrayContaining([".", "./core", "./ops", "./implicit", "./laws", "./models"]))
    for (const { types, code } of entries) expect(types).toBe(code.replace(/\.js$/, ".d.ts"))
  })

  test.each(entries)("$name is imported dynamically and exports no `then` and no reserved word", async ({ source }) => {
    expect(existsSync(source)).toBe(true)
    const names = Object.keys(await import(fileURLToPath(source)))
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((n) => n === "then" || reserved(n))).toEqual([])
  })

  test("reserved words are known", () => {
    expect(["default", "with", "let", "static", "yield", "class"].map(reserved)).toEqual([true, true, true, true, true, true])
    expect(["cond", "scan", "whileLoop", "of", "type"].map(reserved)).toEqual([false, false, false, false, false])
  })
})
