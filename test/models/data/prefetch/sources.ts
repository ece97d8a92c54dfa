/** What the prefetch tests run in a worker. */
import { appendFileSync } from "node:fs"
import { setTimeout } from "node:timers/promises"
import { batches, tetrominoesData } from "../../../../src/models/data/index.js"

/** Batches of scenes. */
export default ({ seed, rows }: { readonly seed: number; readonly rows: number }) =>
  batches({ data: tetrominoesData({ blockSize: 3 }, seed, rows), size: 8, key: seed, epoch: 0 }).from()

/** One array, filled anew for each item, as a view of a larger buffer. */
export function* reused({ items }: { readonly items: number }) {
  const data = new Float32Array(100).subarray(10, 14)
  for (let i = 0; i < items; i++) yield { at: i, nested: [{ data: data.fill(i) }] }
}

/** Numbers without end; each is written to a file when it is made. */
export async function* endless({ log }: { readonly log: string }) {
  for (let i = 0; ; i++) {
    appendFileSync(log, `${i}\n`)
    yield i
  }
}

/** Two items and an error. */
export function* failing() {
  yield 0
  yield 1
  throw new RangeError("no third item")
}

/** Never an item. */
export const silent = () => ({
  [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => setInterval(() => undefined, 1000)) }),
})

/** An item that can't be sent. */
export const unsendable = () => [{ f: () => 0 }]

/** Ends its thread. */
export async function* dying() {
  yield 0
  await setTimeout(100)
  process.exit(3)
}

export const notAFunction = 1
