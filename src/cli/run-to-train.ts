/** Which run a command line trains, and whether what it sets fits it. */
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../core/index.js"
import { agrees, type Config, decodeConfig, descriptionOf, isComparison, mayBegin, type Setting } from "../models/index.js"
import { type TrainOptions, type UsageError, usage } from "./options.js"
import { checkpointOf, freeName, runNamed, runsIn } from "./runs.js"

/** What a new run is called before its number. */
const stemOf = ({ family, data }: Config): string => (family === "slate" ? "slate" : data.source === "files" ? "images" : data.source)

const newRun = ({ name }: TrainOptions, root: string, settings: readonly Setting[]): E.Either<UsageError, string> => {
  const config = decodeConfig({}, settings)
  if (E.isLeft(config)) return E.left(usage(config.left.message))
  if (name === undefined) return E.right(freeName(root, stemOf(config.right)))
  if (isComparison(join(root, name))) return E.left(usage(`${join(root, name)} holds a comparison; choose another --name`))
  const free = mayBegin(root, name)
  return E.isLeft(free) ? E.left(usage(free.left.message)) : E.right(name)
}

const runToGoOnWith = ({ name }: TrainOptions, root: string): E.Either<UsageError, string> => {
  if (name !== undefined) return runNamed(root, name)
  const [latest] = runsIn(root)
  return latest === undefined ? E.left(usage(`--resume: there is no run with a checkpoint in ${root}/ to go on with`)) : E.right(latest)
}

/** Whether what is set fits a run's own configuration. */
const fits = async (
  checkpoint: string,
  run: string,
  settings: readonly Setting[],
): Promise<E.Either<StillpointError | UsageError, void>> => {
  const made = await descriptionOf(checkpoint)()
  if (E.isLeft(made)) return made
  const { family } = made.right.config
  const named = settings.findLast(({ name }) => name === "family")?.value ?? family
  if (named !== family)
    return E.left(
      usage(
        `${run} is a run of the family ${family}, but the command names ${String(named)}; leave it out to go on, or start a new run under another --name`,
      ),
    )
  const config = decodeConfig(made.right.config, settings)
  if (E.isLeft(config)) return E.left(usage(`${run} is a run of the family ${family}; ${config.left.message}`))
  const agreed = agrees(made.right, config.right, checkpoint)
  return E.isLeft(agreed) ? E.left(usage(agreed.left.message)) : agreed
}

/** The name of the run; `Left` where it is none, or where what is set is wrong or is not what the run goes on with. */
export const runToTrain = async (
  options: TrainOptions,
  root: string,
  settings: readonly Setting[],
): Promise<E.Either<StillpointError | UsageError, string>> => {
  if (!options.resume) return newRun(options, root, settings)
  const name = runToGoOnWith(options, root)
  if (E.isLeft(name)) return name
  const fit = await fits(checkpointOf(root, name.right), join(root, name.right), settings)
  return E.isLeft(fit) ? fit : name
}
