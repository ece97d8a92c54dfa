/**
 * Every pass over a program is linear: 30,000 nodes with 3,000 bodies take ten times as long as 3,000 with 300, to trace, to
 * differentiate and to compile to a schedule, and overflow no stack. Quadratic passes would take a hundred times as long; the
 * bound of 25 leaves room for garbage collection and for a machine that is busy. `npm run evidence -- gate` goes to 100,000 nodes.
 */
import { describe, expect, it } from "vitest"
import { type Timed, timeLayers, timePasses } from "./long-program.js"

const total = ({ passes }: Timed) => Object.values(passes).reduce((a, b) => a + b)
const BOUND = 25

/** Growth of the time from `n` to `10 n`, and of each pass that takes long enough to be measured. */
const growth = (time: (n: number) => Timed, n: number) => {
  time(n / 4) // the first run is the compiler's
  const [small, large] = [time(n), time(10 * n)]
  const slow = Object.entries(small.passes).filter(([, ms]) => ms > 50)
  return {
    nodes: large.nodes,
    whole: total(large) / total(small),
    passes: Object.fromEntries(slow.map(([name, ms]) => [name, (large.passes[name] as number) / ms])),
  }
}

describe("time grows like the number of nodes", () => {
  it("for 30,000 nodes with 3,000 bodies: trace, differentiate, harvest, simplify, schedule", { timeout: 300_000, retry: 1 }, () => {
    const { nodes, whole, passes } = growth(timePasses, 300)
    expect(nodes).toBeGreaterThan(30_000)
    expect(whole).toBeLessThan(BOUND)
    for (const [name, ratio] of Object.entries(passes)) expect(ratio, name).toBeLessThan(BOUND)
  })

  it("for 5,000 implicit layers in a row: trace, differentiate", { timeout: 120_000, retry: 1 }, () => {
    const { nodes, whole } = growth(timeLayers, 500)
    expect(nodes).toBeGreaterThan(50_000)
    expect(whole).toBeLessThan(BOUND)
  })
})
