import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import * as E from "fp-ts/lib/Either.js"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { openRunFolder } from "../../../src/models/run-folder/index.js"

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stillpoint-runs-"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const right = <A>(either: E.Either<{ message: string }, A>): A => {
  if (E.isLeft(either)) throw new Error(either.left.message)
  return either.right
}
const left = <A>(either: E.Either<{ message: string }, A>): string => (E.isLeft(either) ? either.left.message : "a Right")
const locks = () => readdirSync(join(root, "a")).filter((name) => name.startsWith(".lock"))

describe("a run folder", () => {
  test("is made with its parents, and names its files", async () => {
    const run = right(await openRunFolder("slate-1.b", join(root, "deep", "runs"))())
    expect(existsSync(run.folder)).toBe(true)
    expect([run.checkpoint, run.metrics, run.report].map((path) => path.slice(run.folder.length + 1))).toEqual([
      "checkpoint.safetensors",
      "metrics.jsonl",
      "report.html",
    ])
    const log = right(await run.openMetrics(null)())
    right(log.append({ step: 1, loss: 2 }))
    log.close()
    expect(right(await run.openMetrics(1)()).before).toEqual([{ step: 1, loss: 2 }])
    run.close()
  })

  test("is refused to a second run, this process's too, until it is closed", async () => {
    const run = right(await openRunFolder("a", root)())
    expect(left(await openRunFolder("a", root)())).toMatch(
      new RegExp(`the run folder .*a is in use by process ${process.pid} since 20.*; wait for it, stop it, or choose another name$`),
    )
    right(await openRunFolder("b", root)()).close()
    run.close()
    run.close()
    const again = right(await openRunFolder("a", root)())
    expect(left(await openRunFolder("a", root)())).toMatch(/in use/)
    again.close()
    expect(locks()).toHaveLength(1)
  })

  test.each(["", "..", "a/b", "a\\b", ".hidden", "-rf", "a b", "a\0", "x".repeat(101)])("refuses the name %j", async (name) => {
    expect(left(await openRunFolder(name, root)())).toMatch(/a run's name must be 1 to 100 letters/)
    expect(readdirSync(root)).toEqual([])
  })

  test("a file in the way is named", async () => {
    writeFileSync(join(root, "a"), "")
    expect(left(await openRunFolder("a", root)())).toMatch(/could not make the folder .*a/)
  })

  const leave = (owner: unknown) => {
    mkdirSync(join(root, "a"), { recursive: true })
    writeFileSync(join(root, "a", ".lock-7"), typeof owner === "string" ? owner : JSON.stringify(owner))
  }
  test("the lock of a dead process, or of an earlier one of this number, is taken over", async () => {
    for (const pid of [2 ** 22 + 1, process.pid]) {
      leave({ pid, host: hostname(), born: "another boot 1", since: "2026-01-01T00:00:00.000Z" })
      const run = right(await openRunFolder("a", root)())
      expect(locks()).toEqual([".lock-8"])
      run.close()
      rmSync(join(root, "a"), { recursive: true })
    }
  })
  test("a lock from another host, or that is no lock, says which file to delete", async () => {
    leave({ pid: 1, host: "elsewhere", born: "", since: "2026-01-01T00:00:00.000Z" })
    expect(left(await openRunFolder("a", root)())).toMatch(
      /in use by process 1 on elsewhere since 2026.*\(if that process is gone, delete .*\.lock-7\)/,
    )
    leave("nonsense")
    expect(left(await openRunFolder("a", root)())).toMatch(/\.lock-7 is no lock of Stillpoint; delete it if no run is using/)
  })
})

describe("processes", () => {
  let bundle: string
  beforeAll(async () => {
    bundle = join(mkdtempSync(join(tmpdir(), "stillpoint-holder-")), "holder.mjs")
    const entryPoints = [fileURLToPath(new URL("./holder.ts", import.meta.url))]
    const banner = { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` }
    await build({
      entryPoints,
      outfile: bundle,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      banner,
      logLevel: "silent",
    })
  })
  afterAll(() => rmSync(join(bundle, ".."), { recursive: true, force: true }))

  const start = (name: string) => {
    const child: ChildProcess = spawn(process.execPath, [bundle, name, root], { stdio: ["pipe", "pipe", "inherit"] })
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
    const over = new Promise<void>((resolve) => child.once("exit", () => resolve()))
    return {
      hears: async () => String((await lines.next()).value),
      say: (text: string) => child.stdin!.write(`${text}\n`),
      kill: async () => {
        child.kill("SIGKILL")
        await over
      },
    }
  }

  test("a run that is killed gives its folder back; of many that want it then, one gets it", async () => {
    const first = start("a")
    expect(await first.hears()).toBe("ready")
    first.say("open")
    expect(await first.hears()).toBe("held")
    expect(left(await openRunFolder("a", root)())).toMatch(/is in use by process \d+ since/)
    await first.kill()
    const children = Array.from({ length: 4 }, () => start("a"))
    try {
      for (const child of children) expect(await child.hears()).toBe("ready")
      for (const child of children) child.say("open")
      const answers = await Promise.all(children.map((child) => child.hears()))
      expect(answers.filter((answer) => answer === "held")).toHaveLength(1)
      expect(answers.filter((answer) => answer.includes("is in use by process"))).toHaveLength(3)
    } finally {
      await Promise.all(children.map((child) => child.kill()))
    }
    const run = right(await openRunFolder("a", root)())
    expect(locks()).toHaveLength(1)
    run.close()
  })
})
