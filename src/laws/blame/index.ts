/**
 * Who is to blame: on the shrunk input of a law that failed, the first equation, in the order of execution, whose own rule is wrong. Each
 * equation is checked alone at the values that it meets, and an equation with bodies only where its own check fails: then the
 * equation in the body is named, if one there is wrong.
 */
import { closeBody, withLines } from "../../core/index.js"
import { valuesOf } from "../run.js"
import { derivativeRules } from "./derivative-rules.js"
import { type Fault, type Finding, firstWrong } from "./fault.js"
import { notesOn } from "./notes.js"
import { batchRule } from "./row-rules.js"
import { hasBodies, innerSites, type Site, sitesOf } from "./sites.js"
import { stoppedGradient } from "./stopped.js"
import type { Suspect } from "./suspect.js"
import { targetRules } from "./target-rules.js"
import { type Culprit, culpritOf, placeOf, toldFault } from "./told.js"

export { differentiated, type Suspect } from "./suspect.js"
export type { Culprit } from "./told.js"

/** What the search found, and in words. */
export interface Blame {
  readonly culprit: Culprit | null
  readonly told: string
}

interface Seen {
  equations: number
  readonly notes: string[]
}

const check = async (site: Site, { order, rows, targets }: Suspect): Promise<Finding> => {
  if (targets.length > 0) return targetRules(site, targets, order > 0)
  return firstWrong(
    (function* () {
      if (rows) yield batchRule(site, order)
      if (order > 0) yield derivativeRules(site, order === 2 ? 2 : 1)
    })(),
  )
}

const search = async (sites: Iterable<Site>, suspect: Suspect, seen: Seen): Promise<Fault | null> => {
  for (const site of sites) {
    const before = seen.notes.length
    seen.equations++
    seen.notes.push(...notesOn(site))
    const found = await check(site, suspect)
    if (found.t === "right") continue
    const lowered = found.t === "wrong" && found.fault.rule !== "jvp" && found.fault.rule !== "transpose"
    const within = hasBodies(site) || lowered ? await search(innerSites(site, lowered), suspect, seen) : null
    if (within !== null) return within
    if (found.t === "wrong") return found.fault
    // a body tells it better
    if (found.note !== null && seen.notes.length === before) seen.notes.push(`${placeOf(site)} ${found.note}`)
  }
  return null
}

const inOne = async (suspect: Suspect, seen: Seen): Promise<Blame | null> => {
  const { fn, points, active, batched } = suspect
  const { graph, captured } = withLines(() => closeBody("laws", fn.inputs, fn.apply))
  const known = valuesOf(captured)
  const none = captured.map(() => false)
  const marks = { active: [...none, ...active], batched: [...none, ...batched] }
  const sites = sitesOf(
    graph,
    points.map((x) => [...known, ...x]),
    marks,
    { line: null, inside: [] },
  )
  const fault = await search(sites, suspect, seen)
  if (fault !== null) return { culprit: culpritOf(fault), told: toldFault(fault) }
  const stopped = suspect.order === 0 ? null : withLines(() => stoppedGradient(suspect))
  if (stopped === null) return null
  const { stop, why } = stopped
  const at = stop.line?.at ?? null
  return {
    culprit: { op: stop.op.name, rule: "stop", types: "", at, inside: [], why },
    told: [
      "every equation's own rules hold at this input, and a stopGradient stands where the derivative is needed",
      ...(at === null ? [] : [`at ${at}`]),
      why,
    ].join("\n"),
  }
}

const nothing = ({ equations, notes }: Seen): string => {
  const told = [...new Set(notes)]
  const held = `every equation's own rules hold at this input (${equations} checked): what does not hold is a property of the function as a whole`
  return told.length === 0 ? held : `${held}; look at\n${told.join("\n")}`
}

/** Looks for the first wrong rule in the programs of a law, in order. */
export const blame = async (suspects: readonly Suspect[]): Promise<Blame | null> => {
  const seen: Seen = { equations: 0, notes: [] }
  try {
    for (const suspect of suspects) {
      const found = await inOne(suspect, seen)
      if (found !== null) return found
    }
  } catch (e) {
    // a program that cannot be traced or run at all has been told by the law itself
    if (e instanceof Error) return { culprit: null, told: `the equations could not be looked at: ${e.message}` }
    throw e
  }
  return suspects.length === 0 ? null : { culprit: null, told: nothing(seen) }
}
