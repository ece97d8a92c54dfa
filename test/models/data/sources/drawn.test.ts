/** Scenes that are drawn: the same as ever, a pure function of seed and step, drawn ahead or not. */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { Worker } from "node:worker_threads"
import { build } from "esbuild"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  batch,
  emojiScene,
  type ImageSource,
  type OpenedSource,
  type OpenSourceOptions,
  openSource,
  spritesScene,
} from "../../../../src/models/data/index.js"
import { left, right } from "../../../support/either.js"

const opened = async (source: ImageSource, options: OpenSourceOptions = {}) => right(await openSource(source, options)())

describe("tetrominoes", () => {
  test.each([[1], [2], [5]])("with blocks of %i: the scenes of the seed in turn and the held-out ones, bit for bit", async (blockSize) => {
    const source = await opened({ _tag: "tetrominoes", blockSize })
    for (const step of [7, 0]) {
      const { images, masks, size, count, sharesColour } = right(await source.batch(3, step, 5)())
      const whole = batch({ blockSize }, 3, 5 * step, 5)
      expect(images).toEqual(whole.images)
      expect([masks, sharesColour, count, size]).toEqual([whole.masks, whole.sharesColour, 5, 7 * blockSize])
    }
    const { factors: _, ...heldOut } = batch({ blockSize, split: "heldOut" }, 0, 0, 6)
    expect(right(source.heldOut(6))).toEqual(heldOut)
    expect([source.side, source.length, source.objects, source.notes]).toEqual([7 * blockSize, null, 3, []])
  })
})

describe("sprites", () => {
  const source: ImageSource = { _tag: "sprites", side: 24, fewest: 1, most: 3 }

  test("scenes of the training and of the held-out split, each alone", async () => {
    const { batch: of, heldOut, side, objects } = await opened(source, { ahead: 0 })
    expect([side, objects]).toEqual([24, 3])
    const made = right(await of(5, 2, 4)())
    const held = right(heldOut(4))
    for (let i = 0; i < 4; i++) {
      const own = spritesScene({ size: 24, fewest: 1, most: 3 }, 5, 8 + i)
      expect(made.images.subarray(i * 1728, (i + 1) * 1728)).toEqual(own.image)
      expect(made.masks?.subarray(i * 576, (i + 1) * 576)).toEqual(own.masks)
      const other = spritesScene({ size: 24, fewest: 1, most: 3, split: "heldOut" }, 0, i)
      expect(held.images.subarray(i * 1728, (i + 1) * 1728)).toEqual(other.image)
    }
    expect(made.sharesColour).toEqual([])
  })
})

test("emoji: scenes of the training and of the held-out split", async () => {
  const source = await opened({ _tag: "emoji", side: 24, most: 3, ground: "checks" }, { ahead: 0 })
  const own = (index: number, seed: number, split: "train" | "heldOut") =>
    emojiScene({ size: 24, most: 3, ground: "checks", split }, seed, index)
  const made = right(await source.batch(9, 3, 2)())
  expect(made.images).toEqual(Float32Array.from([6, 7].flatMap((i) => [...own(i, 9, "train").image])))
  expect(made.masks).toEqual(Uint8Array.from([6, 7].flatMap((i) => [...own(i, 9, "train").masks])))
  expect(right(source.heldOut(1)).images).toEqual(own(0, 0, "heldOut").image)
  expect([source.side, source.objects, source.length]).toEqual([24, 3, null])
})

