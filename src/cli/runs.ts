/** Runs in a folder, by name. */
import { existsSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"

export const defaultRoot = "runs"

export const checkpointOf = (root: string, name: string): string => join(root, name, "checkpoint.safetensors")

const changed = (path: string): number | null => {
  try {
    return statSync(path).mtimeMs
  } catch {
    return null // not there, or just gone
  }
}

/** Names of the runs that have a checkpoint, the one that was written last first. */
export const runsIn = (root: string): readonly string[] => {
  if (!existsSync(root)) return []
  const dated = readdirSync(root).flatMap((name) => {
    const at = changed(checkpointOf(root, name))
    return at === null ? [] : [{ name, at }]
  })
  return dated.sort((a, b) => b.at - a.at).map(({ name }) => name)
}

/** The first `<stem>-<n>` that nobody has. */
export const freeName = (root: string, stem: string): string => {
  let n = 1
  while (existsSync(join(root, `${stem}-${n}`))) n++
  return `${stem}-${n}`
}
