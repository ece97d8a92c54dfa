/** The gate: everything that the language composes, composed. Figures are computed here; the other statements are the tests in test/gate. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { grad, jvp, type Tensor } from "../src/core/index.js"
import { newton, picard, unrolled } from "../src/implicit/index.js"
import { dot, eye, hessian, indexAxis } from "../src/ops/index.js"
import { type Timed, timeLayers, timePasses } from "../test/gate/long-program.js"
import { loss, p0 } from "../test/gate/program.js"
import { checkpointed, k, peak, plain, segmented } from "../test/gate/scans.js"
import { numbers, relativeError } from "../test/support/outcome.js"

export const title =
  "the gate: a vmapped, checkpointed scan that branches into a solve, to second order; rows, branches, memory, JSON, linear time"

const line = (what: string, found: string, bound: string, holds: boolean): boolean => {
  console.log(`${holds ? "holds" : "FAILS"}  ${what.padEnd(76)} ${found.padStart(12)}  ${bound}`)
  return holds
}
const below = (what: string, error: number, bound: number) =>
  line(what, error.toExponential(1), `< ${bound.toExponential(0)}`, error < bound)

const secondOrder = (): boolean => {
  const implicit = loss(newton({ atol: 1e-14, rtol: 1e-14 }))
  const expected = numbers(hessian(implicit)(p0))
  const each = (row: (e: Tensor) => unknown) => [0, 1, 2, 3, 4].flatMap((i) => numbers(row(indexAxis(eye(5), 0, i) as Tensor)))
  const unrolling = numbers(hessian(loss(picard({ adjoint: unrolled(64) })))(p0))
  const reverseForward = each((e) => grad((p: Tensor) => jvp(implicit, [p], [e])[1])(p0))
  const reverseReverse = each((e) => grad((p: Tensor) => dot(grad(implicit)(p) as Tensor<[2]>, e as Tensor<[2]>))(p0))
  return [
    below("Hessian through vmap, scan, checkpoint, cond, fixedPoint: implicit - unrolled", relativeError(unrolling, expected), 1e-8),
    below("the same: reverse over forward - forward over reverse", relativeError(expected, reverseForward), 1e-12),
    below("the same: reverse over reverse - forward over reverse", relativeError(expected, reverseReverse), 1e-12),
  ].every(Boolean)
}

const memory = (): boolean => {
  const growth = (f: typeof plain) => peak(f(256)) - peak(f(64))
  const [a, b, c] = [growth(plain), growth(checkpointed), growth(segmented)]
  return [
    line("states kept for each turn more of a plain scan", (a / 192).toFixed(2), `theory ${k + 1}`, a === 192 * (k + 1)),
    line("states kept for each turn more of a checkpointed scan", (b / 192).toFixed(2), "theory 1", b === 192),
    line("states kept for each more of sqrt(turns), checkpointed in segments", (c / 8).toFixed(2), `theory ${k + 2}`, c === 8 * (k + 2)),
    line(
      "peak of a plain scan of 256 turns over that of a checkpointed one",
      (peak(plain(256)) / peak(checkpointed(256))).toFixed(2),
      `theory ${k + 1} for long scans`,
      true,
    ),
  ].every(Boolean)
}

const time = (): boolean => {
  const total = ({ passes }: Timed) => Object.values(passes).reduce((x, y) => x + y)
  const told = (t: Timed) => Object.entries(t.passes).map(([name, ms]) => `${name} ${(ms / 1000).toFixed(2)} s`)
  timePasses(250)
  const runs = [1000, 3000, 10_000].map((n) => [n, timePasses(n)] as const)
  for (const [n, t] of runs) console.log(`       ${t.nodes} nodes, ${n} bodies: ${told(t).join(", ")}`)
  const [first, , last] = runs.map(([, t]) => t) as [Timed, Timed, Timed]
  timeLayers(125)
  const [few, many] = [timeLayers(500), timeLayers(5000)]
  return [
    line(
      `ten times the nodes, ${last.nodes}: times the time`,
      (total(last) / total(first)).toFixed(1),
      "< 25, linear is 10",
      total(last) < 25 * total(first),
    ),
    line(
      "5,000 implicit layers in a row against 500: times the time",
      (total(many) / total(few)).toFixed(1),
      "< 25, linear is 10",
      total(many) < 25 * total(few),
    ),
  ].every(Boolean)
}

interface TestReport {
  readonly testResults: readonly { readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[] }[]
}

const tests = (): boolean => {
  const root = fileURLToPath(new URL("..", import.meta.url))
  const { stdout } = spawnSync("npx", ["vitest", "run", "test/gate", "--exclude", "**/linear-time*", "--reporter=json"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1e8,
  })
  const report = JSON.parse(stdout.slice(stdout.indexOf("{"))) as TestReport
  const all = report.testResults.flatMap((r) => r.assertionResults)
  for (const t of all) console.log(`${t.status === "passed" ? "holds" : "FAILS"}  ${t.fullName}`)
  const failed = all.filter((t) => t.status !== "passed").length
  return line("statements of test/gate", `${all.length - failed} of ${all.length}`, "hold", failed === 0 && all.length > 80)
}

export const run = async (): Promise<boolean> => {
  const parts = [secondOrder(), memory(), time(), tests()]
  const held = parts.every(Boolean)
  console.log(held ? "the gate is passed" : "the gate is not passed")
  return held
}
