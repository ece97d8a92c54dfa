/** A run's checkpoint: the state, the configuration, and descriptions from which the model can be built without this program. */
import { existsSync } from "node:fs"
import { rename } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { key } from "../../ops/index.js"
import { type Checkpoint, fromSystem, type Json, listTensors, loadCheckpoint, parse, saveCheckpoint } from "../checkpoint/index.js"
import { type Config, configCodec, differences } from "../config/index.js"
import { type DecodeError, decodeError, type FileError } from "../failure.js"
import { described, initOf, type ModelParams, type ModelSpec, modelCodec } from "../families/index.js"
import { type OptimiserSpec, optimiserCodec, optimiserOf } from "../optim/index.js"
import { checkpointName } from "../run-folder/index.js"
import { decodeAs, record, whole } from "../schema/index.js"
import { type Snapshot, type State, stateFrom, storedState } from "../training/index.js"

/** What a checkpoint says about itself. */
export interface Description {
  readonly config: Config
  readonly model: ModelSpec
  readonly optimiser: OptimiserSpec
  readonly step: number
}

const descriptionFields = {
  config: configCodec,
  model: modelCodec,
  optimiser: optimiserCodec,
  step: whole(0, 2 ** 24),
}

const descriptionCodec = record(descriptionFields)

const descriptionNames = Object.keys(descriptionFields)

/** A checkpoint that was read: what it says about itself, and the state in it. */
export interface Loaded {
  readonly description: Description
  readonly snapshot: Snapshot<ModelParams>
}

/** What the checkpoint before the last one is called, in the same folder. */
const before = "checkpoint.before.safetensors"

/** One that could not be read. */
const damaged = "checkpoint.damaged.safetensors"

/** Writes a run's state in place of the last checkpoint, which is kept as the one before. */
export const save = (
  path: string,
  config: Config,
  { step, state }: Snapshot<ModelParams>,
): TE.TaskEither<FileError | DecodeError, void> => {
  const description: Description = { config, ...described(config), step }
  const metadata = description as unknown as { readonly [key: string]: Json } // descriptions are JSON
  return saveCheckpoint(path, { tensors: storedState(state), metadata }, { keep: before })
}

/** Decodes what a checkpoint holds; the model is the one that its own description describes. */
export const decodeRun = ({ tensors, metadata }: Checkpoint, source: string): E.Either<DecodeError, Loaded> => {
  const description = decodeAs(descriptionCodec, `${source}: metadata`, { ...metadata })
  if (E.isLeft(description)) return description
  const { model, optimiser, step } = description.right
  const params = initOf(model)(key(0))
  const state = stateFrom<ModelParams>(tensors, [params, optimiserOf(optimiser).init(params)], source)
  return E.map((s: State<ModelParams>): Loaded => ({ description: description.right, snapshot: { step, state: s } }))(state)
}

const read = (path: string): TE.TaskEither<FileError | DecodeError, Loaded> =>
  pipe(
    loadCheckpoint(path),
    TE.chainEitherKW((checkpoint) => decodeRun(checkpoint, path)),
  )

/**
 * Reads a run's checkpoint. `Left` when it is missing, truncated, changed, of another program, or inconsistent.
 *
 * @example
 * const loaded = await load("runs/a/checkpoint.safetensors")()
 * if (E.isRight(loaded)) console.log(loaded.right.description.step)
 */
export const load = (path: string): TE.TaskEither<FileError | DecodeError, Loaded> =>
  pipe(
    read(path),
    TE.mapLeft((error) => {
      const older = join(dirname(path), before)
      return basename(path) === checkpointName && existsSync(older)
        ? { ...error, message: `${error.message}\nThe checkpoint before it is ${older}` }
        : error
    }),
  )

/**
 * The checkpoint of a run that there is: the last one or (after a crash while it was replaced) the one before; null where there is none.
 *
 * @example
 * latestCheckpoint("runs/a/checkpoint.safetensors") // null where nothing was trained
 */
export const latestCheckpoint = (path: string): string | null =>
  [path, join(dirname(path), before)].find((file) => existsSync(file)) ?? null

/**
 * Whether a run has a checkpoint to go on from; see {@link latestCheckpoint}.
 *
 * @example
 * hasCheckpoint("runs/a/checkpoint.safetensors")
 */
