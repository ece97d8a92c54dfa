/** Small runs of either family, and what they leave. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import { hasCheckpoint, loadLatest } from "../../src/models/index.js"
import { tinySlate } from "../../test/models/training/tiny-slate.js"
import { type Cli, type Running, tinyOptions } from "../../test/support/cli.js"

export const families = ["slotAutoencoder", "slate"] as const

export type FamilyName = (typeof families)[number]

const common = { "training.checkpointEvery": 10, "training.evaluateEvery": 150, "evaluation.scenes": 8, "evaluation.finalScenes": 16 }

const settings: Readonly<Record<FamilyName, Readonly<Record<string, unknown>>>> = {
  slotAutoencoder: {
    ...common,
    steps: 400,
    "model.width": 8,
    "encoder.channels": 8,
    "encoder.kernels": [3],
    "encoder.hidden": 8,
    "decoder.hidden": 8,
    "training.batch": 4,
  },
  slate: { ...tinySlate, ...common, family: "slate", steps: 300, "model.vocabulary": 16 },
}

/** A run that was left alone. */
export interface Whole {
  readonly family: FamilyName
  readonly runs: string
  readonly name: string
  readonly seconds: number
}

export const checkpointOf = (runs: string, name: string): string => join(runs, name, "checkpoint.safetensors")

/** Begins a run, or goes on with it where there is a checkpoint. */
export const start = (cli: Cli, family: FamilyName, runs: string, name: string): Running =>
  hasCheckpoint(checkpointOf(runs, name))
    ? cli.start("train", "--runs", runs, "--name", name, "--resume")
    : cli.start("train", "--runs", runs, "--name", name, ...tinyOptions(settings[family]))

/** Lets a run end by itself. */
export const finished = async (cli: Cli, family: FamilyName, runs: string, name: string): Promise<void> => {
  const { code, err } = await start(cli, family, runs, name).ended
  if (code !== 0) throw new Error(`${name} failed: ${err}`)
}

export const alone = async (cli: Cli, runs: string, family: FamilyName): Promise<Whole> => {
  const begun = performance.now()
  const name = `${family}-whole`
  await finished(cli, family, runs, name)
  return { family, runs, name, seconds: (performance.now() - begun) / 1000 }
}

/** What a run can go on from, in words; and whether that is all that it should have. */
export const saved = async (
  runs: string,
  name: string,
): Promise<{ readonly fine: boolean; readonly step: number; readonly told: string }> => {
  const path = checkpointOf(runs, name)
  if (!hasCheckpoint(path)) return { fine: true, step: -1, told: "no checkpoint yet" }
  const latest = await loadLatest(path)()
  return E.isLeft(latest)
    ? { fine: false, step: -1, told: latest.left.message }
    : { fine: true, step: latest.right.loaded.snapshot.step, told: `step ${latest.right.loaded.snapshot.step}` }
}

export const sameFiles = ({ runs: a, name: one }: Whole, b: string, other: string): boolean =>
  ["checkpoint.safetensors", "metrics.jsonl"].every((of) => readFileSync(join(a, one, of)).equals(readFileSync(join(b, other, of))))
