/** The page about what is in a run. */
import type { Chart, ReportData, SceneView } from "../report/index.js"
import type { MetricRecord } from "../run-folder/index.js"
import type { Loaded } from "../runs/index.js"
import { configFacts, partOf, residualChart, sceneView } from "../training/index.js"
import type { Inspection } from "./inspection.js"
import { subjectNotes } from "./page.js"
import { imageCount } from "./subject.js"

/** What slots attend to with how they converge, and below it what they paint. */
const scenes = ({ subject, view, convergence }: Inspection): readonly SceneView[] =>
  subject.names.flatMap((name, i): readonly SceneView[] => {
    const seen = sceneView(subject, view, i, `${name}: attended`)
    const course = convergence.each[i]
    const numbers = Object.entries(view.numbers).map(([label, values]) => ({ label, value: values[i] as number }))
    const jacobian =
      course === undefined
        ? []
        : [
            { label: "radius", value: course.radius, note: "spectral radius of the refinement's Jacobian" },
            { label: "norm", value: course.norm, note: "largest singular value of the refinement's Jacobian" },
          ]
    const attended = { ...seen, scores: [...(seen.scores ?? []), ...numbers, ...jacobian] }
    return view.painted === null
      ? [attended]
      : [
          attended,
          {
            ...seen,
            title: `${name}: painted`,
            masks: partOf(view.painted.shares, subject.count, i),
            slotColours: partOf(view.painted.parts, subject.count, i),
            scores: [],
          },
        ]
  })

/** Each image's residuals by refinement; eight lines read well. */
const courseChart = ({ subject, convergence }: Inspection): Chart => ({
  title: "Residual by refinement, image by image",
  xLabel: "refinements made",
  yLabel: "|f(z) - z| / |f(z)|",
  yScale: "log",
  series: convergence.each.slice(0, 8).map(({ residuals }, i) => ({
    name: subject.names[i] as string,
    x: residuals.map((_, step) => step),
    y: residuals,
  })),
})

/** A chart for each metric that was written. */
const charts = (metrics: readonly MetricRecord[], names: readonly string[]): readonly Chart[] =>
  names.map((name) => {
    const known = metrics.flatMap(({ step, ...values }) => {
      const value = values[name]
      return value === undefined ? [] : [{ step, value }]
    })
    return { title: name, xLabel: "step", yLabel: name, series: [{ name, x: known.map((k) => k.step), y: known.map((k) => k.value) }] }
  })

/**
 * An inspection as a report.
 *
 * @example
 * const page = renderReport(inspectionReport(inspection, loaded, metrics, "my run"))
 */
export const inspectionReport = (
  inspection: Inspection,
  { description }: Loaded,
  metrics: readonly MetricRecord[],
  name: string,
): ReportData => {
  const { subject, view, convergence, parameters, courses, layers } = inspection
  const { config, step } = description
  return {
    title: `Inside ${name}`,
    summary: `Step ${step} of ${config.steps}; ${config.model.slots} slots, ${config.model.iterations} refinements, ${parameters} parameters.`,
    headline: [
      { label: "Squared error", value: view.mse, note: `a value, ${imageCount(subject.count)} in [-1, 1]` },
      {
        label: "Residual",
        value: convergence.residuals.middle[config.model.iterations] ?? "not measured",
        note: "median, where the model stops",
      },
      { label: "Spectral radius", value: convergence.radius, note: `largest ${convergence.largestRadius.toFixed(3)}` },
      { label: "Norm of the Jacobian", value: convergence.norm, note: "mean" },
    ],
    tables: [
      {
        title: "Layers, for one image",
        columns: [
          { name: "parameters", better: "neither" },
          { name: "operations", better: "neither" },
        ],
        rows: layers.map(({ path, kind, output, parameters: own, flops }) => ({
          name: path === "" ? "(model)" : path,
          note: `${kind} → ${output}`,
          values: [own, flops],
        })),
      },
    ],
    curves: charts(metrics, Object.keys(courses)),
    convergence: [residualChart([{ name: "this run", convergence }], config), courseChart(inspection)],
    scenes: scenes(inspection),
    config: configFacts(config),
    notes: [
      ...subjectNotes(subject),
      view.painted === null
        ? "Attended: each slot's attention at its last state, over the image. Reconstruction: the words that the decoder tells from the slots, painted."
        : "Attended: each slot's attention at its last state, over the image. Painted: what each slot paints, as opaque as its share in the decoder's masks.",
    ],
  }
}
