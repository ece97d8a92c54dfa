/** What is in a run: its configuration, its layers, its metrics, and what its model makes of a few images. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { flatten, type RunError, type Session, sizeOf, type Tensor, tensor, toArray } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import { type Difference, defaultConfig, differences, imageSide } from "../config/index.js"
import { layerOf, type SummaryRow, summaryRows } from "../layers/index.js"
import { labelsFromMasks, mse } from "../metrics/index.js"
import type { MetricRecord } from "../run-folder/index.js"
import { type SlotAutoencoderParams, slotAutoencoder } from "../slot-attention/index.js"
import { attentionMaps, type Convergence, centred, keyOf, type Loaded, type View } from "../training/index.js"
import { convergenceOn } from "./assess.js"
import type { Subject } from "./subject.js"

/** What each slot paints, beside what it sees. */
export interface InnerView extends View {
  /** How much of each pixel a slot has in the decoder's masks, `[count, slots, size, size]`. */
  readonly shares: Float32Array
  /** What each slot would paint alone, `[count, slots, size, size, 3]`, in [0, 1] where it paints well. */
  readonly parts: Float32Array
}

/** A number of a run at a step. */
export interface Reading {
  readonly step: number
  readonly value: number
}

/** A metric so far. */
export interface MetricCourse {
  readonly last: Reading
  readonly least: Reading
  readonly most: Reading
}

/** What is in a run: sizes, configuration, layers, metrics, and what its model makes of a few images. */
export interface Inspection {
  readonly parameters: number
  readonly tensors: number
  /** Values of the configuration that are not the defaults. */
  readonly changed: readonly Difference[]
  /** The model and its parts on one image. */
  readonly layers: readonly SummaryRow[]
  /** By name. */
  readonly courses: Readonly<Record<string, MetricCourse>>
  readonly subject: Subject
  readonly view: InnerView
  readonly convergence: Convergence
}

/** The reading that wins; the first of equals, and any number against NaN. */
const better = (now: Reading, before: Reading | undefined, wins: (a: number, b: number) => boolean): Reading =>
  before === undefined || Number.isNaN(before.value) || wins(now.value, before.value) ? now : before

/** How each metric went: its last, least and largest value. */
export const courses = (records: readonly MetricRecord[]): Readonly<Record<string, MetricCourse>> => {
  const found = new Map<string, MetricCourse>()
  for (const { step, ...values } of records)
    for (const [name, value] of Object.entries(values)) {
      const now = { step, value }
      const before = found.get(name)
      found.set(name, {
        last: now,
        least: better(now, before?.least, (a, b) => a < b),
        most: better(now, before?.most, (a, b) => a > b),
      })
    }
  return Object.fromEntries(found)
}

const unit = (x: Tensor): Float32Array => Float32Array.from(toArray(x), (value) => (value + 1) / 2)

const innerView = async (
  session: Session,
  { description, snapshot }: Loaded,
  { images, count, size }: Subject,
  seed: number,
): Promise<E.Either<RunError, InnerView>> => {
  const model = slotAutoencoder(description.model)
  const program = session.compile((params: SlotAutoencoderParams, x: Tensor, key: Key) => {
    const { reconstruction, masks, parts, attention } = model.apply(params, centred(x), { key, mode: "eval" })
    return { reconstruction, masks, parts, attention: attentionMaps(attention, size) }
  })
  const params = snapshot.state[0] as never // the types of a program's inputs go too deep for this tree
  const made = await program(params, tensor(images, [count, size, size, 3]), keyOf(seed, "evaluation"))()
  program.dispose()
  if (E.isLeft(made)) return made
  const { reconstruction, masks, parts, attention } = made.right
  const [seen, shares] = [Float32Array.from(toArray(attention)), Float32Array.from(toArray(masks))]
  const painted = unit(reconstruction)
  if (![seen, shares, painted].every((values) => values.every(Number.isFinite)))
    return E.left({ _tag: "NonFinite", message: "inspection: the model's output is not finite; its parameters have diverged" })
  const { slots } = model.spec.attention
  return E.right({
    reconstructions: painted,
    attention: seen,
    shares,
    parts: unit(parts),
    labels: labelsFromMasks(seen, slots, size * size),
    painted: labelsFromMasks(shares, slots, size * size),
    mse: 4 * mse(painted, images), // in [0, 1] here: twice as large in [-1, 1]
  })
}

/**
 * Looks into a checkpoint, with the metrics of its run. All images are seen in one run: give few.
 *
 * @example
 * await inspectRun(session, loaded, [], heldOutSubject(loaded.description.config, 8), { seed: 0 })()
 */
export const inspectRun =
  (
    session: Session,
    loaded: Loaded,
    metrics: readonly MetricRecord[],
    subject: Subject,
    { seed, iterations }: { readonly seed: number; readonly iterations?: number },
  ): TaskEither<RunError, Inspection> =>
  async () => {
    const { config, model } = loaded.description
    const view = await innerView(session, loaded, subject, seed)
    if (E.isLeft(view)) return view
    const convergence = await convergenceOn(session, loaded, subject, seed, iterations)
    if (E.isLeft(convergence)) return convergence
    const { leaves } = flatten("the parameters", loaded.snapshot.state[0])
    const side = imageSide(config)
    return E.right({
      parameters: leaves.reduce((n, t) => n + sizeOf(t.shape), 0),
      tensors: leaves.length,
      changed: differences(defaultConfig, config),
      layers: summaryRows(layerOf(model), [1, side, side, 3]),
      courses: courses(metrics),
      subject,
      view: view.right,
      convergence: convergence.right,
    })
  }
