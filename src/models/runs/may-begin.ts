/** Whether a name is free for a new run. */
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import { type FileError, fileError } from "../failure.js"
import { checkpointName, wrongName } from "../run-folder/index.js"
import { hasCheckpoint } from "./checkpoint.js"

/**
 * Whether a new run may be called `name` under `root`. `Left` where it is no name for a folder, or a run of that name has a checkpoint.
 *
 * @example
 * mayBegin("runs", "../a") // Left: a run's name must be ...
 */
export const mayBegin = (root: string, name: string): E.Either<FileError, void> => {
  const odd = wrongName(name)
  if (odd !== null) return E.left(fileError(root, odd))
  const folder = join(root, name)
  const checkpoint = join(folder, checkpointName)
  return hasCheckpoint(checkpoint)
    ? E.left(
        fileError(
          checkpoint,
          `${folder} holds a run already; go on with --resume --name ${name}, choose another --name, or delete the folder`,
        ),
      )
    : E.right(undefined)
}
