/** The `stillpoint` command as child processes, bundled once so that each starts fast. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const root = fileURLToPath(new URL("../../", import.meta.url))

export interface Cli {
  readonly start: (...args: readonly string[]) => Running
  readonly run: (...args: readonly string[]) => Promise<Ended>
  readonly remove: () => void
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Waits until its standard error contains the text. */
  readonly says: (text: string) => Promise<void>
}

/** Bundles src/cli/main.ts two folders below the package, where it finds package.json and node_modules. */
export const bundleCli = async (): Promise<Cli> => {
  mkdirSync(join(root, ".tmp"), { recursive: true })
  const folder = mkdtempSync(join(root, ".tmp", "cli-"))
  const bundle = join(folder, "main.mjs")
  await build({
    entryPoints: [join(root, "src/cli/main.ts")],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "silent",
  })
  const start = (...args: readonly string[]): Running => {
    const child = spawn(process.execPath, [bundle, ...args], { stdio: ["ignore", "pipe", "pipe"] })
    let [out, err] = ["", ""]
    child.stdout.on("data", (chunk: Buffer) => void (out += chunk.toString()))
    child.stderr.on("data", (chunk: Buffer) => void (err += chunk.toString()))
    const ended = new Promise<Ended>((resolve) => child.once("close", (code, signal) => resolve({ code, signal, out, err })))
    const says = (text: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => (err.includes(text) ? resolve() : undefined)
        child.stderr.on("data", look)
        child.once("close", () => reject(new Error(`it ended without saying ${JSON.stringify(text)}: ${err}`)))
        look()
      })
    return { child, ended, says }
  }
  return { start, run: (...args) => start(...args).ended, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Options of a run whose steps take a millisecond or so. */
export const tinyOptions = (settings: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`])
