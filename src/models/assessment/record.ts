/** An evaluation as data for other programs. */
import type { Loaded } from "../runs/index.js"
import type { Assessment } from "./assess.js"

/**
 * JSON text on several lines; numbers that JSON can't hold are the strings "NaN", "Infinity" and "-Infinity", as in `metrics.jsonl`.
 *
 * @example
 * jsonText([Number.NaN]) // '[\n  "NaN"\n]\n'
 */
export const jsonText = (value: unknown): string =>
  `${JSON.stringify(value, (_, x: unknown) => (typeof x === "number" && !Number.isFinite(x) ? String(x) : x), 2)}\n`

/**
 * What `eval.json` holds. Scores are null where there is nothing to compare with.
 *
 * @example
 * const text = jsonText(assessmentRecord(assessment, loaded, "runs/a/checkpoint.safetensors"))
 */
export const assessmentRecord = ({ subject, seed, rows, each, convergence }: Assessment, { description }: Loaded, checkpoint: string) => {
  const { config, step } = description
  const none = { fgAri: null, fgAriSameColour: null, ari: null, miou: null }
  return {
    checkpoint,
    step,
    steps: config.steps,
    seed,
    data: { source: subject.source, images: subject.count, size: subject.size, fitted: subject.fitted, missing: subject.missing },
    scores: Object.fromEntries(rows.map(({ key, partition, mse, numbers }) => [key, { ...(partition ?? none), mse, ...numbers }])),
    convergence,
    images: each,
  }
}
