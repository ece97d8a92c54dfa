/** Ops and functions on every target: the worst error of each kind of program, as a percentage of the rounding bound. */
import type { Runner } from "../targets/runners.js"
import type { Subject } from "./subject.js"
import { type Found, prepared, runOn } from "./targets.js"
import { isRefused, type Kind, kinds, type Refused, type Use, usesOf } from "./uses.js"

/** What a table adds up to. */
export interface Total {
  cells: number
  worst: number
  exact: number
  programs: number
  elements: number
  loose: number
  failures: number
  /** Cells that were refused, by what was said. */
  readonly refused: Map<string, string[]>
}

export const nothing = (): Total => ({
  cells: 0,
  worst: 0,
  exact: 0,
  programs: 0,
  elements: 0,
  loose: 0,
  failures: 0,
  refused: new Map(),
})

const good = (f: Found): boolean => f.t === "refused" || (f.t === "judged" && f.worst <= 1)

/** `=` to the bit, a percentage of the bound, `R` refused, `!` wrong, `-` nothing to ask. */
const shown = (found: readonly Found[]): string => {
  if (found.length === 0) return "-"
  if (!found.every(good)) return "!"
  const judged = found.flatMap((f) => (f.t === "judged" ? [f.worst] : []))
  if (judged.length === 0) return "R"
  const worst = Math.max(...judged)
  return worst === 0 ? "=" : String(Math.ceil(100 * worst))
}

const WIDTH = 4
const wide = WIDTH * kinds.length + 2

/** The table's head: targets, and under each the kinds. */
export const head = (runners: readonly Runner[]): string => {
  const short: Readonly<Record<Kind, string>> = { value: "val", vjp: "vjp", "second order": "2nd", vmap: "map", "vmap of vjp": "m.v" }
  const under = kinds.map((k) => short[k].padStart(WIDTH)).join("")
  return `${"".padEnd(26)}${runners.map((r) => r.name.padEnd(wide)).join("")}\n${"".padEnd(26)}${runners.map(() => under.padEnd(wide)).join("")}`
}

const note = (total: Total, why: string, where: string): void => {
  const list = total.refused.get(why) ?? []
  total.refused.set(why, list)
  list.push(where)
}

const count = (total: Total, found: readonly Found[]): void => {
  for (const f of found) {
    total.programs++
    if (!good(f)) total.failures++
    if (f.t !== "judged") continue
    total.worst = Math.max(total.worst, f.worst)
    total.elements += f.elements
    total.loose += f.loose
    if (f.exact) total.exact++
  }
}

/** One row: a subject at `runs` points, on each target. What is wrong is printed under it. */
export const row = async (subject: Subject, runners: readonly Runner[], runs: number, seed: number, total: Total): Promise<void> => {
  const all: readonly (Use | Refused)[] = usesOf(subject, runs, seed)
  const uses = all.filter((u): u is Use => !isRefused(u)).map(prepared)
  const refusals = new Map(all.filter(isRefused).map((r) => [r.kind, r.why]))
  const cells: string[] = []
  const wrong: string[] = []
  for (const runner of runners) {
    const found = await runOn(runner, uses)
    count(total, found)
    const of = (kind: Kind) => found.filter((_, i) => uses[i]?.use.kind === kind)
    cells.push(
      kinds
        .map((k) => (refusals.has(k) ? "R" : shown(of(k))).padStart(WIDTH))
        .join("")
        .padEnd(wide),
    )
    for (const kind of kinds) {
      const where = `${subject.name}, ${kind}, ${runner.name}`
      const why = refusals.get(kind)
      if (why !== undefined || of(kind).length > 0) total.cells++
      if (why !== undefined) note(total, why, where)
      for (const f of of(kind)) if (f.t === "refused") note(total, f.why, where)
    }
    const at = found.findIndex((f) => !good(f))
    if (at >= 0) wrong.push(`  ${runner.name}: ${JSON.stringify(found[at])} in\n${uses[at]?.use.show()}`)
  }
  console.log(`${subject.name.slice(0, 25).padEnd(26)}${cells.join("")}`)
  for (const w of wrong) console.log(w.length > 2000 ? `${w.slice(0, 2000)} ...` : w)
}

export const showRefused = (total: Total): void => {
  for (const [why, where] of total.refused)
    console.log(`refused: ${why}\n  ${where.length} cells: ${where.slice(0, 3).join("; ")}${where.length > 3 ? "; ..." : ""}`)
}
