/** The version of this package. */
import { readFileSync } from "node:fs"

/** As package.json says; both src/ and dist/ lie one folder below it. */
export const version = (): string => {
  const manifest: { readonly version?: string } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
  return manifest.version ?? "unknown"
}
