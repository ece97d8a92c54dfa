/** The main job: `npm start` with three seeds, its scores on held-out scenes beside an untrained model and clustering by colour. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as E from "fp-ts/lib/Either.js"
import {
  decodeConfig,
  type PartitionScores,
  parseSetting,
  progressWriter,
  run as runTraining,
  type Segmentation,
  type Setting,
  type Summary,
} from "../src/models/index.js"
import { perfectColour } from "./main-job/clustering.js"
import { type RealImages, realImages, scoresOf } from "./main-job/real-images.js"

export const title =
  "npm start separates objects: FG-ARI on held-out scenes and ten published images, three seeds, beside clustering by colour"

const limit = 300

/**
 * What the median seed must reach. Fixed before the seeds were run, below what a pilot had (seed 0, 7000 steps: 0.881, 0.839 where two
 * pieces share a colour; on the published images 0.938 and 0.931), and above what a perfect clustering by colour has.
 */
const bars = { all: 0.82, sameColour: 0.75, real: 0.82, realSameColour: 0.75 }

const cell = (value: number | null) => (value === null ? "-" : value.toFixed(3)).padStart(8)
const row = (name: string, s: Segmentation | null, more = "") =>
  console.log(`${name.padEnd(26)}${cell(s?.fgAri ?? null)}${cell(s?.fgAriSameColour ?? null)}${more}`)

const settingsOf = (texts: readonly string[]): readonly Setting[] =>
  texts.map((text) => {
    const setting = parseSetting(text)
    if (E.isLeft(setting)) throw new Error(setting.left.message)
    return setting.right
  })

/** One run with the default configuration but for the settings; its summary and how long it took. */
const train = async (
  root: string,
  seed: number,
  settings: readonly Setting[],
): Promise<{ readonly summary: Summary; readonly seconds: number; readonly checkpoint: string }> => {
  const begun = performance.now()
  const result = await runTraining({
    name: `seed-${seed}`,
    root,
    resume: false,
    configure: () => decodeConfig({}, [...settings, { name: "seed", value: seed }]),
    progress: progressWriter({ stream: process.stderr, logEvery: 30 }),
    interrupted: () => false,
  })()
  if (E.isLeft(result)) throw new Error(result.left.message)
  if (result.right._tag !== "finished") throw new Error("interrupted")
  const { summary, folder } = result.right
  return { summary, seconds: (performance.now() - begun) / 1000, checkpoint: folder.checkpoint }
}

interface Done {
  readonly summary: Summary
  readonly seconds: number
  readonly real: PartitionScores | null
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2
}

/** One group of scenes: the scores of the seeds, and whether their median reaches its bar. */
const judge = (name: string, scores: readonly number[], bar: number, colour: number): boolean => {
  const middle = median(scores)
  const held = middle >= bar && bar > colour
  console.log(
    `${name.padEnd(34)} median ${middle.toFixed(3)} (${scores.map((x) => x.toFixed(3)).join(", ")}), bar ${bar}, perfect colour clustering ${colour.toFixed(3)}: ${held ? "holds" : "FALLS SHORT"}`,
  )
  return held
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: [...args],
    options: { seeds: { type: "string", default: "3" }, set: { type: "string", multiple: true, default: [] }, keep: { type: "string" } },
  })
  const root = values.keep ?? mkdtempSync(join(tmpdir(), "stillpoint-main-"))
  const runs: Done[] = []
  let images: RealImages | null = null
  try {
    for (let seed = 0; seed < Number(values.seeds); seed++) {
      const { summary, seconds, checkpoint } = await train(root, seed, settingsOf(values.set))
      images ??= await realImages(summary.config)
      runs.push({ summary, seconds, real: images === null ? null : await scoresOf(checkpoint, images) })
    }
  } finally {
    if (values.keep === undefined) rmSync(root, { recursive: true, force: true })
  }
  const { scenes, byColour, byHue } = runs[0]!.summary
  const colour = perfectColour(scenes)
  console.log(`${"".padEnd(26)}${"all".padStart(8)}${"shared".padStart(8)}   (${scenes.count} scenes of ${scenes.size} x ${scenes.size})`)
  runs.forEach(({ summary, seconds }, seed) => {
    row(
      `seed ${seed}`,
      summary.trained.scores.attention,
      `   ${seconds.toFixed(0)} s, MSE ${summary.trained.scores.mse.toPrecision(3)}, radius ${summary.trained.convergence.radius.toFixed(3)}`,
    )
    row("  by the decoder's masks", summary.trained.scores.decoder)
    row("  untrained", summary.untrained.scores.attention)
  })
  row("k-means on colour", byColour)
  row("k-means on hue", byHue)
  row("perfect colour clustering", colour)
  const judged = [
    judge(
      "FG-ARI",
      runs.map(({ summary }) => summary.trained.scores.attention?.fgAri ?? Number.NaN),
      bars.all,
      colour.fgAri,
    ),
    judge(
      "FG-ARI where two share a colour",
      runs.map(({ summary }) => summary.trained.scores.attention?.fgAriSameColour ?? Number.NaN),
      bars.sameColour,
      colour.fgAriSameColour ?? Number.NaN,
    ),
  ]
  if (images === null) console.log("the ten published images are not beside the project: skipped")
  else {
    const [real, ofColour] = [runs.map((r) => r.real as PartitionScores), perfectColour(images)]
    judged.push(
      judge(
        "ten published images",
        real.map((s) => s.fgAri ?? Number.NaN),
        bars.real,
        ofColour.fgAri,
      ),
      judge(
        "  of which two share a colour",
        real.map((s) => s.fgAriSameColour ?? Number.NaN),
        bars.realSameColour,
        ofColour.fgAriSameColour ?? Number.NaN,
      ),
    )
  }
  const slowest = Math.max(...runs.map((r) => r.seconds))
  console.log(
    `${judged.filter(Boolean).length} of ${judged.length} medians of ${runs.length} seeds reach their bar; the slowest run took ${slowest.toFixed(0)} s of ${limit}`,
  )
  return judged.every(Boolean) && slowest <= limit
}
