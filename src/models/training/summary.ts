/** What a finished run has to show: scores beside the baselines, curves, scenes, as one page. */

import type { Config } from "../config/index.js"
import type { TetrominoesBatch } from "../data/index.js"
import type { Chart, MetricTable, ReportData, SceneView, Series } from "../report/index.js"
import type { MetricRecord } from "../run-folder/index.js"
import type { Convergence } from "./convergence.js"
import type { Evaluation, Scores, Segmentation } from "./evaluation.js"
import { adjointName, configFacts, residualChart, sceneView } from "./views.js"

/** What a finished run has to show: scores beside baselines, and how its refinement converges. */
export interface Summary {
  readonly name: string
  readonly config: Config
  readonly step: number
  readonly scenes: TetrominoesBatch
  readonly trained: Evaluation
  readonly untrained: Scores
  readonly byColour: Segmentation
  readonly byHue: Segmentation
  readonly convergence: Convergence
  readonly convergenceUntrained: Convergence
  readonly metrics: readonly MetricRecord[]
  readonly parameters: number
}

const table = ({ trained, untrained, byColour, byHue, scenes }: Summary): MetricTable => {
  const row = (name: string, s: Segmentation, mse: number | null, ours = false) => ({
    name,
    values: [s.fgAri, s.fgAriSameColour, mse],
    ...(ours ? { ours } : {}),
  })
  return {
    title: `${scenes.count} held-out scenes`,
    columns: [
      { name: "FG-ARI", better: "higher", digits: 3 },
      { name: "FG-ARI, shared colour", better: "higher", digits: 3 },
      { name: "MSE", better: "lower" },
    ],
    rows: [
      row("this run", trained.scores, trained.scores.mse, true),
      row("this run, by the decoder's masks", trained.scores.decoder, null, true),
      row("untrained", untrained, untrained.mse),
      row("k-means on colour", byColour, null),
      row("k-means on hue", byHue, null),
    ],
    note: `In ${scenes.sharesColour.filter(Boolean).length} scenes two pieces share a colour: colour alone can't tell them apart. MSE is a value's squared error, images in [-1, 1].`,
  }
}

const series = (name: string, metrics: readonly MetricRecord[], key: string): Series => {
  const known = metrics.filter((m) => m[key] !== undefined)
  return { name, x: known.map((m) => m.step), y: known.map((m) => m[key] as number) }
}

const curves = ({ metrics, byHue }: Summary): readonly Chart[] => {
  const ends = [metrics[0]?.step ?? 0, metrics.at(-1)?.step ?? 0]
  const baseline = (name: string, value: number | null): readonly Series[] =>
    value === null ? [] : [{ name, x: ends, y: [value, value], dashed: true }]
  const common = { xLabel: "step" }
  return [
    {
      ...common,
      title: "Loss",
      yLabel: "squared error a value",
      yScale: "log",
      smoothing: 0.98,
      series: [series("loss", metrics, "loss")],
    },
    {
      ...common,
      title: "Separation of held-out scenes",
      yLabel: "FG-ARI",
      yRange: [0, 1],
      series: [
        series("all scenes", metrics, "fgAri"),
        series("shared colour", metrics, "fgAriSameColour"),
        ...baseline("by hue", byHue.fgAri),
        ...baseline("by hue, shared colour", byHue.fgAriSameColour),
      ],
    },
    {
      ...common,
      title: "Gradient",
      yLabel: "norm",
      yScale: "log",
      smoothing: 0.98,
      series: [series("gradient norm", metrics, "gradientNorm")],
    },
    {
      ...common,
      title: "Spectral radius of the refinement",
      yLabel: "radius",
      note: "Mean over scenes, where the model stops. Below 1 the fixed point attracts.",
      series: [series("radius", metrics, "spectralRadius")],
    },
  ]
}

const convergenceChart = ({ convergence, convergenceUntrained, config }: Summary): Chart =>
  residualChart(
    [
      { name: "this run", convergence },
      { name: "untrained", convergence: convergenceUntrained, dashed: true },
    ],
    config,
  )

const scene = ({ scenes, trained }: Summary, index: number): SceneView => {
  const view = sceneView(scenes, trained, index, `Scene ${index}`)
  return scenes.sharesColour[index] ? { ...view, scores: [...(view.scores ?? []), { label: "colour", value: "shared" }] } : view
}

/** A few scenes, half of them with a shared colour where there are such. */
const shown = ({ scenes }: Summary): readonly number[] => {
  const all = scenes.sharesColour.map((_, i) => i)
  const shared = all.filter((i) => scenes.sharesColour[i]).slice(0, 4)
  return [...shared, ...all.filter((i) => !scenes.sharesColour[i]).slice(0, 8 - shared.length)].sort((a, b) => a - b)
}

/** The page about a run. */
export const summaryReport = (summary: Summary): ReportData => {
  const { name, config, step, scenes, trained, byHue, convergence, parameters } = summary
  const { scores } = trained
  const beats = scores.fgAriSameColour !== null && byHue.fgAriSameColour !== null && scores.fgAriSameColour > byHue.fgAriSameColour
  return {
    title: `Slot attention on Tetrominoes: ${name}`,
    summary: `${config.model.slots} slots, ${config.model.iterations} refinements, adjoint ${adjointName(config)}; ${step} steps of ${config.training.batch} scenes of ${scenes.size} x ${scenes.size} pixels, seed ${config.seed}. Where two pieces share a colour it separates them ${beats ? "better" : "no better"} than the best clustering by colour.`,
    headline: [
      { label: "FG-ARI, held out", value: scores.fgAri, note: `by hue ${byHue.fgAri.toFixed(3)}` },
      ...(scores.fgAriSameColour === null
        ? []
        : [{ label: "Shared colour", value: scores.fgAriSameColour, note: `by hue ${byHue.fgAriSameColour?.toFixed(3)}` }]),
      { label: "Squared error", value: scores.mse, note: "a value, images in [-1, 1]" },
      { label: "Spectral radius", value: convergence.radius, note: `largest ${convergence.largestRadius.toFixed(3)}` },
    ],
    tables: [table(summary)],
    curves: curves(summary),
    convergence: [convergenceChart(summary)],
    scenes: shown(summary).map((i) => scene(summary, i)),
    config: configFacts(config),
    notes: [
      `${parameters} parameters. Scenes are drawn by the rule of the published Tetrominoes set with blocks of ${config.data.blockSize} pixels; training never repeats one.`,
      "FG-ARI: adjusted Rand index over the pixels of the pieces; a pixel belongs to the slot that attends to it most (or has the largest part of it in the decoder's masks).",
      "Untrained: the same model with its initial parameters. k-means sees an image's pixel colours alone, with a cluster for each piece and one for the background.",
    ],
  }
}
