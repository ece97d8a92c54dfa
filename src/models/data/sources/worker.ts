/** What a worker thread draws: the batches of a source from a step on. */
import * as E from "fp-ts/lib/Either.js"
import type { SceneBatch } from "./batch.js"
import { drawnBatch, drawnKind } from "./drawn.js"
import type { CheckedDrawn } from "./source.js"

/** What batches to draw. */
export interface DrawingOrder {
  readonly source: CheckedDrawn
  readonly seed: number
  readonly count: number
  readonly from: number
}

/** Batches without end; what can't be drawn is thrown, as the worker's failure. */
export async function* drawnBatches({ source, seed, count, from }: DrawingOrder): AsyncGenerator<SceneBatch, never, undefined> {
  const kind = await drawnKind(source)()
  if (E.isLeft(kind)) throw new Error(kind.left.message)
  for (let step = from; ; step++) {
    const made = drawnBatch(kind.right, seed, step, count)
    if (E.isLeft(made)) throw new Error(made.left.message)
    yield made.right
  }
}
