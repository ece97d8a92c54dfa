/** Loading ahead: the same items, a bounded queue, errors as values, and no worker that outlives its consumer. */
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath, pathToFileURL } from "node:url"
import { promisify } from "node:util"
import { buildSync } from "esbuild"
import type * as E from "fp-ts/lib/Either.js"
import { afterAll, describe, expect, test } from "vitest"
import { type PrefetchSource, prefetch } from "../../../../src/models/data/index.js"
import { left, right } from "../../../support/either.js"
import batchesOf, { reused } from "./sources.js"

const execArgv = ["--import", new URL("../../../support/tsx-in-worker.mjs", import.meta.url).href]
const home = fileURLToPath(new URL("../../../../", import.meta.url))
mkdirSync(join(home, ".tmp"), { recursive: true })
const root = mkdtempSync(join(home, ".tmp", "prefetch-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

// bundled once: what workers load is the library that it imports
const bundle = join(root, "sources.mjs")
buildSync({
  entryPoints: [fileURLToPath(new URL("./sources.ts", import.meta.url))],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
})
const module = pathToFileURL(bundle)

const collect = async (
  source: Omit<PrefetchSource, "module">,
  ahead = 2,
): Promise<readonly E.Either<{ _tag: string; message: string }, unknown>[]> => {
  const items = []
  for await (const item of prefetch({ module, ...source }, { ahead, execArgv })) items.push(item)
  return items
}

/** A file that the endless source writes to, and how many items it has made. */
const made = (log: string) => readFileSync(log, "utf8").split("\n").length - 1
const newLog = (name: string) => {
  const log = join(root, name)
  writeFileSync(log, "")
  return log
}

/** Whether items are still being made. */
const isQuiet = async (log: string) => {
  const before = made(log)
  await setTimeout(150)
  return made(log) === before
}

describe("the same items in the same order, to the bit", () => {
  test.each([1, 3, 100])("batches of scenes, %i ahead", async (ahead) => {
    const argument = { seed: 4, rows: 60 }
    const items = await collect({ argument }, ahead)
    expect(items.map(right)).toEqual([...batchesOf(argument)])
  })

  test("of a source that fills one array again and again", async () => {
    const items = await collect({ name: "reused", argument: { items: 20 } }, 5)
    const expected = [...Array(20).keys()].map((i) => ({ at: i, nested: [{ data: new Float32Array(4).fill(i) }] }))
    expect(items.map(right)).toEqual(expected)
    expect([...reused({ items: 1 })][0]!.nested[0]!.data.buffer.byteLength).toBe(400)
    for (const item of items)
      expect((right(item) as ReturnType<typeof reused> extends Generator<infer T> ? T : never).nested[0]!.data.buffer.byteLength).toBe(16)
  })
})

describe("the queue is bounded", () => {
  test.each([1, 4])("%i ahead of what was taken, no more", async (ahead) => {
    const log = newLog(`bounded${ahead}`)
    const items = prefetch<number>({ module, name: "endless", argument: { log } }, { ahead, execArgv })
    for (let taken = 1; taken <= 5; taken++) {
      expect(right((await items.next()).value!)).toBe(taken - 1)
      while (made(log) < taken + ahead) await setTimeout(5)
      expect(await isQuiet(log)).toBe(true)
      expect(made(log)).toBe(taken + ahead)
    }
    await items.return()
  })
})

describe("failures come as values, after the items made before", () => {
  test.each([
    ["failing", 2, /^prefetch: file:.*sources\.mjs: the source failed \(RangeError: no third item\); run it without prefetch/],
    ["unsendable", 0, /the source failed \(DataCloneError: .* could not be cloned/],
    ["dying", 1, /the worker ended with code 3 before its items did/],
    ["notAFunction", 0, /expected a function exported as "notAFunction", found number/],
    ["missing", 0, /expected a function exported as "missing", found undefined/],
  ])("%s", async (name, before, message) => {
    const items = await collect({ name })
    expect(items.slice(0, -1).map(right)).toEqual([...Array(before).keys()])
    expect(left(items.at(-1)!)).toMatchObject({ _tag: "DecodeError", message: expect.stringMatching(message) })
  })

  test("a module that isn't there", async () => {
    const items = []
    for await (const item of prefetch({ module: new URL("./nowhere.js", import.meta.url) }, { execArgv })) items.push(item)
    expect(items).toHaveLength(1)
    expect(left(items[0]!).message).toMatch(/nowhere\.js.*Cannot find module/)
  })

  test("a call that makes no sense", () => {
    expect(() => prefetch({ module }, { ahead: 0 })).toThrow(/ahead must be an integer of at least 1, found 0/)
  })
})

describe("the worker ends", () => {
  test("when the consumer stops early, or throws", async () => {
    for (const stop of ["break", "throw"]) {
      const log = newLog(stop)
      const consume = async () => {
        for await (const item of prefetch<number>({ module, name: "endless", argument: { log } }, { ahead: 2, execArgv })) {
          if (right(item) < 3) continue
          if (stop === "break") break
          throw new Error("stop")
        }
      }
      await consume().catch((error: Error) => expect(error.message).toBe("stop"))
      expect(await isQuiet(log)).toBe(true)
    }
  })

  test("when it is aborted, even while an item is awaited", async () => {
    const abort = new AbortController()
    const items = prefetch({ module, name: "silent" }, { signal: abort.signal, execArgv })
    const pending = items.next()
    await setTimeout(300)
    abort.abort()
    expect(left((await pending).value!)._tag).toBe("Cancelled")
    expect((await items.next()).done).toBe(true)
    const late = prefetch({ module }, { signal: abort.signal })
    expect(left((await late.next()).value!)._tag).toBe("Cancelled")
  })

  test("with the process, though somebody still holds the stream, but not while an item is awaited", async () => {
    const script = join(root, "holder.ts")
    const face = new URL("../../../../src/models/data/index.ts", import.meta.url)
    writeFileSync(
      script,
      `import { prefetch } from ${JSON.stringify(face.href)}
       const items = prefetch({ module: ${JSON.stringify(module.href)}, argument: { seed: 0, rows: 800 } }, { execArgv: ${JSON.stringify(execArgv)} })
       const main = async () => { await items.next(); await items.next(); console.log("two taken") }
       void main()`,
    )
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script], {
      timeout: 30_000,
      cwd: home,
    })
    expect(stdout).toBe("two taken\n")
  })
})
