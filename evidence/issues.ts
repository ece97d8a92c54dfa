/** The tests of the issues that users of peers filed, run and told item by item. */
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync } from "node:fs"

export const title = "What users of 17 other libraries filed against implicit layers: each with the right behaviour here"

const REPORT = ".tmp/issues.json"

interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly Assertion[] }[]
}
interface Assertion {
  readonly ancestorTitles: readonly string[]
  readonly title: string
  readonly status: string
}

/** "27: the order of the unknowns changes nothing" of the first heading. */
const itemOf = ({ ancestorTitles }: Assertion): RegExpMatchArray | null => (ancestorTitles[0] ?? "").match(/^(\d+): (.*)$/)

export const run = async (): Promise<boolean> => {
  mkdirSync(".tmp", { recursive: true })
  spawnSync("npx", ["vitest", "run", "test/implicit/issues", "--reporter=json", `--outputFile.json=${REPORT}`], {
    stdio: ["ignore", "ignore", "inherit"],
  })
  const report: Report = JSON.parse(readFileSync(REPORT, "utf8"))
  const items = new Map<number, { readonly what: string; readonly failed: string[]; tests: number }>()
  for (const { assertionResults } of report.testResults)
    for (const one of assertionResults) {
      const found = itemOf(one)
      if (found === null) continue
      const item = items.get(Number(found[1])) ?? { what: found[2] as string, failed: [], tests: 0 }
      item.tests++
      if (one.status !== "passed") item.failed.push(one.title)
      items.set(Number(found[1]), item)
    }
  for (const [number, { what, failed, tests }] of [...items].sort(([a], [b]) => a - b))
    console.log(
      `${String(number).padStart(3)}  ${what.padEnd(100)} ${failed.length === 0 ? `holds, ${tests} tests` : `fails: ${failed.join("; ")}`}`,
    )
  const failing = [...items.values()].filter(({ failed }) => failed.length > 0).length
  console.log(`${items.size} items, ${failing} fail`)
  return items.size > 0 && failing === 0
}
