import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import fc from "fast-check"
import * as E from "fp-ts/lib/Either.js"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import {
  type Checkpoint,
  decodeCheckpoint,
  decodeSafetensors,
  encodeCheckpoint,
  encodeSafetensors,
  type Json,
  loadCheckpoint,
  saveCheckpoint,
  writeFileAtomic,
} from "../../../src/models/checkpoint/index.js"
import { drawsOf } from "../../../src/models/data/index.js"
import { allBits, tensors } from "./stored-tensors.js"

const right = <A>(either: E.Either<{ message: string }, A>): A => {
  if (E.isLeft(either)) throw new Error(either.left.message)
  return either.right
}
const left = <A>(either: E.Either<{ message: string }, A>): string => (E.isLeft(either) ? either.left.message : "a Right")

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stillpoint-checkpoint-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const json = fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }) as fc.Arbitrary<Json>
const unsafe = /"(__proto__|constructor|prototype)":/
const metadata = fc
  .dictionary(
    fc.string({ maxLength: 8 }).filter((key) => !key.startsWith("stillpoint.")),
    json,
    { maxKeys: 4, noNullPrototype: true },
  )
  .filter((value) => !unsafe.test(JSON.stringify(value)))

const small: Checkpoint = {
  tensors: {
    "params.w": { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) },
    step: { dtype: "I32", shape: [], data: Int32Array.of(3) },
  },
  metadata: { spec: { kind: "slate", slots: 4, lr: 4e-4 }, step: 3, note: 'é\n"' },
}

describe("round trip", () => {
  test("tensors to the bit and metadata as it was, -0 too", () => {
    fc.assert(
      fc.property(tensors, metadata, (all, meta) => {
        const back = right(decodeCheckpoint(right(encodeCheckpoint({ tensors: all, metadata: meta }))))
        expect(allBits(back.tensors)).toEqual(allBits(all))
        expect({ ...back.metadata }).toEqual(meta)
      }),
    )
    expect(right(decodeCheckpoint(right(encodeCheckpoint({ tensors: {}, metadata: { zero: -0 } })))).metadata.zero).toBe(-0)
  })

  test("through a file, over an older one", async () => {
    const path = join(folder, "model.safetensors")
    right(await saveCheckpoint(path, { tensors: {}, metadata: {} })())
    right(await saveCheckpoint(path, small)())
    const back = right(await loadCheckpoint(path)())
    expect(allBits(back.tensors)).toEqual(allBits(small.tensors))
    expect({ ...back.metadata }).toEqual(small.metadata)
    expect(readdirSync(folder)).toEqual(["model.safetensors"])
    expect(Object.keys(right(decodeSafetensors(readFileSync(path))).tensors)).toEqual(["params.w", "step"])
  })
})

