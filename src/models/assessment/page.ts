/** The page about an evaluation. */
import type { Fact, MetricTable, ReportData } from "../report/index.js"
import type { Loaded } from "../runs/index.js"
import { configFacts, objectNotes, residualChart, sceneView } from "../training/index.js"
import type { Assessment } from "./assess.js"
import { imageCount } from "./subject.js"

/** Images that the page shows. */
const shownImages = 16

/**
 * What was done to a subject's images, and what is not known of them, in sentences.
 *
 * @example
 * const notes = subjectNotes(subject)
 */
export const subjectNotes = (subject: Assessment["subject"]): readonly string[] => [
  ...(subject.fitted === null ? [] : [`Images were brought from ${subject.fitted}.`]),
  ...(subject.missing === null ? [] : [`No FG-ARI, ARI and mIoU: ${subject.missing}.`]),
  ...objectNotes(subject, "FG-ARI and mIoU"),
]

/**
 * Scores of a model on images beside those of what it is compared with. Scores that none of them has are left out.
 *
 * @example
 * const { columns, rows } = assessmentTable(assessment)
 */
export const assessmentTable = ({ subject, rows }: Assessment): MetricTable => {
  const numbers = Object.keys(rows[0]?.numbers ?? {})
  const partitions = [
    ["FG-ARI", "fgAri"],
    ["FG-ARI, shared colour", "fgAriSameColour"],
    ["ARI", "ari"],
    ["mIoU", "miou"],
  ] as const
  const shown = partitions.filter(([, key]) => rows.some(({ partition }) => partition !== null && partition[key] !== null))
  return {
    title: `${imageCount(subject.count)}: ${subject.source}`,
    columns: [
      ...shown.map(([name]) => ({ name, better: "higher", digits: 3 }) as const),
      { name: "MSE", better: "lower" },
      ...numbers.map((name) => ({ name, better: "lower" }) as const),
    ],
    rows: rows
      .filter(({ partition, mse }) => partition !== null || mse !== null)
      .map(({ key, title, partition, mse, numbers: found }) => ({
        name: title,
        values: [...shown.map(([, score]) => partition?.[score] ?? null), mse, ...numbers.map((name) => found[name] ?? null)],
        ours: key === "model" || key === "decoder",
      })),
  }
}

const fact = (label: string, value: number | null | undefined): readonly Fact[] =>
  value === null || value === undefined ? [] : [{ label, value }]

/**
 * An evaluation as a report.
 *
 * @example
 * const page = renderReport(assessmentReport(assessment, loaded, "my run"))
 */
export const assessmentReport = (assessment: Assessment, { description }: Loaded, name: string): ReportData => {
  const { subject, rows, view, convergence, seed } = assessment
  const { config, step } = description
  const model = rows.find(({ key }) => key === "model")
  const partition = model?.partition ?? null
  return {
    title: `Evaluation of ${name}`,
    summary: `Step ${step} of ${config.steps} on ${imageCount(subject.count)} (${subject.source}) of ${subject.size} x ${subject.size} pixels; slots' noise by seed ${seed}.`,
    headline: [
      ...fact("FG-ARI", partition?.fgAri),
      ...fact("ARI", partition?.ari),
      ...fact("mIoU", partition?.miou),
      ...(model === undefined || model.mse === null
        ? []
        : [{ label: "Squared error", value: model.mse, note: "a value, images in [-1, 1]" }]),
      { label: "Spectral radius", value: convergence.radius, note: `largest ${convergence.largestRadius.toFixed(3)}` },
    ],
    tables: [assessmentTable(assessment)],
    convergence: [residualChart([{ name: "this run", convergence }], config)],
    scenes: subject.names.slice(0, shownImages).map((title, i) => sceneView(subject, view, i, title)),
    config: configFacts(config),
    notes: [
      ...subjectNotes(subject),
      "FG-ARI: adjusted Rand index over the pixels of the objects; ARI: over all pixels; mIoU: mean intersection over union of the objects with the segments matched to them. A pixel belongs to the slot that attends to it most (or has the largest part of it in the decoder's masks).",
      "MSE is a value's squared error, images in [-1, 1]. Untrained: the same model with its initial parameters. k-means sees an image's pixel colours alone.",
    ],
  }
}
