/** The command line of the runner. */
import { type EngineName, engineNames, isEngineName } from "../engines/index.js"

export interface Options {
  /** Names of workloads; null for all. */
  readonly only: readonly string[] | null
  readonly engines: readonly EngineName[]
  readonly threads: number
  readonly rounds: number
  /** Leaves out what is not wanted of an engine, and says why. */
  readonly lacks?: (id: string, engine: string) => string | null
  /** Where the record is written; null for nowhere. */
  readonly json: string | null
}

export const usage = `npx tsx bench/run.ts [--only K1,T2] [--engines ${engineNames.join(",")}] [--threads 1|2] [--rounds 9] [--json FILE]`

const whole = (name: string, text: string): number => {
  const n = Number(text)
  if (!Number.isSafeInteger(n) || n < 1) throw new Error(`${name}: expected a whole number of at least 1, found ${text}`)
  return n
}

export const readOptions = (args: readonly string[]): Options => {
  const given = new Map<string, string>()
  for (let i = 0; i < args.length; i += 2) {
    const [name, value] = [args[i] as string, args[i + 1]]
    if (!["--only", "--engines", "--threads", "--rounds", "--json"].includes(name)) throw new Error(`there is no ${name}: ${usage}`)
    if (value === undefined) throw new Error(`${name} wants a value: ${usage}`)
    given.set(name, value)
  }
  const list = (name: string) =>
    given
      .get(name)
      ?.split(",")
      .filter((part) => part !== "") ?? null
  const engines = list("--engines") ?? engineNames
  const unknown = engines.filter((name) => !isEngineName(name))
  if (unknown.length > 0) throw new Error(`there is no engine ${unknown.join(", ")}; there are ${engineNames.join(", ")}`)
  return {
    only: list("--only"),
    engines: engines.filter(isEngineName),
    threads: whole("--threads", given.get("--threads") ?? "1"),
    rounds: whole("--rounds", given.get("--rounds") ?? "9"),
    json: given.get("--json") ?? null,
  }
}
