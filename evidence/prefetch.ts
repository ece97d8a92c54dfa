/** What loading ahead saves: Tetrominoes drawn in a worker thread while the main thread computes, and the same bits. */
import { createHash } from "node:crypto"
import * as E from "fp-ts/lib/Either.js"
import { type DataBatch, prefetch, type SceneRows } from "../src/models/index.js"
import batchesOf from "./prefetch/source.js"

export const title = "prefetch: batches from a worker thread are the same bits; how much of the drawing it hides"

const argument = { rows: 3200, size: 64 }
const repetitions = 3
type Scenes = DataBatch<SceneRows>

/** Stands for a training step: about `ms` of computing on the main thread. */
const compute = (ms: number): void => {
  const end = performance.now() + ms
  let x = 1
  while (performance.now() < end) for (let i = 0; i < 1000; i++) x = Math.sqrt(x + i)
}

const digestOf = async (items: AsyncIterable<Scenes> | Iterable<Scenes>): Promise<string> => {
  const digest = createHash("sha256")
  for await (const { rows, weights, indices } of items)
    for (const { buffer, byteOffset, byteLength } of [rows.image.data, rows.masks.data, weights, indices])
      digest.update(new Uint8Array(buffer, byteOffset, byteLength))
  return digest.digest("hex")
}

/** Milliseconds a step of `ms` and its batch take; the clock starts with the second batch, when a worker has started. */
const timeOf = async (items: AsyncIterable<Scenes> | Iterable<Scenes>, ms: number): Promise<number> => {
  let [began, steps] = [0, 0]
  for await (const { step } of items) {
    if (step === 1) began = performance.now()
    else if (step > 1) steps++
    compute(ms)
  }
  return (performance.now() - began - ms) / steps
}

async function* ahead(n: number): AsyncGenerator<Scenes> {
  const execArgv = ["--import", new URL("../test/support/tsx-in-worker.mjs", import.meta.url).href]
  const source = { module: new URL("./prefetch/source.ts", import.meta.url), argument }
  for await (const item of prefetch<Scenes>(source, { ahead: n, execArgv })) {
    if (E.isLeft(item)) throw new Error(item.left.message)
    yield item.right
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

export const run = async (): Promise<boolean> => {
  await timeOf(batchesOf(argument), 0) // warms up
  const drawing = await timeOf(batchesOf(argument), 0)
  console.log(
    `drawing a batch of ${argument.size} scenes of 35 x 35 takes ${drawing.toFixed(2)} ms; medians of ${repetitions} runs, a core each`,
  )
  console.log("\ncomputing ms   without   4 ahead   of the drawing hidden")
  for (const factor of [1, 2, 4]) {
    const ms = factor * drawing
    const [without, withIt]: [number[], number[]] = [[], []]
    for (let r = 0; r < repetitions; r++) {
      without.push(await timeOf(batchesOf(argument), ms))
      withIt.push(await timeOf(ahead(4), ms))
    }
    const [alone, beside] = [median(without), median(withIt)]
    const cells = [ms, alone, beside].map((x) => x.toFixed(2).padStart(8))
    console.log(`    ${cells.join("  ")}   ${((100 * (alone - beside)) / (alone - ms)).toFixed(0).padStart(5)} %`)
  }
  const same = (await digestOf(batchesOf(argument))) === (await digestOf(ahead(4)))
  console.log(`\nall batches the same to the bit with and without: ${same ? "yes" : "NO"}`)
  return same
}
