/** A run's checkpoint: the state, the configuration, and descriptions from which the model can be built without this program. */
import { isDeepStrictEqual } from "node:util"
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { key } from "../../ops/index.js"
import { type Checkpoint, type Json, loadCheckpoint, saveCheckpoint } from "../checkpoint/index.js"
import { type Config, configCodec, differences, modelSpec, optimiserSpec } from "../config/index.js"
import { type DecodeError, decodeError, type FileError } from "../failure.js"
import { type OptimiserSpec, optimiserCodec, optimiserOf } from "../optim/index.js"
import { decodeAs, record, whole } from "../schema/index.js"
import { type SlotAutoencoderParams, type SlotAutoencoderSpec, slotAutoencoder, slotAutoencoderCodec } from "../slot-attention/index.js"
import { type Snapshot, stateFrom, storedState } from "./snapshot.js"
import type { State } from "./step.js"

/** What a checkpoint says about itself. */
export interface Description {
  readonly config: Config
  readonly model: SlotAutoencoderSpec
  readonly optimiser: OptimiserSpec
  readonly step: number
}

const descriptionCodec = record({
  config: configCodec,
  model: slotAutoencoderCodec,
  optimiser: optimiserCodec,
  step: whole(0, 2 ** 24),
})

/** A checkpoint that was read: what it says about itself, and the state in it. */
export interface Loaded {
  readonly description: Description
  readonly snapshot: Snapshot<SlotAutoencoderParams>
}

/** Writes a run's state in place of the checkpoint before. */
export const save = (
  path: string,
  config: Config,
  { step, state }: Snapshot<SlotAutoencoderParams>,
): TE.TaskEither<FileError | DecodeError, void> => {
  const described: Description = { config, model: modelSpec(config), optimiser: optimiserSpec(config), step }
  const metadata = described as unknown as { readonly [key: string]: Json } // descriptions are JSON
  return saveCheckpoint(path, { tensors: storedState(state), metadata })
}

/** Decodes what a checkpoint holds; the model is the one that its own description describes. */
export const decodeRun = ({ tensors, metadata }: Checkpoint, source: string): E.Either<DecodeError, Loaded> => {
  const description = decodeAs(descriptionCodec, `${source}: metadata`, { ...metadata })
  if (E.isLeft(description)) return description
  const { model, optimiser, step } = description.right
  const params = slotAutoencoder(model).init(key(0))
  const state = stateFrom<SlotAutoencoderParams>(tensors, [params, optimiserOf(optimiser).init(params)], source)
  return E.map((s: State<SlotAutoencoderParams>): Loaded => ({ description: description.right, snapshot: { step, state: s } }))(state)
}

/**
 * Reads a run's checkpoint. `Left` when it is missing, truncated, changed, of another program, or inconsistent.
 *
 * @example
 * const loaded = await load("runs/a/checkpoint.safetensors")()
 * if (E.isRight(loaded)) console.log(loaded.right.description.step)
 */
export const load = (path: string): TE.TaskEither<FileError | DecodeError, Loaded> =>
  pipe(
    loadCheckpoint(path),
    TE.chainEitherKW((checkpoint) => decodeRun(checkpoint, path)),
  )

/** Values that may change when a run goes on: none of them changes what a step computes, but for the end of the schedule. */
const mayChange = (name: string): boolean =>
  name === "steps" || name === "target" || name.startsWith("evaluation.") || /^training\.\w+Every$/.test(name)

const told = (x: unknown): string => JSON.stringify(x) ?? String(x)

/** Whether a run with `config` may go on from a checkpoint. `Left` names the first value that would change what was learnt. */
export const agrees = ({ config: before, model }: Description, config: Config, source: string): E.Either<DecodeError, void> => {
  const odd = differences(before, config).find(({ name }) => !mayChange(name))
  if (odd !== undefined)
    return E.left(
      decodeError(
        `config.${odd.name} is ${told(odd.after)}, but ${source} was made with ${told(odd.before)}; leave it out to go on, or start a new run under another --name`,
      ),
    )
  return isDeepStrictEqual(modelSpec(before), model)
    ? E.right(undefined)
    : E.left(
        decodeError(
          `${source}: its model is not the one that its configuration describes here; go on with the version of Stillpoint that wrote it`,
        ),
      )
}
