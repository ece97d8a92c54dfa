/** A small SLATE with three gradients, three seeds each, by equal steps and equal numbers of forward applications. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import * as E from "fp-ts/lib/Either.js"
import { tableLines } from "../src/cli/table.js"
import {
  compareRuns,
  comparisonTable,
  endedEarly,
  entrants,
  firstSteps,
  isComparison,
  largestOf,
  lastOf,
  type Outcome,
  progressWriter,
} from "../src/models/index.js"

export const title =
  "A small SLATE, three seeds: cross-entropy, error through the slots and largest gradient of vanilla, implicit and exact (about an hour)"

/** The paper's names for the adjoints. All apply the refinement seven times forward: oneStep once after its iterations. */
const variants = { vanilla: "unrolled", implicit: "oneStep+model.iterations=6", exact: "exact" } as const

type Variant = keyof typeof variants

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const figures = {
  "cross-entropy, held out": (o: Outcome) => lastOf(o.metrics, "heldOut.crossEntropy"),
  "squared error through the slots": (o: Outcome) => lastOf(o.metrics, "heldOut.bottleneckError"),
  "largest gradient norm": (o: Outcome) => largestOf(o.metrics, "gradientNorm", firstSteps),
} as const

export const run = async (args: readonly string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      steps: { type: "string", default: "2000" },
      seeds: { type: "string", default: "3" },
      threads: { type: "string", default: "2" },
      keep: { type: "string" },
    },
  })
  const seeds = Array.from({ length: Number(values.seeds) }, (_, seed) => seed)
  const who = entrants(Object.values(variants), seeds)
  if (E.isLeft(who)) throw new Error(who.left.message)
  const root = values.keep === undefined ? mkdtempSync(join(tmpdir(), "stillpoint-small-")) : resolve(values.keep)
  const settings = [
    { name: "family", value: "slate" },
    { name: "steps", value: Number(values.steps) },
  ]
  const ended = await compareRuns({
    name: "small",
    root,
    resume: isComparison(join(root, "small")),
    threads: Number(values.threads),
    entrants: who.right,
    settings,
    stretch: 500,
    progress: progressWriter({ stream: process.stderr }),
    interrupted: () => false,
  })()
  if (E.isLeft(ended)) throw new Error(ended.left.message)
  if (ended.right._tag !== "finished") return false
  const { outcomes, folder } = ended.right
  for (const line of tableLines(comparisonTable(outcomes))) console.log(line)
  for (const text of endedEarly(outcomes)) console.log(text)
  const of = (variant: Variant) => outcomes.filter(({ entrant }) => entrant.contender.name === variants[variant])
  for (const [name, figure] of Object.entries(figures)) {
    const medians = (Object.keys(variants) as Variant[]).map(
      (variant) => [variant, median(of(variant).map((o) => figure(o) ?? Number.NaN))] as const,
    )
    const [[, vanilla], [, implicit]] = medians as [readonly [Variant, number], readonly [Variant, number]]
    const said = medians.map(([variant, value]) => `${variant} ${value.toPrecision(4)}`).join(", ")
    console.log(`${name}, median of ${seeds.length} seeds: ${said}; vanilla over implicit ${(vanilla / implicit).toFixed(2)}`)
  }
  console.log("the paper: the cross-entropy of vanilla is about 10 times that of implicit, its error through the slots 1.1 to 6.3 times")
  if (values.keep === undefined) rmSync(root, { recursive: true, force: true })
  else console.log(`curves: ${folder.report}`)
  const whole = outcomes.filter(({ summary, failure }) => summary !== null || failure !== null).length
  console.log(`${whole} of ${outcomes.length} runs went to their ends, or to a failure that is told`)
  return whole === outcomes.length
}
