/** Code that stands in pages: taken out as it stands, type-checked, run against `src/`, its output beside what the page says. */
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { transformSync } from "esbuild"
import ts from "typescript"
import { writeLibrary } from "./library.js"

export const root = fileURLToPath(new URL("../../", import.meta.url))

/** A block of code, and the text that the page shows as its output: "" where it shows none. */
export interface Block {
  readonly code: string
  readonly output: string
}

/** A `ts` block, with the `text` block that follows it where nothing but blank lines stands between. */
const blockPattern = /```ts\n(?<code>.*?)```(?:\n+```text\n(?<output>.*?)```)?/gs

/** The TypeScript of a page, block by block. */
export const blocksOf = (page: string): readonly Block[] =>
  [...page.matchAll(blockPattern)].map(({ groups }) => ({ code: groups?.code ?? "", output: groups?.output ?? "" }))

/** The page with other outputs, one a block: "" takes the output block away. */
export const withOutputs = (page: string, outputs: readonly string[]): string => {
  let next = 0
  return page.replaceAll(blockPattern, (_all, code: string) => {
    const output = outputs[next++] ?? ""
    return `\`\`\`ts\n${code}\`\`\`${output === "" ? "" : `\n\n\`\`\`text\n${output}\`\`\``}`
  })
}

export const readPage = (path: string): string => readFileSync(`${root}${path}`, "utf8")

/** A line that no page prints. */
const mark = "%% end of a block %%"

/** All blocks of a page as one module, as a reader would paste them. */
export const moduleOf = (page: string): string =>
  blocksOf(page)
    .map(({ code }) => code)
    .join("\n")

/** The same module, which says after each block that it ended. */
const markedModuleOf = (page: string): string =>
  blocksOf(page)
    .map(({ code }) => `${code}\nconsole.log(${JSON.stringify(mark)})\n`)
    .join("\n")

/** Where the package's entries lie in this tree. */
const paths = (): ts.MapLike<string[]> => {
  const { exports }: { readonly exports: Readonly<Record<string, unknown>> } = JSON.parse(readPage("package.json"))
  return Object.fromEntries(
    Object.values(exports).flatMap((target, i) => {
      if (typeof target !== "object" || target === null || !("default" in target)) return []
      const source = String(target.default)
        .replace(/^\.\/dist\//, `${root}src/`)
        .replace(/\.js$/, ".ts")
      return [[`stillpoint${(Object.keys(exports)[i] as string).slice(1)}`, [source]]]
    }),
  )
}

/** Modules of pages by name, as files whose imports of the package lead to `src/`. */
export const writeModules = (folder: string, pages: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const made = `${root}.tmp/${folder}/`
  mkdirSync(made, { recursive: true })
  writeFileSync(
    `${made}tsconfig.json`,
    JSON.stringify({ extends: "../../tsconfig.json", compilerOptions: { paths: paths() }, include: ["*"] }),
  )
  return Object.fromEntries(
    Object.entries(pages).map(([name, text]) => {
      const file = `${made}${basename(name, ".md")}.ts`
      writeFileSync(file, text)
      return [name, file]
    }),
  )
}

/** Pages by path, as modules that mark the ends of their blocks, in a folder where they can run. */
export const writePages = (folder: string, names: readonly string[]): Readonly<Record<string, string>> => {
  writeLibrary(`${root}.tmp/${folder}`)
  return writeModules(folder, Object.fromEntries(names.map((name) => [name, markedModuleOf(readPage(name))])))
}

/** What the compiler says about files that `writeModules` wrote, under the options of this project. */
export const typeErrors = (files: readonly string[]): readonly string[] => {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  // not all that a page names is used
  const program = ts.createProgram([...files], { ...options, noUnusedLocals: false, paths: paths() })
  return files.flatMap((file) => {
    const source = program.getSourceFile(file)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start }) =>
        `${basename(file)}:${source === undefined ? 0 : source.getLineAndCharacterOfPosition(start ?? 0).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    )
  })
}

/** Runs a page's module in a process of its own: what each block printed, with places in the module told by its name alone. */
export const runPage = (file: string): readonly string[] => {
  const folder = file.slice(0, file.lastIndexOf("/"))
  const script = file.replace(/\.ts$/, ".js")
  // source maps, so that places are those of the page
  const { code } = transformSync(readFileSync(file, "utf8"), { loader: "ts", target: "node20", sourcemap: "inline", sourcefile: file })
  writeFileSync(script, code)
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--enable-source-maps", script], { cwd: root, encoding: "utf8" })
  if (status !== 0) throw new Error(`${basename(file)} failed:\n${stdout.replaceAll(`${mark}\n`, "")}${stderr}`)
  return stdout.replaceAll(`${folder}/`, "").split(`${mark}\n`).slice(0, -1)
}
