/** What `eval` and `inspect` share: their options, the images, a session, and the files that they write. */
import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import { openSession, type Session, type StillpointError, type TargetName } from "../core/index.js"
import {
  type Config,
  decodeViewRequest,
  fromSystem,
  heldOutSubject,
  ownSubject,
  type Subject,
  usualThreads,
  type ViewRequest,
  writeFileAtomic,
} from "../models/index.js"
import { type InspectOptions, threadsOf, type UsageError, usage } from "./options.js"

const numbered = (value: string | undefined): number | string | undefined =>
  value !== undefined && /^\d+$/.test(value) ? Number(value) : value

/** What is asked for, and on how many threads. */
export interface Asked extends ViewRequest {
  readonly threads: number | undefined
}

/** The options as they are understood, or the first that is not, by its name on the command line. */
export const requestOf = (options: Omit<InspectOptions, "json">, most: number): E.Either<UsageError, Asked> => {
  const threads = threadsOf(options.threads)
  if (E.isLeft(threads)) return threads
  const { scenes, seed, iterations, target, resize } = options
  const raw = { scenes: numbered(scenes), seed: numbered(seed), iterations: numbered(iterations), target, resize }
  return E.bimap(
    ({ message }: StillpointError) => usage(message.replace(/^options\./gm, "--")),
    (request: ViewRequest): Asked => ({ ...request, threads: threads.right }),
  )(decodeViewRequest(raw, most))
}

/** The images to look at. */
export const subjectFor = (
  options: Pick<InspectOptions, "data">,
  request: ViewRequest,
  config: Config,
  usual: { readonly heldOut: number; readonly own: number },
): Promise<E.Either<StillpointError | UsageError, Subject>> => {
  const { data } = options
  if (data === undefined) return heldOutSubject(config, request.scenes ?? usual.heldOut)()
  if (!existsSync(data))
    return Promise.resolve(E.left(usage(`--data: there is no file or folder ${JSON.stringify(data)}; give the path of your images`)))
  return ownSubject(data, config, request, usual.own)()
}

/** Runs something in a session of its own. */
export const inSession = async <A>(
  target: TargetName | "auto",
  threads: number | undefined,
  go: (session: Session) => Promise<E.Either<StillpointError, A>>,
): Promise<E.Either<StillpointError, A>> => {
  const session = await openSession(target, { threads: threads ?? usualThreads(target) })()
  if (E.isLeft(session)) return session
  try {
    return await go(session.right)
  } finally {
    await session.right.close()
  }
}

/** Makes the folder of what is written, so that a wrong one is told before the work. */
export const madeFolder = async (folder: string): Promise<E.Either<StillpointError, string>> => {
  try {
    await mkdir(folder, { recursive: true })
    return E.right(folder)
  } catch (error) {
    return E.left(fromSystem("make the folder", folder)(error))
  }
}

/** Writes files by name, each whole or not at all; answers with their paths. */
export const written = async (
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<E.Either<StillpointError, readonly string[]>> => {
  const paths: string[] = []
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    const done = await writeFileAtomic(path, typeof content === "string" ? new TextEncoder().encode(content) : content)()
    if (E.isLeft(done)) return done
    paths.push(path)
  }
  return E.right(paths)
}