describe("what is refused", () => {
  const write = (value: unknown) => left(encodeCheckpoint({ tensors: {}, metadata: { a: value as Json } }))
  const loop: { me?: unknown } = {}
  loop.me = loop
  test.each<[string, unknown, RegExp]>([
    ["NaN", { losses: [1, Number.NaN] }, /checkpoint metadata\.a\.losses\[1\] is NaN, which JSON cannot hold; write it as a string/],
    ["undefined", { x: undefined }, /metadata\.a\.x is of type undefined/],
    ["a function", () => 1, /metadata\.a is of type function/],
    ["a typed array", new Float32Array(1), /metadata\.a is not a plain object/],
    ["a loop", loop, /nested deeper than 100 levels \(does it contain itself\?\)/],
    ["an unsafe key", JSON.parse(`{"__proto__":1}`), /has the key "__proto__"/],
  ])("writing %s", (_, value, message) => {
    expect(write(value)).toMatch(message)
  })
  test("writing a key of ours", () => {
    expect(left(encodeCheckpoint({ tensors: {}, metadata: { "stillpoint.format": "2" } }))).toMatch(/"stillpoint.format" is taken/)
    expect(left(encodeCheckpoint({ tensors: {}, metadata: JSON.parse(`{"__proto__":1}`) }))).toMatch(/"__proto__"/)
  })

  test("reading other safetensors and other versions", () => {
    expect(left(decodeCheckpoint(right(encodeSafetensors(small as never))))).toMatch(/__metadata__: "spec" must be string/)
    const foreign = right(encodeSafetensors({ tensors: small.tensors, metadata: { format: "pt" } }))
    expect(left(decodeCheckpoint(foreign, "pt.safetensors"))).toMatch(
      /^pt\.safetensors: a safetensors file, but no Stillpoint checkpoint .*read its tensors with decodeSafetensors/,
    )
    const newer = right(encodeSafetensors({ tensors: {}, metadata: { "stillpoint.format": "2" } }))
    expect(left(decodeCheckpoint(newer))).toMatch(/checkpoint format "2", expected "1"/)
  })

  test("reading a missing file names it", async () => {
    const path = join(folder, "none.safetensors")
    expect(await loadCheckpoint(path)()).toMatchObject({ _tag: "Left", left: { _tag: "FileError", path } })
  })

  test("every single flipped bit, and every truncation", () => {
    const bytes = right(encodeCheckpoint(small))
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Uint8Array.from(bytes)
      flipped[at]! ^= 1 << (at % 8)
      expect(decodeCheckpoint(flipped)._tag, `bit ${at % 8} of byte ${at}`).toBe("Left")
      expect(decodeCheckpoint(bytes.subarray(0, at))._tag, `${at} bytes`).toBe("Left")
    }
  })

  test("2,000 damaged files, each with one sentence", async () => {
    const bytes = right(encodeCheckpoint(small))
    for (let i = 0; i < 2000; i++) {
      const draws = drawsOf(77, 0, i)
      let damaged = Uint8Array.from(bytes)
      for (let n = draws.below(4); n >= 0; n--) {
        const at = draws.below(damaged.length)
        const kind = draws.below(3)
        if (kind === 0) damaged[at] = damaged[at]! ^ (1 + draws.below(255))
        else if (kind === 1) damaged = damaged.slice(0, at + 1)
        else damaged.copyWithin(at, draws.below(damaged.length))
      }
      const same = Buffer.compare(damaged, bytes) === 0
      const result = decodeCheckpoint(damaged, "x")
      expect(result._tag).toBe(same ? "Right" : "Left")
      if (E.isLeft(result)) expect(result.left.message).toMatch(/^x: [^\n]{1,380}$/)
    }
  })
})

describe("a writer that is killed", () => {
  const compile = async (): Promise<string> => {
    const outfile = join(folder, "writer.mjs")
    const entryPoints = [fileURLToPath(new URL("./writer.ts", import.meta.url))]
    const banner = { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` }
    await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", target: "node20", banner, logLevel: "silent" })
    return outfile
  }

  /** Kills a child with SIGKILL `delay` ms after its first sign of life; meanwhile reads the file without a pause. */
  const killedAfter = async (child: ChildProcess, delay: number, read: () => Promise<void>): Promise<void> => {
    const over = new Promise<void>((resolve) => child.once("exit", () => resolve()))
    await new Promise<void>((resolve, reject) => {
      child.stdout!.once("data", () => resolve())
      child.once("exit", () => reject(new Error("the writer ended by itself")))
    })
    const until = performance.now() + delay
    while (performance.now() < until) await read()
    child.kill("SIGKILL")
    await over
  }

  test("leaves a whole file at any moment, and the next write cleans up", async () => {
    const writer = await compile()
    const path = join(folder, "model.safetensors")
    let [last, reads, leftovers] = [0, 0, 0]
    const read = async () => {
      const { tensors, metadata } = right(await loadCheckpoint(path)())
      const step = Number(metadata.step)
      expect(new Set(tensors.w!.data)).toEqual(new Set([step]))
      expect(new Set(tensors.n!.data)).toEqual(new Set([step]))
      expect(step).toBeGreaterThanOrEqual(last)
      last = step
      reads++
    }
    for (let i = 0; i < 15; i++) {
      const child = spawn(process.execPath, [writer, path], { stdio: ["ignore", "pipe", "inherit"] })
      await killedAfter(child, drawsOf(15, 0, i).uniform() * 30, read)
      await read()
      leftovers += readdirSync(folder).filter((name) => name.endsWith(".tmp")).length
    }
    expect(reads).toBeGreaterThan(15)
    console.log(`killed 15 writers: ${last} checkpoints, ${reads} reads, ${leftovers} half files left and removed`)
    right(await saveCheckpoint(path, small)())
    expect(readdirSync(folder).sort()).toEqual(["model.safetensors", "writer.mjs"])
    writeFileSync(path, "") // and a file that was emptied by something else is refused, not read
    expect(left(await loadCheckpoint(path)())).toMatch(/empty or truncated/)
    right(await writeFileAtomic(path, right(encodeCheckpoint(small)))())
    right(await loadCheckpoint(path)())
  })
})