describe("drawn ahead by a worker", () => {
  // compiled and in a folder of packages, as users have it: then it is Node that loads it, in workers too
  const home = fileURLToPath(new URL("../../../../", import.meta.url))
  const root = join(home, ".tmp", `sources-${process.pid}`)
  const dist = join(root, "node_modules", "stillpoint")
  const compiled = async (source: ImageSource): Promise<OpenedSource> => {
    const made: typeof import("../../../../src/models/data/index.js") = await import(pathToFileURL(join(dist, "models/data/index.js")).href)
    return right(await made.openSource(source)())
  }
  const source: ImageSource = { _tag: "sprites", side: 16, most: 2 }
  let running = 0
  let started = 0
  const count = (worker: Worker) => {
    running++
    started++
    worker.on("exit", () => {
      running--
    })
  }
  beforeAll(async () => {
    const outbase = join(home, "src")
    // buildSync would leave a worker of its own
    await build({ entryPoints: [`${outbase}/**/*.ts`], outdir: dist, outbase, format: "esm", platform: "node", target: "node20" })
    writeFileSync(join(dist, "package.json"), '{ "type": "module" }')
    process.on("worker", count)
  })
  afterAll(() => {
    process.off("worker", count)
    rmSync(root, { recursive: true, force: true })
  })

  test("the same batches, from any step on, in any order, asked for one by one or at once; closing leaves no worker", async () => {
    const here = await opened(source, { ahead: 0 })
    const there = await compiled(source)
    const ask = async (...at: readonly [seed: number, step: number, count: number]) => {
      expect(right(await there.batch(...at)())).toEqual(right(await here.batch(...at)()))
    }
    for (const step of [3, 4, 5]) await ask(1, step, 2)
    expect([started, running]).toEqual([1, 1])
    await Promise.all([6, 7, 8].map((step) => ask(1, step, 2)))
    expect(started).toBe(1)
    await ask(1, 4, 2) // back
    await ask(1, 5, 3) // another size
    await ask(2, 6, 3) // another seed
    expect([started, running]).toEqual([4, 1])
    expect(right(there.heldOut(3))).toEqual(right(here.heldOut(3)))
    await there.close()
    expect(running).toBe(0)
    expect(left(await there.batch(2, 7, 3)())).toEqual({ _tag: "Cancelled", message: "data: the source is closed; open it again" })
    await there.close()
    expect(started).toBe(4)
  })

  test("closed while a batch is awaited, or before one was asked for", async () => {
    const there = await compiled(source)
    const pending = there.batch(0, 0, 2)()
    await there.close()
    expect(left(await pending)._tag).toBe("Cancelled")
    expect(running).toBe(0)
    await (await compiled(source)).close()
  })

  test("what can't be drawn there is a Left, and the next step is drawn again", async () => {
    const last = 2 ** 32 - 1
    const there = await compiled({ _tag: "emoji", side: 16 })
    right(await there.batch(0, last, 1)())
    expect(left(await there.batch(0, last + 1, 1)())).toMatchObject({
      _tag: "DecodeError",
      message: expect.stringMatching(/data: step 4294967296 of 1 scenes goes past scene 4294967295, the last of a seed; use another seed/),
    })
    expect(running).toBe(0)
    right(await there.batch(0, 0, 1)())
    await there.close()
    expect(running).toBe(0)
  })

  test("tetrominoes cost too little for one, and TypeScript sources can't be loaded by one without flags that let it", async () => {
    const before = started
    const cheap = await compiled({ _tag: "tetrominoes", blockSize: 2 })
    right(await cheap.batch(0, 0, 2)())
    await cheap.close()
    const plain = await opened(source)
    right(await plain.batch(0, 0, 2)())
    await plain.close()
    expect(started).toBe(before)
    const flagged = await opened(source, { execArgv: [] })
    expect(left(await flagged.batch(0, 0, 1)())._tag).toBe("DecodeError")
    await flagged.close()
    expect([started, running]).toEqual([before + 1, 0])
  })
})

describe("what is refused", () => {
  const messageOf = async (source: unknown) => left(await openSource(source as ImageSource)()).message
  test.each([
    [{ _tag: "sprite", side: 32 }, /^data: expected a _tag of tetrominoes, .* found "sprite"; did you mean "sprites"\?/],
    [{ _tag: "tetrominoes" }, /^data\.blockSize: expected a whole number from 1 to 64, found nothing/],
    [{ _tag: "emoji", side: 32, ground: "grass" }, /^data\.ground: expected one of textured, plain, gradient, .* found "grass"/],
    [{ _tag: "sprites", side: 8 }, /^data\.side: expected a whole number from 16 to 1024, found 8/],
    [{ _tag: "sprites", side: 32, fewest: 3, most: 2 }, /fewest must be at most most = 2, found 3/],
    [{ _tag: "sprites", side: 32, colour: "red" }, /unknown key "colour"/],
    [{ _tag: "sprites", side: 16, fewest: 3, most: 3, smallest: 0.9, largest: 1, minVisible: 0.9 }, /no 3 sprites in 2000 draws/],
    [{ _tag: "files", path: "", side: 32 }, /^data\.path: expected a path of a folder of PNG pictures, .* found ""/],
  ])("%j", async (source, message) => {
    expect(await messageOf(source)).toMatch(message)
  })

  test("steps that are none, and scenes past the last", async () => {
    const { batch: of, close } = await opened({ _tag: "tetrominoes", blockSize: 1 })
    for (const [step, count] of [
      [-1, 2],
      [0.5, 2],
      [0, 0],
      [Number.NaN, 1],
    ] as const)
      expect(left(await of(0, step, count)()).message).toMatch(/expected a step from 0 and a batch of at least 1 scene/)
    expect(left(await of(-1, 0, 1)()).message).toMatch(/seed must be an integer/)
    right(await of(0, 2 ** 32 - 1, 1)())
    expect(left(await of(0, 2 ** 31, 2)()).message).toMatch(/goes past scene 4294967295/)
    await close()
    expect(left(await of(0, 0, 1)())._tag).toBe("Cancelled")
  })
})
