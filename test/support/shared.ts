/**
 * Reference values and real data that lie beside a checkout, in `../shared`, and are no part of the repository.
 * A clone without them must pass too, so tests that read them go through `describeShared`.
 */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe } from "vitest"

const folder = fileURLToPath(new URL("../../../shared", import.meta.url))

/** The path of `../shared`, or null where there is none. */
export const shared: string | null = existsSync(folder) ? folder : null

/** `describe` for tests that need `../shared`: gives them its path, or skips them and says why in their name. */
export const describeShared = (name: string, body: (folder: string) => void): void => {
  if (shared !== null) describe(name, () => body(folder))
  else describe.skipIf(true)(`${name} (skipped: no ../shared beside this checkout)`, () => body(folder))
}
