/** `stillpoint info`. */
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import { flatten, openSession, type StillpointError, sizeOf, targetNames } from "../core/index.js"
import { entries, type Loaded, load, readMetrics } from "../models/index.js"
import type { InfoOptions } from "./options.js"
import { checkpointOf, defaultRoot, runsIn } from "./runs.js"
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
export const info = async ({ name, file, runs }: InfoOptions): Promise<E.Either<StillpointError, number>> => {
  const root = runs ?? defaultRoot
  const path = file ?? (name === undefined ? undefined : checkpointOf(root, name))
  if (path === undefined) {
    for (const line of await installation(root)) console.log(line)
    return E.right(0)
  }
  const loaded = await load(path)()
  if (E.isLeft(loaded)) return loaded
  for (const line of described(loaded.right, path)) console.log(line)
  if (name !== undefined) {
    const metrics = await readMetrics(join(root, name, "metrics.jsonl"))()
    const last = E.isRight(metrics) ? metrics.right.findLast((m) => m.fgAri !== undefined) : undefined
    if (last !== undefined) console.log(`\nlast evaluation ${JSON.stringify(last)}`)
  }
  return E.right(0)
}
