/** Times of one workload on several engines, in interleaved rounds: what slows the machine down meets all of them. */
import type { Engine, Prepared, Result } from "../engines/index.js"
import type { Workload } from "../workloads/index.js"
import { type Disagreement, disagreements } from "./agree.js"

export interface Times {
  readonly engine: string
  /** The first call, with what is compiled in it. */
  readonly firstMs: number
  readonly medianMs: number
  /** Between the quartiles, as a share of the median. */
  readonly spread: number
  readonly rounds: number
  /** Calls a round. */
  readonly calls: number
}

export interface Measured {
  readonly workload: Workload
  readonly times: readonly Times[]
  /** Engines that did not run it, and why. */
  readonly left: readonly { readonly engine: string; readonly why: string }[]
  readonly disagreements: readonly Disagreement[]
  /** Engines that were helped by hand, and with what. */
  readonly helped: readonly { readonly engine: string; readonly how: string }[]
}

/** A round of a fast workload lasts about this long. */
const roundMs = 30
/** JavaScript engines compile small calls for some hundred milliseconds. */
const warmUpMs = 400
/** No workload is given more than this by one engine, and never less than 3 rounds. */
const budgetMs = 20_000

const quantile = (sorted: readonly number[], share: number): number => sorted[Math.floor((sorted.length - 1) * share)] as number

interface Ready extends Result {
  readonly engine: string
  readonly prepared: Prepared
}

const ready = async (engine: Engine, workload: Workload): Promise<Ready> => {
  const prepared = await engine.prepare(workload)
  return { engine: engine.name, prepared, ...(await prepared.result()) }
}

const message = (error: unknown): string =>
  ((error instanceof Error ? error.message : String(error)).split("\n")[0] as string).slice(0, 200)

/** Calls until what compiles while it runs has done so; milliseconds of a call after that. */
const warm = async (prepared: Prepared): Promise<number> => {
  let once = await prepared.run(1)
  for (let spent = once; spent < warmUpMs; ) {
    const calls = Math.ceil(roundMs / Math.max(once, 0.001))
    const round = await prepared.run(calls)
    once = round / calls
    spent += round
  }
  return once
}

const timesOf = async (all: readonly Ready[], rounds: number): Promise<readonly Times[]> => {
  const plans: { readonly ready: Ready; readonly calls: number; readonly rounds: number; readonly times: number[] }[] = []
  for (const one of all) {
    const once = await warm(one.prepared)
    const fitting = Math.max(Math.min(3, rounds), Math.min(rounds, Math.floor(budgetMs / once)))
    plans.push({ ready: one, calls: Math.max(1, Math.round(roundMs / once)), rounds: fitting, times: [] })
  }
  for (let round = 0; round < rounds; round++)
    for (const plan of plans) if (round < plan.rounds) plan.times.push((await plan.ready.prepared.run(plan.calls)) / plan.calls)
  return plans.map(({ ready: { engine, firstMs }, calls, times }) => {
    const sorted = [...times].sort((a, b) => a - b)
    const medianMs = quantile(sorted, 0.5)
    return { engine, firstMs, medianMs, spread: (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / medianMs, rounds: times.length, calls }
  })
}

/** Prepares a workload on every engine that can run it, compares results, and times those that agree with the first. */
export const measure = async (
  engines: readonly Engine[],
  workload: Workload,
  rounds: number,
  lacks: (id: string, engine: string) => string | null = () => null,
): Promise<Measured> => {
  const left: { engine: string; why: string }[] = []
  const all: Ready[] = []
  for (const engine of engines) {
    const why = engine.lacks(workload) ?? lacks(workload.id, engine.name)
    if (why !== null) left.push({ engine: engine.name, why })
    else
      try {
        all.push(await ready(engine, workload))
      } catch (error) {
        left.push({ engine: engine.name, why: message(error) })
      }
  }
  const apart = disagreements(workload, new Map(all.map(({ engine, numbers }) => [engine, numbers])))
  const wrong = new Set(apart.map(({ engines: [, other] }) => other))
  try {
    const times = await timesOf(
      all.filter(({ engine }) => !wrong.has(engine)),
      rounds,
    )
    const helped = engines.flatMap(({ name, helped }) => {
      const how = times.some(({ engine }) => engine === name) ? (helped?.(workload) ?? null) : null
      return how === null ? [] : [{ engine: name, how }]
    })
    return { workload, times, left, disagreements: apart, helped }
  } finally {
    for (const { prepared } of all) await prepared.dispose()
  }
}
