/** What the check of one equation found. */
import type { Site } from "./sites.js"

/** The rules of an op's record that are checked, by what they say. */
export type RuleName = "jvp" | "transpose" | "batch" | "lower"

export interface Fault {
  readonly rule: RuleName
  readonly site: Site
  /** The equation whose derivative it stands in. */
  readonly derivativeOf: Site | null
  readonly why: string
}

/** What is known of an equation: nothing wrong, its rule wrong, or that nothing could be said and why. */
export type Finding =
  | { readonly t: "right" }
  | { readonly t: "unsure"; readonly note: string | null }
  | { readonly t: "wrong"; readonly fault: Fault }

export const RIGHT: Finding = { t: "right" }
export const unsure = (note: string | null): Finding => ({ t: "unsure", note })
export const wrong = (rule: RuleName, site: Site, why: string): Finding => ({ t: "wrong", fault: { rule, site, derivativeOf: null, why } })

/** The first rule that is wrong; parts after it are not computed. Else what is unsure. */
export const firstWrong = (parts: Iterable<Finding>): Finding => {
  let found: Finding = RIGHT
  for (const part of parts) {
    if (part.t === "wrong") return part
    if (part.t === "unsure" && (found.t === "right" || part.note !== null)) found = part
  }
  return found
}
