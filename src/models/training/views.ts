/** Parts of pages about models: configurations, convergence, scenes. */
import { type Config, entries } from "../config/index.js"
import { fgAri } from "../metrics/index.js"
import type { Chart, Fact, SceneView, Series } from "../report/index.js"
import type { Convergence } from "./convergence.js"
import type { View } from "./evaluation.js"
import type { Images } from "./images.js"

/** How the gradient passes the refinements, in a word. */
export const adjointName = ({ model }: Config): string => (typeof model.adjoint === "string" ? model.adjoint : model.adjoint._tag)

/** A configuration as a page shows it. */
export const configFacts = (config: Config): Readonly<Record<string, string | number | boolean>> =>
  Object.fromEntries(
    entries(config).map(([key, value]) => [
      key,
      typeof value === "number" || typeof value === "string" || typeof value === "boolean" ? value : JSON.stringify(value),
    ]),
  )

/** Adjoints that apply f again to the state where the solve stops, and hand out what that gives. */
const goingOn: readonly string[] = ["oneStep", "neumann", "phantom"]

/**
 * What a model does after its refinements; empty where it hands out the state that they end at.
 *
 * @example
 * afterRefinements(defaultConfig) // "oneStep applies f to that again"
 */
export const afterRefinements = (config: Config): string =>
  goingOn.includes(adjointName(config)) ? `${adjointName(config)} applies f to that again` : ""

/** The convergence of a model by its name on the page. */
export interface NamedConvergence {
  readonly name: string
  readonly convergence: Convergence
  readonly dashed?: boolean
}

const trained = (config: Config): string =>
  [`Training makes ${config.model.iterations} refinements`, afterRefinements(config)]
    .filter((part) => part !== "")
    .join("; then ")
    .concat(".")

/** Residuals of models by refinement. */
export const residualChart = (lines: readonly NamedConvergence[], config: Config): Chart => ({
  title: "Residual by refinement",
  xLabel: "refinements made",
  yLabel: "|f(z) - z| / |f(z)|",
  yScale: "log",
  note: `Median and the middle four fifths of the scenes. ${trained(config)}`,
  series: lines.map(
    ({ name, convergence: { residuals }, dashed = false }): Series => ({
      name,
      x: residuals.middle.map((_, i) => i),
      y: residuals.middle,
      low: residuals.low,
      high: residuals.high,
      ...(dashed ? { dashed } : {}),
    }),
  ),
})

/** The values of one of `count` things side by side. */
export const partOf = (all: Float32Array | Uint8Array, count: number, index: number): Float32Array | Uint8Array => {
  const each = all.length / count
  return all.subarray(index * each, (index + 1) * each)
}

/** An image, what a model painted and which slots attend where; with label maps, also the truth and the score. */
export const sceneView = (seen: Images & { readonly masks: Uint8Array | null }, view: View, index: number, title: string): SceneView => {
  const { count, size, images, masks } = seen
  const truth = masks === null ? undefined : partOf(masks, count, index)
  const scores: readonly Fact[] =
    truth === undefined || !truth.some((label) => label !== 0)
      ? []
      : [{ label: "FG-ARI", value: fgAri(truth, partOf(view.labels, count, index)) }]
  return {
    title,
    width: size,
    height: size,
    image: partOf(images, count, index),
    reconstruction: partOf(view.reconstructions, count, index),
    pictures: Object.entries(view.pictures).map(([name, all]) => ({ name, pixels: partOf(all, count, index) })),
    masks: partOf(view.attention, count, index),
    ...(truth === undefined ? {} : { truth }),
    scores,
  }
}
