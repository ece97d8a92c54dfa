/** Opening what a model is trained on. Node only. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { StillpointError } from "../../../core/index.js"
import { decodeAs } from "../../schema/index.js"
import { drawnAhead } from "./ahead.js"
import { closedSource } from "./batch.js"
import { type DrawnKind, drawnBatch, drawnHeldOut, drawnKind } from "./drawn.js"
import { openFiles } from "./files.js"
import type { OpenedSource } from "./opened.js"
import { type CheckedDrawn, type ImageSource, imageSourceCodec } from "./source.js"

/** How a source is opened. */
export interface OpenSourceOptions {
  /**
   * Batches that a worker draws before they are asked for, where scenes cost enough for it to pay; 0: none, batches are drawn when they are asked
   * for. The batches are the same. Default 2.
   */
  readonly ahead?: number | undefined
  /**
   * Node's flags in the worker. Default: those of this process. A library that runs from its TypeScript sources has a worker only with flags
   * that let it load them.
   */
  readonly execArgv?: readonly string[] | undefined
}

/** Whether a worker could load its module: it is compiled, or there are flags that let it. */
const canLoad = (execArgv: readonly string[] | undefined): boolean => execArgv !== undefined || import.meta.url.endsWith(".js")

const drawnHere = (kind: DrawnKind): Pick<OpenedSource, "batch" | "close"> => {
  let closed = false
  return {
    batch: (seed, step, count) => async () => (closed ? closedSource : drawnBatch(kind, seed, step, count)),
    close: async () => {
      closed = true
    },
  }
}

const openDrawn =
  (source: CheckedDrawn, { ahead = 2, execArgv }: OpenSourceOptions): TaskEither<StillpointError, OpenedSource> =>
  async () => {
    const read = await drawnKind(source)()
    if (E.isLeft(read)) return read
    const kind = read.right
    const first = drawnBatch(kind, 0, 0, 1) // settings that don't fit each other are told here
    if (E.isLeft(first)) return first
    const batches = kind.costly && ahead > 0 && canLoad(execArgv) ? drawnAhead(source, { ahead, execArgv }) : drawnHere(kind)
    return E.right({
      side: kind.side,
      length: null,
      kept: null,
      objects: kind.objects,
      notes: [],
      heldOut: (count) => drawnHeldOut(kind, count),
      ...batches,
    })
  }

/**
 * Opens what a model is trained on. `Left` says what is wrong with the description or with the files, and what to do. Close it in the end, so
 * that no worker stays.
 *
 * @example
 * const opened = await openSource({ _tag: "sprites", side: 32 })()
 * if (E.isRight(opened)) {
 *   const batch = await opened.right.batch(0, 17, 16)() // step 17 of seed 0, 16 scenes
 *   if (E.isRight(batch)) console.log(batch.right.images.length)
 *   await opened.right.close()
 * }
 */
export const openSource =
  (source: ImageSource, options: OpenSourceOptions = {}): TaskEither<StillpointError, OpenedSource> =>
  async () => {
    const checked = decodeAs(imageSourceCodec, "data", source)
    if (E.isLeft(checked)) return checked
    return checked.right._tag === "files" ? openFiles(checked.right)() : openDrawn(checked.right, options)()
  }
