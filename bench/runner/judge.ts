/** Figures held to bounds. */
import type { Measured } from "./measure.js"
import { ratio } from "./table.js"

export interface Judged {
  readonly line: string
  readonly holds: boolean
}

const judged = (holds: boolean, line: string): Judged => ({ holds, line: `${holds ? "ok  " : "FAIL"} ${line}` })

/** A figure that has to reach a bound; one that is missing does not. */
export const atLeast = (what: string, figure: number | null, bound: number): Judged =>
  judged(figure !== null && figure >= bound, `${what}: ${figure === null ? "no figure" : `${figure.toFixed(2)}x`} (at least ${bound})`)

export const atMost = (what: string, figure: number, bound: number, unit = "x"): Judged =>
  judged(figure <= bound, `${what}: ${figure.toFixed(2)}${unit} (at most ${bound})`)

/** Holds where one of several does. */
export const anyOf = (...all: readonly Judged[]): Judged =>
  judged(
    all.some(({ holds }) => holds),
    all.map(({ line }) => line.slice(5)).join(", or "),
  )

export const find = (all: readonly Measured[], id: string): Measured | null => all.find(({ workload }) => workload.id === id) ?? null

/** The subject's speed over the fastest of some peers that ran it; null where none did. */
export const overBest = (measured: Measured, subject: string, peers: readonly string[]): number | null => {
  const ratios = peers.map((peer) => ratio(measured, subject, peer)).filter((r) => r !== null)
  return ratios.length === 0 ? null : Math.min(...ratios)
}

/** Prints what was judged, failures too, and says whether all of it holds. */
export const report = (all: readonly Judged[], print: (line: string) => void): boolean => {
  for (const { line } of all) print(line)
  const failed = all.filter(({ holds }) => !holds).length
  print(`${all.length - failed} of ${all.length} hold`)
  return failed === 0
}
