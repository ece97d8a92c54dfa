/** `stillpoint info`. */
import * as E from "fp-ts/lib/Either.js"
import { flatten, openSession, type StillpointError, sizeOf, targetNames } from "../core/index.js"
import { entries, type Loaded, load } from "../models/index.js"
import type { InfoOptions, UsageError } from "./options.js"
import { defaultRoot, findRun, metricsUpTo, runsIn } from "./runs.js"
import { version } from "./version.js"

const described = ({ description, snapshot }: Loaded, path: string): readonly string[] => {
  const { config, model, optimiser, step } = description
  const { leaves } = flatten("parameters", snapshot.state[0])
  const parameters = leaves.reduce((n, t) => n + sizeOf(t.shape), 0)
  return [
    path,
    `step ${step} of ${config.steps}, ${parameters} parameters in ${leaves.length} tensors`,
    "",
    ...entries(config).map(([name, value]) => `${name.padEnd(26)} ${typeof value === "string" ? value : JSON.stringify(value)}`),
    "",
    `model      ${JSON.stringify(model)}`,
    `optimiser  ${JSON.stringify(optimiser)}`,
  ]
}

const installation = async (root: string): Promise<readonly string[]> => {
  const targets: string[] = []
  for (const name of targetNames) {
    const session = await openSession(name)()
    targets.push(`  ${name.padEnd(16)} ${E.isRight(session) ? "here" : session.left.message}`)
    if (E.isRight(session)) await session.right.close()
  }
  const runs = runsIn(root)
  return [
    `stillpoint ${version()}, Node ${process.version}`,
    "targets:",
    ...targets,
    runs.length === 0 ? `no runs in ${root}/` : `runs in ${root}/, the latest first: ${runs.join(", ")}`,
  ]
}

/** Describes a run, a checkpoint, or the installation. */
export const info = async ({ name, file, runs }: InfoOptions): Promise<E.Either<StillpointError | UsageError, number>> => {
  const root = runs ?? defaultRoot
  const text = file ?? name
  if (text === undefined) {
    for (const line of await installation(root)) console.log(line)
    return E.right(0)
  }
  const run = findRun(root, text)
  if (E.isLeft(run)) return run
  const loaded = await load(run.right.checkpoint)()
  if (E.isLeft(loaded)) return loaded
  const metrics = await metricsUpTo(run.right, loaded.right.snapshot.step)
  if (E.isLeft(metrics)) return metrics
  for (const line of described(loaded.right, run.right.checkpoint)) console.log(line)
  const last = metrics.right?.findLast((m) => m.mse !== undefined)
  if (last !== undefined) console.log(`\nlast evaluation ${JSON.stringify(last)}`)
  return E.right(0)
}
