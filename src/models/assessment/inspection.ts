/** What is in a run: its configuration, its layers, its metrics, and what its model makes of a few images. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { flatten, type RunError, type Session, sizeOf } from "../../core/index.js"
import { type Difference, defaultConfigs, differences, imageSide } from "../config/index.js"
import { inputOf } from "../families/index.js"
import { layerOf, type SummaryRow, summaryRows } from "../layers/index.js"
import type { MetricRecord } from "../run-folder/index.js"
import type { Loaded } from "../runs/index.js"
import type { Convergence, View } from "../training/index.js"
import { convergenceOn, viewOf } from "./assess.js"
import type { Subject } from "./subject.js"

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
  readonly view: View
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

/**
 * Looks into a checkpoint, with the metrics of its run.
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
    const view = await viewOf(session, loaded, loaded.snapshot.state[0], subject, seed)
    if (E.isLeft(view)) return view
    const convergence = await convergenceOn(session, loaded, subject, seed, iterations)
    if (E.isLeft(convergence)) return convergence
    const { leaves } = flatten("the parameters", loaded.snapshot.state[0])
    return E.right({
      parameters: leaves.reduce((n, t) => n + sizeOf(t.shape), 0),
      tensors: leaves.length,
      changed: differences(defaultConfigs[config.family], config),
      layers: summaryRows(layerOf(model), inputOf(model, imageSide(config))),
      courses: courses(metrics),
      subject,
      view: view.right,
      convergence: convergence.right,
    })
  }
