/** `stillpoint generate`. */
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../core/index.js"
import { firstImages, load, progressWriter, recombinationSheet, recombine } from "../models/index.js"
import type { GenerateOptions, UsageError } from "./options.js"
import { usage } from "./options.js"
import { defaultRoot, findRun } from "./runs.js"
import { inSession, madeFolder, requestOf, subjectFor, written } from "./view.js"

const mostImages = 64
const usualImages = 8

/** Generates; answers with the exit code, or what went wrong. */
export const generate = async (options: GenerateOptions): Promise<E.Either<StillpointError | UsageError, number>> => {
  const request = requestOf(options, mostImages)
  if (E.isLeft(request)) return request
  const run = findRun(options.runs ?? defaultRoot, options.run)
  if (E.isLeft(run)) return run
  const { checkpoint, prefix } = run.right
  const loaded = await load(checkpoint)()
  if (E.isLeft(loaded)) return loaded
  const { config } = loaded.right.description
  const subject = await subjectFor(options, request.right, config, { heldOut: usualImages, own: usualImages })
  if (E.isLeft(subject)) return subject
  const pairs = Math.floor(subject.right.count / 2)
  if (pairs === 0) return E.left(usage(`generate: expected at least two images, whose slots are exchanged, found ${subject.right.count}`))
  const folder = await madeFolder(options.out ?? run.right.folder)
  if (E.isLeft(folder)) return folder
  const progress = progressWriter({ stream: process.stderr })
  progress.note(`${checkpoint}: ${pairs} pair${pairs === 1 ? "" : "s"} of images (${subject.right.source})`)
  const images = { ...firstImages(subject.right, 2 * pairs), size: subject.right.size }
  const made = await inSession(request.right.target ?? config.target, request.right.threads, (session) =>
    recombine(session, loaded.right, images, request.right.seed ?? config.seed)(),
  )
  progress.end()
  if (E.isLeft(made)) return made
  const files = await written(folder.right, { [`${prefix}generated.png`]: recombinationSheet(made.right) })
  if (E.isLeft(files)) return files
  console.log("each row: two images | both from their slots | the first with each of its slots in turn exchanged for the second's")
  console.log(`written: ${files.right.join(", ")}`)
  return E.right(0)
}
