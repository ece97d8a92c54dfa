/** The page about an evaluation. */
import type { ReportData } from "../report/index.js"
import type { Loaded } from "../runs/index.js"
import { configFacts, residualChart, sceneView } from "../training/index.js"
import type { Assessment } from "./assess.js"

/** Images that the page shows. */
const shownImages = 16

/**
 * What was done to a subject's images, and what is not known of them, in sentences.
 *
 * @example
 * subjectNotes(heldOutSubject(defaultConfig, 8)) // []
 */
export const subjectNotes = ({ fitted, missing }: Assessment["subject"]): readonly string[] => [
  ...(fitted === null ? [] : [`Images were brought from ${fitted}.`]),
  ...(missing === null ? [] : [`No FG-ARI, ARI and mIoU: ${missing}.`]),
]

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
  const numbers = Object.keys(model?.numbers ?? {})
  const sameColour = rows.some((row) => row.partition !== null && row.partition.fgAriSameColour !== null)
  const higher = (column: string) => ({ name: column, better: "higher", digits: 3 }) as const
  return {
    title: `Evaluation of ${name}`,
    summary: `Step ${step} of ${config.steps} on ${subject.count} images (${subject.source}) of ${subject.size} x ${subject.size} pixels; slots' noise by seed ${seed}.`,
    headline: [
      ...(partition === null
        ? []
        : [
            { label: "FG-ARI", value: partition.fgAri },
            { label: "ARI", value: partition.ari },
            { label: "mIoU", value: partition.miou },
          ]),
      ...(model === undefined || model.mse === null
        ? []
        : [{ label: "Squared error", value: model.mse, note: "a value, images in [-1, 1]" }]),
      { label: "Spectral radius", value: convergence.radius, note: `largest ${convergence.largestRadius.toFixed(3)}` },
    ],
    tables: [
      {
        title: `${subject.count} images: ${subject.source}`,
        columns: [
          ...(partition === null
            ? []
            : [higher("FG-ARI"), ...(sameColour ? [higher("FG-ARI, shared colour")] : []), higher("ARI"), higher("mIoU")]),
          { name: "MSE", better: "lower" },
          ...numbers.map((name) => ({ name, better: "lower" }) as const),
        ],
        rows: rows
          .filter((row) => row.partition !== null || row.mse !== null)
          .map((row) => ({
            name: row.title.trim(),
            values: [
              ...(row.partition === null
                ? []
                : [row.partition.fgAri, ...(sameColour ? [row.partition.fgAriSameColour] : []), row.partition.ari, row.partition.miou]),
              row.mse,
              ...numbers.map((name) => row.numbers[name] ?? null),
            ],
            ours: row.key === "model" || row.key === "decoder",
          })),
      },
    ],
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
