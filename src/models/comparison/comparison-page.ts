/** The page about a comparison: a table, and every curve over equal steps and over equal time. */
import type { Chart, MetricTable, ReportData, Series } from "../report/index.js"
import type { MetricRecord } from "../run-folder/index.js"
import type { Outcome } from "./compare.js"
import { configsSideBySide } from "./configs-side-by-side.js"

/** Metrics worth a chart, where a run has them, by the weight of the past in their smoothing. */
const charted: readonly (readonly [name: string, smoothing: number])[] = [
  ["loss", 0.95],
  ["crossEntropy", 0.95],
  ["squaredError", 0.95],
  ["gradientNorm", 0],
  ["residual", 0.95],
  ["heldOut.crossEntropy", 0],
  ["heldOut.bottleneckError", 0],
  ["heldOut.squaredError", 0],
  ["mse", 0],
  ["fgAri", 0],
  ["spectralRadius", 0],
  ["jacobianNorm", 0],
]

const series = ({ entrant, metrics, secondsAStep }: Outcome, name: string, x: "step" | "seconds", label: string): Series => {
  const known = metrics.filter((m) => m[name] !== undefined)
  const scale = x === "step" ? 1 : secondsAStep
  return { name: label || entrant.contender.name, x: known.map((m) => m.step * scale), y: known.map((m) => m[name] as number) }
}

const seedsOf = (outcomes: readonly Outcome[]): readonly number[] => [...new Set(outcomes.map(({ entrant }) => entrant.seed))]

/** A chart a seed, so that every curve is seen. */
const charts = (outcomes: readonly Outcome[], x: "step" | "seconds", names: readonly (readonly [string, number])[]): readonly Chart[] =>
  names.flatMap(([name, smoothing]) => {
    if (!outcomes.some(({ metrics }) => metrics.some((m) => m[name] !== undefined))) return []
    return seedsOf(outcomes).map(
      (seed): Chart => ({
        title: `${name}, seed ${seed}`,
        xLabel: x,
        yLabel: name,
        yScale: name === "fgAri" ? "linear" : "log",
        smoothing,
        series: outcomes.filter(({ entrant }) => entrant.seed === seed).map((outcome) => series(outcome, name, x, "")),
      }),
    )
  })

/**
 * The last value of a metric, or null.
 *
 * @example
 * lastOf([{ step: 1, loss: 3 }, { step: 2, loss: 2 }], "loss") // 2
 */
export const lastOf = (metrics: readonly MetricRecord[], name: string): number | null =>
  metrics.findLast((m) => m[name] !== undefined)?.[name] ?? null

/**
 * The largest value of a metric after the first steps, in which every run jumps; null where there is none.
 *
 * @example
 * largestOf([{ step: 1, loss: 3 }, { step: 2, loss: 2 }], "loss", 1) // 2
 */
export const largestOf = (metrics: readonly MetricRecord[], name: string, after: number): number | null => {
  const values = metrics.flatMap((m) => (m.step > after && m[name] !== undefined ? [m[name] as number] : []))
  return values.length === 0 ? null : values.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a))
}

/** Steps whose gradients are not among the largest: all runs start with a jump. */
export const firstSteps = 50

/**
 * The last values of everybody.
 *
 * @example
 * const { columns, rows } = comparisonTable(outcomes) // a row each
 */
export const comparisonTable = (outcomes: readonly Outcome[]): MetricTable => {
  const names = ["heldOut.crossEntropy", "heldOut.bottleneckError", "heldOut.squaredError", "mse", "fgAri"].filter((name) =>
    outcomes.some(({ metrics }) => lastOf(metrics, name) !== null),
  )
  return {
    title: "At the end",
    columns: [
      ...names.map((name) => ({ name, better: name === "fgAri" ? "higher" : "lower" }) as const),
      { name: "largest gradient norm", better: "lower" },
      { name: "spectral radius", better: "neither" },
      { name: "norm of the Jacobian", better: "neither" },
      { name: "steps", better: "neither" },
      { name: "seconds a step", better: "lower" },
    ],
    rows: outcomes.map(({ entrant, metrics, secondsAStep, failure }) => ({
      name: `${entrant.contender.name}, seed ${entrant.seed}`,
      ...(failure === null ? {} : { note: failure }),
      values: [
        ...names.map((name) => lastOf(metrics, name)),
        largestOf(metrics, "gradientNorm", firstSteps),
        lastOf(metrics, "spectralRadius"),
        lastOf(metrics, "jacobianNorm"),
        metrics.at(-1)?.step ?? 0,
        Number.isFinite(secondsAStep) ? secondsAStep : null,
      ],
    })),
    note: `Numbers of held-out images by the last evaluation. The largest gradient norm is that after step ${firstSteps}: every run starts with a jump. A spectral radius above 1 is no fixed point that attracts.`,
  }
}

/**
 * Why runs ended early, a text for each that did.
 *
 * @example
 * for (const text of endedEarly(outcomes)) console.log(text)
 */
export const endedEarly = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.flatMap(({ entrant, failure }) =>
    failure === null ? [] : [`${entrant.contender.name}, seed ${entrant.seed} ended early: ${failure}`],
  )

/**
 * A comparison as a report.
 *
 * @example
 * const page = renderReport(comparisonReport("gradients", outcomes))
 */
export const comparisonReport = (name: string, outcomes: readonly Outcome[]): ReportData => {
  const variants = new Set(outcomes.map(({ entrant }) => entrant.contender.name)).size
  const seeds = seedsOf(outcomes).length
  return {
    title: `Comparison: ${name}`,
    summary: `${variants} variants with ${seeds} ${seeds === 1 ? "seed" : "seeds"} each, by equal configurations but for what their names say. Curves are over equal steps, then over equal time.`,
    tables: [comparisonTable(outcomes)],
    curves: charts(outcomes, "step", charted),
    convergence: charts(
      outcomes,
      "seconds",
      charted.filter(([name]) => ["loss", "heldOut.crossEntropy", "mse", "fgAri"].includes(name)),
    ),
    config: configsSideBySide(outcomes),
    notes: [
      "Time is steps times the median seconds of a step, without compilation and evaluation.",
      "Where variants differ in a value of the configuration, each of the values is followed by the variant that has it.",
      ...endedEarly(outcomes),
    ],
  }
}
