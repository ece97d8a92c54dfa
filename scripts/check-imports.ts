/** `npm run check:imports`: fails on an import in `src/` that breaks the rules of the house, and names files that grew long. */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { checkImports, type Tree } from "./imports/rules.js"

/** A file over about this many lines is usually two ideas. */
const longFile = 300

const root = new URL("../", import.meta.url)
const src = fileURLToPath(new URL("src/", root))

const readTree = (): Tree => {
  const paths = readdirSync(src, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts"))
    .sort()
  return new Map(paths.map((path) => [path, readFileSync(`${src}${path}`, "utf8")]))
}

const tree = readTree()
const manifest: { readonly dependencies?: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(new URL("package.json", root), "utf8"),
)

const long = [...tree].map(([path, text]) => ({ path, lines: text.split("\n").length - 1 })).filter(({ lines }) => lines > longFile)
if (long.length > 0) console.warn(`warning: ${long.length} files over ${longFile} lines (two ideas?)`)
for (const { path, lines } of long) console.warn(`  ${lines} src/${path}`)

const faults = checkImports(tree, Object.keys(manifest.dependencies ?? {}))
for (const fault of faults) console.error(fault)
console.log(`imports of ${tree.size} files: ${faults.length === 0 ? "all arrows go one way, no cycle" : `${faults.length} faults`}`)
process.exitCode = faults.length === 0 ? 0 : 1
