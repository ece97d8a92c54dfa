/**
 * The rules of the house, as data and one pure function over the texts of all files in `src/`:
 * imports go one way between the top-level folders, a folder shows its `index.ts` only, and no import goes round in a cycle.
 */
import { posix } from "node:path"
import { cycles } from "./cycles.js"
import { type Import, parseImports } from "./parse.js"

/** Which folders a folder may import. `.` is the package's own face, the files directly in `src/`; nobody imports that. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ops: ["core"],
  implicit: ["core", "ops"],
  models: ["core", "ops", "implicit"],
  laws: ["core", "ops", "implicit"],
  cli: ["core", "ops", "implicit", "models", "laws"],
  ".": ["core", "ops", "implicit"],
}

/** A peer dependency that only one folder may need, so that programs without the peer can import everything else. */
const peerOf: Readonly<Record<string, string>> = { "fast-check": "laws" }

/** Files by their path inside `src/`, like `core/graph/graph.ts`. */
export type Tree = ReadonlyMap<string, string>

const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.indexOf("/")) : ".")

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")

/** The file that a relative import names: the source of the `.js` file that will stand there. */
const resolve = (from: string, specifier: string): string => posix.join(posix.dirname(from), specifier).replace(/\.(m?)js$/, ".$1ts")

const packageFault = (from: string, specifier: string, dependencies: readonly string[]): string | undefined => {
  if (specifier.startsWith("node:")) return undefined
  const name = packageOf(specifier)
  const owner = peerOf[name]
  if (owner !== undefined) return folderOf(from) === owner ? undefined : `only ${owner} may need ${name}`
  return dependencies.includes(name) ? undefined : `${name} is not in the dependencies of package.json`
}

const fileFault = (from: string, to: string, tree: Tree): string | undefined => {
  const [here, there] = [folderOf(from), folderOf(to)]
  if (!tree.has(to)) return `there is no src/${to}`
  if (here === there) return undefined
  const allowed = mayImport[here]
  if (allowed === undefined) return `the folder ${here} has no place in the rules (scripts/imports/rules.ts)`
  if (!allowed.includes(there)) {
    const place = there === "." ? "the package's own face" : there
    return `${here === "." ? "the package's face" : here} must not import ${place} (it may import: ${allowed.join(", ") || "no other folder"})`
  }
  return to === `${there}/index.ts` ? undefined : `${to} is private to ${there}: import ${there}/index.js`
}

const fault = (from: string, { specifier }: Import, tree: Tree, dependencies: readonly string[]): string | undefined =>
  specifier.startsWith(".") ? fileFault(from, resolve(from, specifier), tree) : packageFault(from, specifier, dependencies)

/** Every broken rule, one line each; `dependencies` are the packages that every user of Stillpoint has. */
export const checkImports = (tree: Tree, dependencies: readonly string[]): readonly string[] => {
  const faults: string[] = []
  const edges = new Map<string, readonly string[]>()
  for (const [path, text] of tree) {
    const imports = parseImports(path, text)
    for (const one of imports) {
      const why = fault(path, one, tree, dependencies)
      if (why !== undefined) faults.push(`src/${path}:${one.line}: imports "${one.specifier}": ${why}`)
    }
    const loaded = imports.filter((one) => !one.typeOnly && one.specifier.startsWith("."))
    edges.set(
      path,
      loaded.map((one) => resolve(path, one.specifier)),
    )
  }
  return [...faults, ...cycles(edges).map((cycle) => `import cycle: ${cycle.map((path) => `src/${path}`).join(" -> ")}`)]
}
