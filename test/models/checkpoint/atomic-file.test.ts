import { createHash } from "node:crypto"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { readFileBytes, writeFileAtomic } from "../../../src/models/checkpoint/index.js"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stillpoint-atomic-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const bytes = (...of: number[]) => Uint8Array.from(of)
const rights = { _tag: "Right" }

describe("writeFileAtomic", () => {
  test("makes and replaces files, and leaves nothing else behind", async () => {
    const path = join(folder, "a.bin")
    expect(await writeFileAtomic(path, bytes(1, 2))()).toMatchObject(rights)
    expect(await writeFileAtomic(path, bytes(3))()).toMatchObject(rights)
    expect([...readFileSync(path)]).toEqual([3])
    expect(readdirSync(folder)).toEqual(["a.bin"])
  })

  test("keeps the mode of the file and writes through a link", async () => {
    const [path, link] = [join(folder, "a.bin"), join(folder, "link")]
    writeFileSync(path, "x")
    chmodSync(path, 0o640)
    symlinkSync(path, link)
    expect(await writeFileAtomic(link, bytes(9))()).toMatchObject(rights)
    expect([...readFileSync(path)]).toEqual([9])
    expect(statSync(path).mode & 0o777).toBe(0o640)
  })

  test("many at once: one of them wins, whole", async () => {
    const path = join(folder, "a.bin")
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => writeFileAtomic(path, new Uint8Array(1000).fill(i))()))
    expect(results.every((r) => r._tag === "Right")).toBe(true)
    const found = readFileSync(path)
    expect(found.length).toBe(1000)
    expect(new Set(found).size).toBe(1)
    expect(readdirSync(folder)).toEqual(["a.bin"])
  })

  test("removes what dead writers of the same file left, and nothing that may be alive", async () => {
    const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8)
    const leave = (name: string, hoursAgo = 0) => {
      writeFileSync(join(folder, name), "half")
      const then = Date.now() / 1000 - 3600 * hoursAgo
      utimesSync(join(folder, name), then, then)
      return name
    }
    const dead = 2 ** 22 + 1 // above the largest process number of Linux
    const gone = [
      leave(`.a.bin.${host}-${dead}-0123456789ab.tmp`),
      leave(`.a.bin.${host}-${process.pid}-0123456789ab.tmp`, 1e5), // this number, but before this process began
      leave(`.a.bin.${host}-1-0123456789ab.tmp`, 2),
      leave(`.a.bin.00000000-7-0123456789ab.tmp`, 2),
    ]
    const kept = [
      leave(`.a.bin.${host}-${process.pid}-ffffffffffff.tmp`),
      leave(`.a.bin.${host}-1-ffffffffffff.tmp`),
      leave(`.a.bin.00000000-7-ffffffffffff.tmp`),
      leave(`.b.bin.${host}-${dead}-0123456789ab.tmp`),
      leave(`.a.bin.tmp`, 1e5),
      leave(`notes.tmp`, 1e5),
    ]
    expect(await writeFileAtomic(join(folder, "a.bin"), bytes(1))()).toMatchObject(rights)
    expect(gone.filter((name) => existsSync(join(folder, name)))).toEqual([])
    expect(kept.filter((name) => !existsSync(join(folder, name)))).toEqual([])
  })

  test("says what is in the way, and leaves the old file", async () => {
    expect(await writeFileAtomic(join(folder, "no", "a.bin"), bytes(1))()).toMatchObject({
      _tag: "Left",
      left: {
        _tag: "FileError",
        path: join(folder, "no", "a.bin"),
        message: expect.stringMatching(/could not write .*does not exist; create the folder .*ENOENT/),
      },
    })
    mkdirSync(join(folder, "taken"))
    expect(await writeFileAtomic(join(folder, "taken"), bytes(1))()).toMatchObject({
      _tag: "Left",
      left: { message: expect.stringMatching(/could not write/) },
    })
    expect(readdirSync(folder)).toEqual(["taken"])
  })
})

describe("readFileBytes", () => {
  test("reads what was written", async () => {
    await writeFileAtomic(join(folder, "a.bin"), bytes(4, 5))()
    const read = await readFileBytes(join(folder, "a.bin"))()
    expect(read._tag === "Right" && [...read.right]).toEqual([4, 5])
  })
  test("refuses what is missing and what is no file", async () => {
    expect(await readFileBytes(join(folder, "none"))()).toMatchObject({
      _tag: "Left",
      left: { _tag: "FileError", message: expect.stringMatching(/could not read .*does not exist/) },
    })
    expect(await readFileBytes(folder)()).toMatchObject({ _tag: "Left", left: { message: expect.stringMatching(/not a regular file/) } })
    expect(await readFileBytes("/dev/zero")()).toMatchObject({
      _tag: "Left",
      left: { message: expect.stringMatching(/not a regular file/) },
    })
  })
})
