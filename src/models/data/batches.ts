/**
 * Batches of a set: which rows a step takes is a pure function of the key, the epoch and the step, so training resumes at any step by
 * asking for that step.
 */
import { TraceError } from "../failure.js"
import type { Dataset } from "./dataset.js"
import { epochOrder } from "./order.js"

/** How a data set is cut into batches. */
export interface BatchOptions<A> {
  readonly data: Dataset<A>
  /** Rows of a batch, at least 1. Every batch has as many, so that one compiled program fits all. */
  readonly size: number
  /** What shuffles are drawn by: an integer from 0 to 2^53 - 1. */
  readonly key: number
  /** Whether each epoch has an order of its own; else rows come in theirs. Default true. */
  readonly shuffle?: boolean | undefined
  /**
   * What becomes of the last rows of an epoch when they don't fill a batch: `"pad"` (default) fills it up with rows of weight 0, `"drop"`
   * leaves them out (another epoch's shuffle has others last).
   */
  readonly partial?: "pad" | "drop" | undefined
}

/** A batch: its rows, which of them count, and where it stands in its epoch. */
export interface DataBatch<A> {
  /** `size` rows. Those of weight 0 repeat the batch's own rows from its first on, so they are as finite as the rest. */
  readonly rows: A
  /** 1 for a row of the set, 0 for one that fills up: a mean over rows is `sum(weights * loss) / count`. */
  readonly weights: Float32Array
  /** Rows of weight 1. */
  readonly count: number
  /** What each row is in the set. */
  readonly indices: Uint32Array
  readonly epoch: number
  /** Step in the epoch, from 0. */
  readonly step: number
}

/** The batches of an epoch. */
export interface Epoch<A> {
  /** How many there are. */
  readonly length: number
  /** The batch of a step, from 0. */
  readonly at: (step: number) => DataBatch<A>
  /** All batches from a step on (default 0), each made when it is asked for. */
  readonly from: (step?: number) => Generator<DataBatch<A>, void, undefined>
}

const stepsOf = <A>({ data, size, partial = "pad" }: BatchOptions<A>): number => {
  if (!Number.isInteger(size) || size < 1) throw new TraceError(`batches: size must be an integer of at least 1, found ${size}`)
  const steps = partial === "pad" ? Math.ceil(data.length / size) : Math.floor(data.length / size)
  if (steps > 0) return steps
  const why = data.length === 0 ? "the set has no rows" : `its ${data.length} rows don't fill a batch of ${size}, and partial is "drop"`
  throw new TraceError(`batches: there are no batches: ${why}`)
}

const natural = (name: string, value: number): void => {
  if (!Number.isSafeInteger(value) || value < 0) throw new TraceError(`batches: ${name} must be a natural number, found ${value}`)
}

/**
 * The batches of one epoch. Each row of the set comes once (with `"drop"`, at most once). The same options give the same batches to the bit,
 * in whatever order they are asked for.
 *
 * @throws TraceError when an option is outside its range, there are no batches, or a step is none of the epoch
 *
 * @example
 * const epoch = batches({ data: tetrominoesData({ blockSize: 2 }, 0, 100), size: 32, key: 1, epoch: 0 })
 * epoch.length // 4
 * epoch.at(3).count // 4: the last batch has 28 rows of weight 0
 */
export const batches = <A>(options: BatchOptions<A> & { readonly epoch: number }): Epoch<A> => {
  const { data, size, key, epoch, shuffle = true } = options
  natural("epoch", epoch)
  const length = stepsOf(options)
  const order = shuffle ? epochOrder(data.length, key, epoch) : undefined
  const at = (step: number): DataBatch<A> => {
    natural("step", step)
    if (step >= length) throw new TraceError(`batches: an epoch has steps 0 to ${length - 1}, found ${step}`)
    const start = step * size
    const count = Math.min(size, data.length - start)
    const indices = Uint32Array.from({ length: size }, (_, i) => order?.[start + (i % count)] ?? start + (i % count))
    const weights = new Float32Array(size).fill(1, 0, count)
    return { rows: data.get(indices), weights, count, indices, epoch, step }
  }
  return {
    length,
    at,
    *from(step = 0) {
      for (let s = step; s < length; s++) yield at(s)
    },
  }
}

/**
 * Epoch after epoch without end, as a function of the step since the beginning of training: what a run that is taken up at step t needs.
 * Keeps one epoch's order at a time.
 *
 * @throws TraceError as {@link batches} does
 *
 * @example
 * const batchOf = endlessBatches({ data: tetrominoesData({ blockSize: 2 }, 0, 100), size: 32, key: 1 })
 * batchOf(5).epoch // 1
 * batchOf(5).step // 1
 */
export const endlessBatches = <A>(options: BatchOptions<A>): ((step: number) => DataBatch<A>) => {
  const steps = stepsOf(options)
  let current: { readonly epoch: number; readonly batches: Epoch<A> } | undefined
  return (step) => {
    natural("step", step)
    const epoch = Math.floor(step / steps)
    if (current?.epoch !== epoch) current = { epoch, batches: batches({ ...options, epoch }) }
    return current.batches.at(step % steps)
  }
}
