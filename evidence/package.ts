/** The packed tarball, from an empty cache, in an empty Node project and in a Vite project. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { extname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"
import { chromium } from "playwright-core"
import ts from "typescript"
import { chromiumPath, flags } from "../test/support/chromium.js"
import { Bench, write } from "./package/bench.js"
import { expected, nodeMain, nodeProject, smallProgram, viteProject } from "./package/projects.js"
import { runnerPackages, runners, runnersProject } from "./package/runners.js"

export const title =
  "the packed tarball installs and runs in an empty Node project and a Vite project, types included, its laws in four test runners"

const root = fileURLToPath(new URL("../", import.meta.url))
/** Sizes that the project promises. */
const BUNDLE_LIMIT = 60_000

/** What is run again on a new machine is pinned. */
const tools = { publint: "publint@0.3.25", attw: "@arethetypeswrong/cli@0.18.5", vite: "vite@7.3.8", typescript: "typescript@6.0.3" }

const bytesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
    (n, entry) => n + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0),
    0,
  )

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

const install = (bench: Bench, folder: string, packages: readonly string[], most: { readonly seconds: number; readonly bytes: number }) => {
  const { seconds, ok } = bench.run(folder, "npm", ["install", ...packages])
  if (!ok) return
  const size = bytesIn(join(folder, "node_modules"))
  bench.say(
    seconds < most.seconds && size < most.bytes,
    `npm install of the tarball and ${packages.length - 1} more: ${seconds.toFixed(1)} s, ${megabytes(size)}`,
  )
}

/** Removes the types, as any build does. */
const javascript = (text: string): string => ts.transpileModule(text, { compilerOptions: { target: 9, module: 99 } }).outputText

const values = (out: string): readonly string[] => out.trim().split("\n")
const right = (line: string): boolean => line.endsWith(`: ${expected()}`)

const inNode = async (bench: Bench, folder: string, tarball: string): Promise<void> => {
  write(folder, nodeProject)
  write(folder, { "dist/layer.js": javascript(nodeProject["src/layer.ts"] as string), "dist/main.js": nodeMain })
  install(bench, folder, [tarball, "fast-check@4"], { seconds: 60, bytes: 250e6 })
  for (const line of values(bench.run(folder, "node", ["entries.mjs"]).out)) bench.say(line.startsWith("import("), line)
  for (const line of values(bench.run(folder, "node", ["dist/main.js"]).out)) bench.say(right(line), `Node: the layer on ${line}`)
  bench.run(folder, "npm", ["install", "--no-save", tools.typescript])
  const types = bench.run(folder, "npx", ["tsc"])
  bench.say(types.ok, `tsc, strict and without skipLibCheck, over a project that uses every entry: ${types.seconds.toFixed(1)} s`)
  write(folder, { "small.js": smallProgram })
  const bundle = await build({
    entryPoints: [join(folder, "small.js")],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    logLevel: "silent",
  })
  const size = gzipSync(bundle.outputFiles[0]?.contents as Uint8Array).length
  bench.say(size < BUNDLE_LIMIT, `a program with grad on the interpreter: ${size} bytes bundled and gzipped (limit ${BUNDLE_LIMIT})`)
}

const kinds: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" }

/** The text that a built page writes. */
const seenOn = async (folder: string): Promise<string> => {
  const server = createServer((request, response) => {
    const path = join(folder, request.url === "/" ? "index.html" : (request.url as string))
    if (!path.startsWith(folder) || !existsSync(path)) return void response.writeHead(404).end()
    response.writeHead(200, { "Content-Type": kinds[extname(path)] ?? "application/octet-stream" }).end(readFileSync(path))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as { readonly port: number }
  const browser = await chromium.launch({ executablePath: chromiumPath, headless: true, args: [...flags] })
  try {
    const page = await browser.newPage()
    page.on("pageerror", (error) => console.error(error))
    await page.goto(`http://127.0.0.1:${port}/`)
    await page.waitForFunction(() => document.title === "done", undefined, { timeout: 60_000 })
    return (await page.textContent("#out")) ?? ""
  } finally {
    await browser.close()
    server.close()
  }
}

const inVite = async (bench: Bench, folder: string, tarball: string): Promise<void> => {
  write(folder, viteProject)
  install(bench, folder, [tarball, tools.vite], { seconds: 120, bytes: 250e6 })
  const { seconds, ok } = bench.run(folder, "npx", ["vite", "build"])
  if (!ok) return
  const files = readdirSync(join(folder, "dist/assets")).map((name) => readFileSync(join(folder, "dist/assets", name)))
  const zipped = files.reduce((n, bytes) => n + gzipSync(bytes).length, 0)
  bench.say(true, `vite build: ${seconds.toFixed(1)} s, ${zipped} bytes gzipped with every target in it`)
  if (!existsSync(chromiumPath)) return console.log(`     no Chromium at ${chromiumPath}: the page is built, not opened`)
  for (const line of values(await seenOn(join(folder, "dist")))) bench.say(right(line), `Chromium: the layer on ${line}`)
}

const inRunners = (bench: Bench, folder: string, tarball: string): void => {
  write(folder, runnersProject)
  if (!bench.run(folder, "npm", ["install", tarball, "fast-check@4", ...runnerPackages]).ok) return
  for (const [name, args] of Object.entries(runners)) {
    const { ok, seconds } = bench.run(folder, "node", args)
    bench.say(ok, `laws in ${name}: a right gradient passes, the wrong rule of another is named, ${seconds.toFixed(1)} s`)
  }
}

export const run = async (): Promise<boolean> => {
  const folder = mkdtempSync(join(tmpdir(), "stillpoint-package-"))
  const bench = new Bench(join(folder, "cache"))
  try {
    const tarball = bench.pack(root, folder)
    if (tarball === null) return false
    bench.say(true, `npm pack: ${megabytes(statSync(tarball).size)} packed`)
    bench.say(bench.run(folder, "npx", ["--yes", tools.publint, tarball, "--strict"]).ok, "publint --strict finds nothing")
    bench.say(
      bench.run(folder, "npx", ["--yes", tools.attw, tarball, "--profile", "esm-only"]).ok,
      "are-the-types-wrong (ESM only) finds nothing",
    )
    await inNode(bench, join(folder, "node"), tarball)
    inRunners(bench, join(folder, "runners"), tarball)
    await inVite(bench, join(folder, "vite"), tarball)
    console.log(
      bench.failures === 0
        ? "the package installs, runs and has its types in both projects, its laws in every runner"
        : `${bench.failures} steps failed`,
    )
    return bench.failures === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
