/** Making batches in a worker thread while the main one trains. Node only. */
import { Worker } from "node:worker_threads"
import * as E from "fp-ts/lib/Either.js"
import type { RunError } from "../../../core/index.js"
import { type DecodeError, decodeError, TraceError } from "../../failure.js"
import type { Answer, Order, Request } from "./messages.js"

/** What to run in the worker: a function that a module exports, and what it is given. Functions can't be sent to a thread, names can. */
export interface PrefetchSource {
  /** URL of the module, such as `new URL("./scenes.js", import.meta.url)`. */
  readonly module: URL | string
  /** The name it exports a function by, which answers an iterable or async iterable of items. Default `"default"`. */
  readonly name?: string | undefined
  /** What the function is given; anything that `structuredClone` copies. */
  readonly argument?: unknown
}

/** How far ahead a worker loads, and what ends it. */
export interface PrefetchOptions {
  /** Items that may be made and not yet taken, at least 1. Default 2. */
  readonly ahead?: number | undefined
  /** Ends the worker and the stream with `Left(Cancelled)`. */
  readonly signal?: AbortSignal | undefined
  /** Node's flags in the worker, such as `["--import", "tsx"]` for a module in TypeScript. Default: those of this process. */
  readonly execArgv?: readonly string[] | undefined
}

/** How loading ahead can fail: the module is wrong or threw, or the signal ended it. */
export type PrefetchError = DecodeError | Extract<RunError, { readonly _tag: "Cancelled" }>

/** The worker's file beside this one, compiled or not. */
const workerFile = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url)

const failed = (url: string, what: string): Answer => ({ _tag: "Failed", message: `prefetch: ${url}: ${what}` })

/** The worker with its answers in a queue. Only while somebody waits for an answer does it keep the process alive. */
const open = (order: Order, execArgv: readonly string[] | undefined) => {
  const worker = new Worker(workerFile, { workerData: order, ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }) })
  worker.unref()
  const queue: Answer[] = []
  let wake: (() => void) | undefined
  const put = (answer: Answer): void => {
    queue.push(answer)
    wake?.()
  }
  worker.on("message", (answer: Answer) =>
    put(
      answer._tag === "Failed"
        ? failed(order.module, `the source failed (${answer.message}); run it without prefetch to find out where`)
        : answer,
    ),
  )
  worker.on("messageerror", (error) => put(failed(order.module, `an item could not be sent (${error.message})`)))
  worker.on("error", (error) => put(failed(order.module, `the worker failed (${error instanceof Error ? error.message : String(error)})`)))
  worker.on("exit", (code) => put(failed(order.module, `the worker ended with code ${code} before its items did`)))
  const next = async (): Promise<Answer> => {
    worker.ref()
    while (queue.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    worker.unref()
    return queue.shift()!
  }
  const more: Request = "more"
  return { next, put, more: () => worker.postMessage(more), close: () => worker.terminate() }
}

/**
 * Items that a worker thread makes ahead of their use: the same items in the same order, to the bit, as the source gives without it. Typed
 * arrays are copied once and handed over. The item type `A` is the caller's word for what the module makes.
 *
 * The worker starts when the first item is asked for. It is ended when the items end, after a failure, when the consumer stops early
 * (`break`, `return()`, an exception in its loop), and when `signal` is aborted, even while an item is awaited. A source that throws, a
 * module that isn't there, an item that can't be sent (it holds a function, say) and a worker that dies come as `Left`, after the items made
 * before; a `Left` is the last item.
 *
 * A set whose rows are in memory gains nothing: sending a batch costs what making it does. What is drawn, decoded or augmented does.
 *
 * @throws TraceError when `ahead` is no integer of at least 1
 *
 * @example
 * // scenes.js: export default ({ seed }) => batches({ data: tetrominoesData({ blockSize: 5 }, seed, 60_000), ... }).from()
 * const scenes = { module: new URL("./scenes.js", import.meta.url), argument: { seed: 0 } }
 * for await (const batch of prefetch<DataBatch<SceneRows>>(scenes, { ahead: 4 })) {
 *   if (E.isLeft(batch)) throw new Error(batch.left.message)
 *   await step(batch.right.rows.image)
 * }
 */
export const prefetch = <A>(
  { module, name = "default", argument }: PrefetchSource,
  { ahead = 2, signal, execArgv }: PrefetchOptions = {},
): AsyncGenerator<E.Either<PrefetchError, A>, void, undefined> => {
  if (!Number.isSafeInteger(ahead) || ahead < 1) throw new TraceError(`prefetch: ahead must be an integer of at least 1, found ${ahead}`)
  const cancelled = () => E.left({ _tag: "Cancelled", message: "prefetch: it was aborted by its signal" } as const)
  async function* items(): AsyncGenerator<E.Either<PrefetchError, A>, void, undefined> {
    if (signal?.aborted) return yield cancelled()
    const worker = open({ module: String(module), name, argument, ahead }, execArgv)
    const wake = () => worker.put({ _tag: "End" })
    signal?.addEventListener("abort", wake, { once: true })
    try {
      for (;;) {
        const answer = await worker.next()
        if (signal?.aborted) return yield cancelled()
        if (answer._tag === "End") return
        if (answer._tag === "Failed") return yield E.left(decodeError(answer.message))
        worker.more()
        yield E.right(answer.value as A)
      }
    } finally {
      signal?.removeEventListener("abort", wake)
      await worker.close()
    }
  }
  return items()
}
