/** What a newcomer does: an empty folder, the packed library, README's code and the guide's first three pages, with the time that it takes. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { blocksOf, moduleOf, readPage, root } from "../test/support/pages.js"
import { Bench, write } from "./package/bench.js"

export const title =
  "a newcomer: README's code and the guide's first three pages in an empty folder, from the packed library, within ten minutes"

const LIMIT_MINUTES = 10
const pages = ["01-first-gradient.md", "02-compose-a-model.md", "03-your-first-implicit-layer.md"]
/** Pinned, so that it is the same on another day. */
const tools = ["typescript@6.0.3", "tsx@4.21.0", "fp-ts@2.16.11", "fast-check@4.10.2"]

/** README's code, its laws too. It speaks of a `w` and an `x` that the reader has: here are some, and a look at the result. */
const readmeModule = (): string => `import { tensor as data } from "stillpoint"
const w = data(Float64Array.from({ length: 8 * 8 }, (_, i) => Math.sin(1 + 7 * i) / 8), [8, 8])
const x = data(Float64Array.from({ length: 3 * 8 }, (_, i) => Math.cos(1 + 3 * i)), ["B", 8])
${moduleOf(readPage("README.md"))}
if (result._tag === "Left") throw new Error(result.left.message)
console.log(result.right[1].w.shape.join(" by "))
`

/** The two lines that README advises for package.json. */
const overrides = (): unknown => {
  const block = /```json\n(?<lines>"overrides".*?)```/s.exec(readPage("README.md"))?.groups?.lines ?? ""
  return JSON.parse(`{${block}}`).overrides
}

const tsconfig = {
  compilerOptions: { module: "nodenext", target: "es2022", strict: true, noEmit: true, types: [] },
  include: ["*.ts"],
}

const timed = (seconds: number): string => `${seconds.toFixed(1)} s`

export const run = async (): Promise<boolean> => {
  const folder = mkdtempSync(join(tmpdir(), "stillpoint-newcomer-"))
  const bench = new Bench(join(folder, "cache"))
  try {
    const tarball = bench.pack(root, folder)
    if (tarball === null) return false
    const project = join(folder, "project")
    write(project, { "tsconfig.json": JSON.stringify(tsconfig) })
    const begin = performance.now()
    bench.run(project, "npm", ["init", "-y"])
    const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8"))
    write(project, { "package.json": JSON.stringify({ ...manifest, type: "module", overrides: overrides() }) })
    const installed = bench.run(project, "npm", ["install", tarball, ...tools])
    bench.say(installed.ok, `npm install from an empty cache: ${timed(installed.seconds)}`)
    if (!installed.ok) return false

    write(project, { "readme.ts": readmeModule() })
    const readme = bench.run(project, "npx", ["tsx", "readme.ts"])
    bench.say(readme.out.trim() === "8 by 8", `README's code, its laws too: ${timed(readme.seconds)}`)
    for (const name of pages) {
      const page = readPage(`docs/guide/${name}`)
      const file = name.replace(/\.md$/, ".ts")
      write(project, { [file]: moduleOf(page) })
      const { ok, out, seconds } = bench.run(project, "npx", ["tsx", file])
      const shown = blocksOf(page)
        .map(({ output }) => output)
        .join("")
      bench.say(
        ok && out === shown,
        `guide/${name}: ${timed(seconds)}, ${out === shown ? "it prints what it shows" : `it printed\n${out}`}`,
      )
    }
    const types = bench.run(project, "npx", ["tsc", "-p", "."])
    bench.say(types.ok, `tsc, strict, over all of it: ${timed(types.seconds)}`)

    const minutes = (performance.now() - begin) / 60_000
    bench.say(
      minutes < LIMIT_MINUTES,
      `in all: ${minutes.toFixed(1)} minutes of machine time (limit ${LIMIT_MINUTES}), reading not counted`,
    )
    return bench.failures === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
