/** Comparisons in a folder, by name. */
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import { isComparison, nearest } from "../models/index.js"
import { type UsageError, usage } from "./options.js"

const comparisonsIn = (root: string): readonly string[] =>
  existsSync(root) ? readdirSync(root).filter((name) => isComparison(join(root, name))) : []

/** The name of a comparison under `root`; `Left` names the nearest one. */
export const comparisonNamed = (root: string, name: string): E.Either<UsageError, string> => {
  const all = comparisonsIn(root)
  if (all.includes(name)) return E.right(name)
  const near = nearest(name, all)
  const known =
    near === undefined
      ? `there are none in ${root}/ (--runs names another folder)`
      : `did you mean ${near}? Comparisons in ${root}/: ${all.join(", ")}`
  return E.left(usage(`there is no comparison ${JSON.stringify(name)}; ${known}`))
}
