/** What a finished run has to show: scores beside the baselines, curves, scenes, as one page. */
import type { Chart, MetricTable, ReportData, SceneView, Series } from "../report/index.js"
import type { MetricRecord } from "../run-folder/index.js"
import { objectNotes, type Segmentation } from "./evaluation.js"
import type { Measured, Summary } from "./finish.js"
import { mean } from "./mean.js"
import { adjointName, configFacts, residualChart, sceneView } from "./views.js"

/** Names of numbers on pages. */
const titles: Readonly<Record<string, string>> = {
  crossEntropy: "cross-entropy",
  squaredError: "squared error of the discrete VAE",
  bottleneckError: "squared error through the slots",
}

const titleOf = (name: string): string => titles[name] ?? name

/**
 * Scores of a finished run beside those of the untrained model and of clusters of colours.
 *
 * @example
 * const { columns, rows } = summaryTable(summary)
 */
export const summaryTable = ({ trained, untrained, byColour, byHue, scenes, images }: Summary): MetricTable => {
  const { scores, view } = trained
  const names = Object.keys(view.numbers)
  const known = scores.attention !== null
  const shared = scores.attention !== null && scores.attention.fgAriSameColour !== null
  const row = (name: string, found: Segmentation | null, of: Measured | null, ours = false) => ({
    name,
    values: [
      ...(known ? [found?.fgAri ?? null] : []),
      ...(shared ? [found?.fgAriSameColour ?? null] : []),
      of?.scores.mse ?? null,
      ...names.map((number) => (of === null ? null : mean(of.view.numbers[number] as Float32Array))),
    ],
    ...(ours ? { ours } : {}),
  })
  const count = scenes.sharesColour.filter(Boolean).length
  return {
    title: images?.heldOut === 0 ? "the image trained on" : `${scenes.count} held-out image${scenes.count === 1 ? "" : "s"}`,
    columns: [
      ...(known ? [{ name: "FG-ARI", better: "higher", digits: 3 } as const] : []),
      ...(shared ? [{ name: "FG-ARI, shared colour", better: "higher", digits: 3 } as const] : []),
      { name: "MSE", better: "lower" },
      ...names.map((name) => ({ name: titleOf(name), better: "lower" }) as const),
    ],
    rows: [
      row("this run", scores.attention, trained, true),
      ...(scores.decoder === null ? [] : [row("this run, by the decoder's masks", scores.decoder, null, true)]),
      row("untrained", untrained.scores.attention, untrained),
      ...(known ? [row("k-means on colour", byColour, null), row("k-means on hue", byHue, null)] : []),
    ],
    note: [
      ...(shared ? [`In ${count} scene${count === 1 ? "" : "s"} two pieces share a colour: colour alone can't tell them apart.`] : []),
      "MSE is a value's squared error, images in [-1, 1].",
      ...(names.length === 0 ? [] : ["Other errors are sums over an image in [0, 1]; cross-entropy is in nats an image."]),
    ].join(" "),
  }
}

const series = (name: string, metrics: readonly MetricRecord[], key: string): Series => {
  const known = metrics.filter((m) => m[key] !== undefined)
  return { name, x: known.map((m) => m.step), y: known.map((m) => m[key] as number) }
}

const curves = ({ metrics, byHue, trained, config }: Summary): readonly Chart[] => {
  const ends = [metrics[0]?.step ?? 0, metrics.at(-1)?.step ?? 0]
  const baseline = (name: string, value: number | null | undefined): readonly Series[] =>
    value === null || value === undefined ? [] : [{ name, x: ends, y: [value, value], dashed: true }]
  const common = { xLabel: "step" }
  const smooth = { yScale: "log", smoothing: 0.98 } as const
  const numbers = Object.keys(trained.view.numbers)
  return [
    { ...common, ...smooth, title: "Loss", yLabel: lossUnits[config.family], series: [series("loss", metrics, "loss")] },
    ...numbers.map(
      (name): Chart => ({
        ...common,
        ...smooth,
        title: titleOf(name),
        yLabel: "an image",
        series: [series("training", metrics, name), series("held out", metrics, `heldOut.${name}`)].filter(({ x }) => x.length > 0),
      }),
    ),
    ...(trained.scores.attention === null
      ? []
      : [
          {
            ...common,
            title: "Separation of held-out scenes",
            yLabel: "FG-ARI",
            yRange: [0, 1],
            series: [
              series("all scenes", metrics, "fgAri"),
              series("shared colour", metrics, "fgAriSameColour"),
              ...baseline("by hue", byHue?.fgAri),
              ...baseline("by hue, shared colour", byHue?.fgAriSameColour),
            ].filter(({ x }) => x.length > 0),
          } as const,
        ]),
    { ...common, ...smooth, title: "Gradient", yLabel: "norm", series: [series("gradient norm", metrics, "gradientNorm")] },
    {
      ...common,
      title: "The refinement's Jacobian",
      yLabel: "radius, norm",
      note: "Means over scenes, where the model stops. Of a scene that stops at a fixed point (its residual is small): with a radius below 1 it attracts, with a norm below 1 refinements near it come nearer.",
      series: [series("spectral radius", metrics, "spectralRadius"), series("norm", metrics, "jacobianNorm")],
    },
  ]
}

