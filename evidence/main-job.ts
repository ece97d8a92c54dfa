/** The main job: `npm start` with three seeds, its scores on held-out scenes beside an untrained model and clustering by colour. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as E from "fp-ts/lib/Either.js"
import {
  decodeConfig,
  parseSetting,
  progressWriter,
  run as runTraining,
  type Segmentation,
  type Setting,
  type Summary,
} from "../src/models/index.js"

export const title = "npm start separates objects: FG-ARI on held-out scenes, three seeds, beside untrained and k-means"

const limit = 300

const cell = (value: number | null) => (value === null ? "-" : value.toFixed(3)).padStart(8)
const row = (name: string, s: Segmentation, more = "") => console.log(`${name.padEnd(26)}${cell(s.fgAri)}${cell(s.fgAriSameColour)}${more}`)

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
): Promise<{ readonly summary: Summary; readonly seconds: number }> => {
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
  return { summary: result.right.summary, seconds: (performance.now() - begun) / 1000 }
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: [...args],
    options: { seeds: { type: "string", default: "3" }, set: { type: "string", multiple: true, default: [] }, keep: { type: "string" } },
  })
  const root = values.keep ?? mkdtempSync(join(tmpdir(), "stillpoint-main-"))
  const runs: { readonly summary: Summary; readonly seconds: number }[] = []
  try {
    for (let seed = 0; seed < Number(values.seeds); seed++) runs.push(await train(root, seed, settingsOf(values.set)))
  } finally {
    if (values.keep === undefined) rmSync(root, { recursive: true, force: true })
  }
  const first = runs[0]!.summary
  console.log(`${"".padEnd(26)}${"all".padStart(8)}${"shared".padStart(8)}   (${first.scenes.count} scenes)`)
  runs.forEach(({ summary, seconds }, seed) => {
    row(
      `seed ${seed}`,
      summary.trained.scores,
      `   ${seconds.toFixed(0)} s, MSE ${summary.trained.scores.mse.toPrecision(3)}, radius ${summary.convergence.radius.toFixed(3)}`,
    )
    row("  by the decoder's masks", summary.trained.scores.decoder)
    row("  untrained", summary.untrained)
  })
  row("k-means on colour", first.byColour)
  row("k-means on hue", first.byHue)
  const shared = runs.map(({ summary }) => summary.trained.scores.fgAriSameColour ?? Number.NaN)
  const best = Math.max(first.byColour.fgAriSameColour ?? 0, first.byHue.fgAriSameColour ?? 0)
  const slowest = Math.max(...runs.map((r) => r.seconds))
  const held = shared.every((x) => x > best) && slowest <= limit
  console.log(
    `scenes with equal colours: FG-ARI ${Math.min(...shared).toFixed(3)} to ${Math.max(...shared).toFixed(3)} over ${runs.length} seeds, clustering at most ${best.toFixed(3)}; the slowest run took ${slowest.toFixed(0)} s of ${limit}`,
  )
  return held
}
