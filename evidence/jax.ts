/**
 * Random programs with nested transforms, values and gradients, against JAX, which has its own kernels and its own derivative rules. JAX
 * is given each program as it is written: a transform is an equation with a body, which JAX transforms itself, and a function such as
 * softmax, conv or cholesky is called by its name. Needs a Python with JAX (`pip install jax`), named by STILLPOINT_JAX_PYTHON; python3 by
 * default.
 *
 * Left out by generation are points where libraries choose a derivative: kinks and ties (relu at 0, equal elements of a sort), roots of
 * zero, rows that a mask empties. Signs of eigenvectors and of QR are made those of Stillpoint.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { ops } from "../src/core/index.js"
import { runGraph } from "../src/core/targets/interpreter/run.js"
import { encodeGraph } from "../src/index.js"
import { type CaseWithPrimal, caseOfProgram, randomPrograms } from "./programs/generate.js"
import { lines, nestings } from "./programs/nestings.js"
import { usesOf } from "./programs/uses.js"

export const title = "500 random programs with transforms nested three deep, values and gradients, agree with JAX in float64 to 1e-9"

const BOUND = 1e-9
const USES = 8

/** Their statuses are no numbers of JAX's; programs hold them, and the evidence "conformance" has closed forms. */
const leftOut: readonly string[] = ["fixedPoint", "linearSolve"]

const evaluator = fileURLToPath(new URL("jax/evaluate.py", import.meta.url))

/** A number as JSON can hold it, as `encodeGraph` writes it. */
type Stored = number | { readonly $number: string }
const stored = (x: number): Stored => (Number.isFinite(x) && !Object.is(x, -0) ? x : { $number: Object.is(x, -0) ? "-0" : String(x) })
const restored = (x: Stored): number => (typeof x === "number" ? x : Number(x.$number))

type Outcome = { readonly value: readonly Stored[]; readonly gradients: readonly (readonly Stored[])[] } | { readonly error: string }
interface Results {
  readonly version: string
  readonly results: readonly Outcome[]
}

/** Why JAX can't be asked, or null. */
const absent = (python: string): string | null => {
  const { error, status, stderr } = spawnSync(python, ["-c", "import jax"], { encoding: "utf8" })
  if (error !== undefined) return `${python} can't be started (${error.message})`
  return status === 0 ? null : `${python} has no JAX (${stderr.trim().split("\n").at(-1)})`
}

/** The value and the gradients, one array each. */
const ours = (c: CaseWithPrimal): readonly Float64Array[] => runGraph(c.graph, c.inputs, { cancelled: false })

/** Runs the evaluator on files in a folder of its own; a string says how it failed. */
const askJax = (python: string, all: readonly CaseWithPrimal[], expected: readonly (readonly Float64Array[])[]): Results | string => {
  const folder = mkdtempSync(join(tmpdir(), "stillpoint-jax-"))
  try {
    const [asked, answered] = [join(folder, "cases.json"), join(folder, "results.json")]
    const file = all.map(({ show, primal: { graph, inputs, active } }, i) => {
      const [value, ...gradients] = (expected[i] as readonly Float64Array[]).map((x) => Array.from(x, stored))
      return { show, graph: encodeGraph(graph), inputs: inputs.map((x) => Array.from(x, stored)), active, value, gradients }
    })
    writeFileSync(asked, JSON.stringify(file))
    const { error, status } = spawnSync(python, [evaluator, asked, answered], { stdio: "inherit" })
    if (error !== undefined || status !== 0) return `${python} ${evaluator} failed: ${error?.message ?? `exit status ${status}`}`
    return JSON.parse(readFileSync(answered, "utf8")) as Results
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Where a program's value and gradients are all smaller, they are roundings of a zero (the mean of a softmax, say, is constant). */
const LEAST_SCALE = 1e-3

/** The largest difference, relative to the largest number of the case's value and gradients; or what went wrong. */
const judge = (expected: readonly ArrayLike<number>[], outcome: Outcome): number | string => {
  if ("error" in outcome) return outcome.error
  const found = [outcome.value, ...outcome.gradients].map((x) => x.map(restored))
  const sizes = (list: readonly ArrayLike<number>[]) => list.map((x) => x.length).join(", ")
  if (sizes(found) !== sizes(expected)) return `expected arrays of ${sizes(expected)} numbers, JAX gives ${sizes(found)}`
  const pairs = found.flatMap((x, k) => x.map((got, i) => [(expected[k] as ArrayLike<number>)[i] as number, got] as const))
  const scale = Math.max(...pairs.flat().map(Math.abs).filter(Number.isFinite), LEAST_SCALE)
  return Math.max(
    ...pairs.map(([want, got]) => (want === got || (Number.isNaN(want) && Number.isNaN(got)) ? 0 : Math.abs(want - got) / scale)),
  )
}

const agrees = (j: number | string): boolean => typeof j === "number" && j <= BOUND

export const run = async (args: readonly string[]): Promise<boolean> => {
  const option = (name: string, otherwise: number) => (args.includes(name) ? Number(args[args.indexOf(name) + 1]) || otherwise : otherwise)
  const [count, seed, each] = [option("--count", 500), option("--seed", 1), args.includes("--programs-only") ? 0 : USES]
  const python = process.env.STILLPOINT_JAX_PYTHON ?? "python3"
  const why = absent(python)
  if (why !== null) {
    console.log(`skipped: ${why}; STILLPOINT_JAX_PYTHON names a Python with JAX ("pip install jax")`)
    return true
  }
  const drawn = randomPrograms(count, seed)
  const random = drawn.map(caseOfProgram)
  const checked = [...ops().values()].filter((op) => !leftOut.includes(op.name))
  // where reverse mode is refused, here as in JAX, values only
  const uses = checked.flatMap((op) => usesOf(op, each, seed, { differentiate: op.modes !== "forward" }))
  const forwardOnly = checked.flatMap((op) => (op.modes === "forward" ? [op.name] : []))
  const all = [...random, ...uses]
  const equations = random.reduce((n, c) => n + c.graph.equations.length, 0)
  console.log(`${count} programs of ${equations} equations with gradients, and ${each} uses of each of ${checked.length} ops, seed ${seed}`)
  for (const line of lines(nestings(drawn))) console.log(line)
  const expected = all.map(ours)
  const answer = askJax(python, all, expected)
  if (typeof answer === "string") {
    console.log(answer)
    return false
  }
  const judged = expected.map((x, i) => judge(x, answer.results[i] ?? { error: "no result" }))
  const worst = (part: readonly (number | string)[]) => Math.max(0, ...part.filter((j) => typeof j === "number"))
  const failures = judged.flatMap((j, i) => (agrees(j) ? [] : [i]))
  for (const i of failures.slice(0, 3)) console.log(`${(all[i] as CaseWithPrimal).show}\n  ${judged[i]}`)
  const tell = (what: string, part: readonly (number | string)[]) =>
    console.log(
      `${part.filter(agrees).length} of ${part.length} ${what} agree, worst relative error ${worst(part).toExponential(1)}, bound ${BOUND}`,
    )
  console.log(`JAX ${answer.version}; as single ops left out: ${leftOut.join(", ")}; without gradients: ${forwardOnly.join(", ")}`)
  tell("uses of single ops", judged.slice(count))
  tell("programs", judged.slice(0, count))
  return failures.length === 0
}