const lossUnits = { slotAutoencoder: "squared error a value", slate: "squared error + cross-entropy, an image" } as const

const convergenceChart = ({ trained, untrained, config }: Summary): Chart =>
  residualChart(
    [
      { name: "this run", convergence: trained.convergence },
      { name: "untrained", convergence: untrained.convergence, dashed: true },
    ],
    config,
  )

const scene = ({ scenes, trained }: Summary, index: number): SceneView => {
  const view = sceneView(scenes, trained.view, index, `Scene ${index}`)
  return scenes.sharesColour[index] ? { ...view, scores: [...(view.scores ?? []), { label: "colour", value: "shared" }] } : view
}

/** A few scenes, half of them with a shared colour where there are such. */
const shown = ({ scenes }: Summary): readonly number[] => {
  const all = Array.from({ length: scenes.count }, (_, i) => i)
  const shared = all.filter((i) => scenes.sharesColour[i]).slice(0, 4)
  return [...shared, ...all.filter((i) => !scenes.sharesColour[i]).slice(0, 8 - shared.length)].sort((a, b) => a - b)
}

const familyTitles = { slotAutoencoder: "Slot attention", slate: "SLATE" } as const

/** What the page says of the data, after the number of parameters. */
const dataNotes = ({ config, scenes, images }: Summary): readonly string[] => [
  images !== null
    ? images.heldOut === 0
      ? `There is one image in ${config.data.path}: it is trained on and scored, none is held out.`
      : `Of the ${images.trained + images.heldOut} images of ${config.data.path} ${images.heldOut} ${images.heldOut === 1 ? "is" : "are"} held out, the same for every seed.`
    : "Scenes are drawn by rule; training never repeats one, and none of the held-out ones is trained on.",
  ...objectNotes(scenes, "FG-ARI"),
  ...(scenes.masks === null
    ? []
    : [
        "FG-ARI: adjusted Rand index over the pixels of the objects; a pixel belongs to the slot that attends to it most (or has the largest part of it in the decoder's masks).",
      ]),
]

/**
 * The page about a run.
 *
 * @example
 * const page = renderReport(summaryReport(summary))
 */
export const summaryReport = (summary: Summary): ReportData => {
  const { name, config, step, scenes, trained, byHue, parameters } = summary
  const { scores, convergence, view } = trained
  const [ours, theirs] = [scores.attention?.fgAriSameColour ?? null, byHue?.fgAriSameColour ?? null]
  const beside =
    ours === null || theirs === null
      ? ""
      : ` Where two pieces share a colour it separates them ${ours > theirs ? "better" : "no better"} than the best clustering by colour.`
  return {
    title: `${familyTitles[config.family]} on ${config.data.source === "files" ? config.data.path : config.data.source}: ${name}`,
    summary: `${config.model.slots} slots, ${config.model.iterations} refinements, adjoint ${adjointName(config)}; ${step} steps of ${config.training.batch} images of ${scenes.size} x ${scenes.size} pixels, seed ${config.seed}.${beside}`,
    headline: [
      ...(scores.attention === null
        ? []
        : [{ label: "FG-ARI, held out", value: scores.attention.fgAri, note: `by hue ${byHue?.fgAri.toFixed(3)}` }]),
      ...(ours === null ? [] : [{ label: "Shared colour", value: ours, note: `by hue ${theirs?.toFixed(3)}` }]),
      { label: "Squared error", value: scores.mse, note: "a value, images in [-1, 1]" },
      ...Object.entries(view.numbers).map(([number, values]) => ({ label: titleOf(number), value: mean(values), note: "an image" })),
      { label: "Spectral radius", value: convergence.radius, note: `largest ${convergence.largestRadius.toFixed(3)}` },
    ],
    tables: [summaryTable(summary)],
    curves: curves(summary),
    convergence: [convergenceChart(summary)],
    scenes: shown(summary).map((i) => scene(summary, i)),
    config: configFacts(config),
    notes: [
      `${parameters} parameters. Untrained: the same model with its initial parameters.`,
      ...dataNotes(summary),
      ...(byHue === null
        ? []
        : ["k-means sees an image's pixel colours alone, with a cluster for each object and one for the background."]),
    ],
  }
}
