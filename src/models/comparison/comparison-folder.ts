/** The folder of a comparison: what marks it, and who may write into it. */
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../../core/index.js"
import { fileError } from "../failure.js"
import type { RunFolder } from "../run-folder/index.js"
import { writeTimes } from "./times.js"

/** The file of the times, which is there from the beginning: it marks the folder. */
export const timesIn = (folder: string): string => join(folder, "times.json")

/**
 * Whether a folder is that of a comparison, with which `compareRuns` can go on.
 *
 * @example
 * isComparison("runs/gradients")
 */
export const isComparison = (folder: string): boolean => existsSync(timesIn(folder))

/** What somebody put into a folder; its locks, and what systems hide in it, are nobody's work. */
const heldIn = (folder: string): string | undefined => readdirSync(folder).find((name) => !name.startsWith("."))

/** Takes an open folder for a comparison: to go on with the one that it holds, or, where it holds nothing, for a new one. */
export const claim = async ({ folder, name }: RunFolder, resume: boolean): Promise<E.Either<StillpointError, void>> => {
  const refused = (why: string) => E.left(fileError(folder, `${folder} ${why}`))
  if (resume) {
    return isComparison(folder) ? E.right(undefined) : refused("holds no comparison to go on with; leave out --resume to start one")
  }
  if (isComparison(folder))
    return refused(`holds a comparison already; go on with --resume --name ${name}, choose another --name, or delete the folder`)
  const held = heldIn(folder)
  return held === undefined
    ? writeTimes(timesIn(folder), {})
    : refused(`holds ${held}, which is not of a comparison; choose another --name, or delete the folder`)
}
