/** The ten images of the published data set that are kept beside the project, where they are. */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as E from "fp-ts/lib/Either.js"
import { openSession } from "../../src/core/index.js"
import { assess, type Config, load, ownSubject, type PartitionScores, type Subject, usualThreads } from "../../src/models/index.js"
import { colourIsShared } from "./clustering.js"

const file = fileURLToPath(new URL("../../../shared/data/tetrominoes-real-10.npz", import.meta.url))

const right = <A>(result: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

export type RealImages = Subject & { readonly masks: Uint8Array }

/** The images at the size that a configuration asks for; null where they are not beside the project. */
export const realImages = async (config: Config): Promise<RealImages | null> => {
  if (!existsSync(file)) return null
  const subject = right(await ownSubject(file, config, { scenes: null, resize: null }, 10)())
  if (subject.masks === null) throw new Error(`${file}: it has no masks`)
  return { ...subject, masks: subject.masks, sharesColour: colourIsShared(subject.images, subject.masks, subject.count) }
}

/** How the model of a checkpoint takes them apart. */
export const scoresOf = async (checkpoint: string, images: RealImages): Promise<PartitionScores> => {
  const loaded = right(await load(checkpoint)())
  const { target } = loaded.description.config
  const session = right(await openSession(target, { threads: usualThreads(target) })())
  const assessment = right(await assess(session, loaded, images)())
  await session.close()
  const scores = assessment.rows.find(({ key }) => key === "model")?.partition ?? null
  if (scores === null) throw new Error("the model has no scores")
  return scores
}
