/** Times of passes on a machine that others use too. */
import { existsSync, readFileSync } from "node:fs"

/** Linux tells how many nanoseconds a thread has had a processor. */
const SCHEDULED = "/proc/thread-self/schedstat"
const isTold = existsSync(SCHEDULED)

/**
 * Milliseconds for which this thread has had a processor: what the clock would say on an idle machine, where the engine's own
 * threads (its compilers, garbage collection) have a processor beside it. Where nobody tells it, the clock.
 */
const now = (): number => (isTold ? Number(readFileSync(SCHEDULED, "utf8").split(" ")[0]) / 1e6 : performance.now())

/** What `milliseconds` counts, for a line above figures. */
export const counted = isTold ? "milliseconds of the main thread on a processor" : "milliseconds of the clock"

export const milliseconds = <T>(pass: () => T): readonly [made: T, ms: number] => {
  const begun = now()
  const made = pass()
  return [made, now() - begun]
}

/** The same of what is awaited. */
export const asyncMilliseconds = async (pass: () => Promise<void>): Promise<number> => {
  const begun = now()
  await pass()
  return now() - begun
}

/** Gathers the times of passes by their names. */
export class Stopwatch {
  readonly passes: Record<string, number> = {}

  /** `before` runs outside the time. */
  constructor(private readonly before: () => void = () => undefined) {}

  time<T>(name: string, pass: () => T): T {
    this.before()
    const [made, ms] = milliseconds(pass)
    this.passes[name] = ms
    return made
  }
}

export const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)] as number
