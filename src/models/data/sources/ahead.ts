/** Batches that a worker draws while the step before them computes. */
import * as E from "fp-ts/lib/Either.js"
import { type PrefetchError, prefetch } from "../prefetch/index.js"
import { closedSource, type SceneBatch } from "./batch.js"
import type { OpenedSource } from "./opened.js"
import type { CheckedDrawn } from "./source.js"
import type { DrawingOrder } from "./worker.js"

type Items = AsyncGenerator<E.Either<PrefetchError, SceneBatch>, void, undefined>

/** What the worker is drawing, and the step of the next item. */
interface Going {
  readonly seed: number
  readonly count: number
  next: number
  readonly items: Items
}

/** The module beside this one, compiled or not. */
const module = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url)

/** Batches drawn in turn, `ahead` of them before they are asked for. To ask for another step than the next one begins anew there. */
export const drawnAhead = (
  source: CheckedDrawn,
  { ahead, execArgv }: { readonly ahead: number; readonly execArgv: readonly string[] | undefined },
): Pick<OpenedSource, "batch" | "close"> => {
  const abort = new AbortController()
  let going: Going | undefined
  const begin = (seed: number, count: number, from: number): Going => {
    const argument: DrawingOrder = { source, seed, count, from }
    const items: Items = prefetch({ module, name: "drawnBatches", argument }, { ahead, execArgv, signal: abort.signal })
    return { seed, count, next: from, items }
  }
  const take = async (seed: number, step: number, count: number): Promise<E.Either<PrefetchError, SceneBatch>> => {
    if (abort.signal.aborted) return closedSource
    if (going?.seed !== seed || going.count !== count || going.next !== step) {
      await going?.items.return()
      going = begin(seed, count, step)
    }
    going.next++
    const item = await going.items.next()
    if (!item.done && E.isRight(item.value)) return item.value
    await going.items.return() // only then it ends its worker
    going = undefined
    return item.done || abort.signal.aborted ? closedSource : item.value
  }
  let last: Promise<unknown> = Promise.resolve()
  return {
    batch: (seed, step, count) => () => {
      const taken = last.then(() => take(seed, step, count))
      last = taken
      return taken
    },
    close: async () => {
      abort.abort()
      await last
      await going?.items.return()
    },
  }
}