export const hasCheckpoint = (path: string): boolean => latestCheckpoint(path) !== null

const describe = (path: string): TE.TaskEither<FileError | DecodeError, Description> =>
  pipe(
    listTensors(path),
    TE.chainEitherKW(({ metadata }): E.Either<DecodeError, Description> => {
      const found: Record<string, Json> = Object.create(null)
      for (const name of descriptionNames) {
        const value = parse(metadata[name] ?? "null", `${path}: metadata "${name}"`)
        if (E.isLeft(value)) return value
        found[name] = value.right
      }
      return decodeAs(descriptionCodec, `${path}: metadata`, found)
    }),
  )

/**
 * What the last checkpoint of a run says about itself, or the one before where its header can't be read. The tensors are not read, and
 * nothing is changed.
 *
 * @example
 * const made = await descriptionOf("runs/a/checkpoint.safetensors")()
 * if (E.isRight(made)) console.log(made.right.config.family)
 */
export const descriptionOf = (path: string): TE.TaskEither<FileError | DecodeError, Description> =>
  pipe(
    describe(path),
    TE.orElse((why) =>
      pipe(
        describe(join(dirname(path), before)),
        TE.mapLeft(() => why),
      ),
    ),
  )

/** A checkpoint to go on from, and why it is not the last one (null: it is). */
export interface Latest {
  readonly loaded: Loaded
  readonly fellBack: string | null
}

/**
 * Reads the last checkpoint of a run that can be read: where the last one is damaged or missing, the one before, and what is damaged is set
 * aside as `checkpoint.damaged.safetensors`, so that nothing is lost. `Left` where neither can be read.
 *
 * @example
 * const latest = await loadLatest("runs/a/checkpoint.safetensors")()
 * if (E.isRight(latest)) console.log(latest.right.loaded.description.step, latest.right.fellBack)
 */
export const loadLatest =
  (path: string): TE.TaskEither<FileError | DecodeError, Latest> =>
  async () => {
    const last = await read(path)()
    if (E.isRight(last)) return E.right({ loaded: last.right, fellBack: null })
    const older = await read(join(dirname(path), before))()
    if (E.isLeft(older)) return last
    const aside = join(dirname(path), damaged)
    const moved = existsSync(path) ? await TE.tryCatch(() => rename(path, aside), fromSystem("set aside", path))() : E.right(undefined)
    if (E.isLeft(moved)) return moved
    const kept = existsSync(aside) ? ` It is kept as ${aside}.` : ""
    return E.right({
      loaded: older.right,
      fellBack: `${last.left.message}\nGoing on from the checkpoint before it, of step ${older.right.description.step}.${kept}`,
    })
  }

/** Values that may change when a run goes on: none of them changes what a step computes, but for the end of the schedule. */
const mayChange = (name: string): boolean =>
  name === "steps" ||
  name === "target" ||
  name === "training.onNonFinite" ||
  name.startsWith("evaluation.") ||
  /^training\.\w+Every$/.test(name)

const told = (x: unknown): string => JSON.stringify(x) ?? String(x)

/**
 * Whether a run with `config` may go on from a checkpoint. `Left` names the first value that would change what was learnt.
 *
 * @param source what messages call the checkpoint
 *
 * @example
 * const fits = agrees(loaded.description, { ...loaded.description.config, steps: 9000 }, "runs/a/checkpoint.safetensors")
 * if (E.isLeft(fits)) console.error(fits.left.message)
 */
export const agrees = ({ config: made, model }: Description, config: Config, source: string): E.Either<DecodeError, void> => {
  const odd = differences(made, config).find(({ name }) => !mayChange(name))
  if (odd !== undefined)
    return E.left(
      decodeError(
        `config.${odd.name} is ${told(odd.after)}, but ${source} was made with ${told(odd.before)}; leave it out to go on, or start a new run under another --name`,
      ),
    )
  return isDeepStrictEqual(described(made).model, model)
    ? E.right(undefined)
    : E.left(
        decodeError(
          `${source}: its model is not the one that its configuration describes here; go on with the version of Stillpoint that wrote it`,
        ),
      )
}
