/** Every op against its reference and its laws, then every op and what is made of ops on every target against the interpreter. */
import "../src/implicit/index.js"
import * as E from "fp-ts/lib/Either.js"
import { ops } from "../src/core/index.js"
import { targetNames } from "../src/core/targets/registry.js"
import type { RunError } from "../src/index.js"
import { functions } from "./ops/functions.js"
import { lawTable } from "./ops/laws.js"
import { subjectOfOp } from "./ops/subject.js"
import { head, nothing, row, showRefused, type Total } from "./ops/table.js"
import { option } from "./options/index.js"
import { onNode, onPages, onThreads, type Runner } from "./targets/runners.js"

export const title = "every op against its reference and its laws; values, gradients, second order and vmap of every op on every target"

/** What rounding may do to an inner product, relative to its terms. */
const BOUND = 1e-10
const SEED = 1

/** One point of these takes as long as a hundred of others. */
const slow: readonly string[] = ["eigh", "lu", "solve", "qr", "cholesky", "triangularSolve", "linearSolve", "fixedPoint"]
const browserTargets: readonly string[] = ["gpu:webgl2", "gpu:webgpu"]

const wasmTargets = ["wasm", "wasm:f64"] as const

/** Targets in Node, those of wasm on one thread and on two. */
const nodeRunners = async (wasmOnly: boolean): Promise<readonly Runner[]> => {
  const found: Runner[] = []
  const add = (name: string, opened: E.Either<RunError, Runner>): void => {
    if (E.isRight(opened)) found.push(opened.right)
    else console.log(`${name} is left out: ${opened.left.message}`)
  }
  for (const name of wasmOnly ? wasmTargets : targetNames.filter((n) => !browserTargets.includes(n))) add(name, await onNode(name))
  for (const name of wasmTargets) add(`${name} on two threads`, await onThreads(name))
  return found
}

const targetTable = async (runners: readonly Runner[], runs: number, only: readonly string[] | null): Promise<Total> => {
  const total = nothing()
  const all = [...[...ops().values()].map(subjectOfOp), ...functions].filter(({ name }) => only === null || only.includes(name))
  console.log(`\n${all.length} ops and functions; the worst error of ${runs} points each as a percentage of the rounding bound`)
  console.log("= the same to the bit, R refused, ! wrong, - nothing to ask\n")
  console.log(head(runners))
  for (const [i, subject] of all.entries()) {
    if (process.stdout.isTTY) process.stdout.write(`\r${i} of ${all.length}: ${subject.name}\x1b[K\r`)
    await row(subject, runners, slow.includes(subject.name) ? 1 : runs, SEED, total)
  }
  showRefused(total)
  return total
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const runs = option(args, "--runs", 20)
  const points = option(args, "--points", 2)
  if (runs === null || points === null) return false
  const only = args.includes("--op") ? (args[args.indexOf("--op") + 1] ?? "").split(",") : null
  const [byLaws, onTargets] = [!args.includes("--targets"), !args.includes("--laws")]
  let held = true
  if (byLaws) {
    console.log(`${runs} inputs a law (a fifth for solves), seed ${SEED}; errors relative to the size of the terms`)
    const { failures, worst } = await lawTable(runs, SEED)
    held &&= failures === 0 && worst <= BOUND
    console.log(`${ops().size} ops, ${failures} laws broken, worst dot-product error ${worst.toExponential(1)} (bound ${BOUND})`)
  }
  if (onTargets) {
    const runners = [
      ...(await nodeRunners(args.includes("--wasm"))),
      ...(args.includes("--node") || args.includes("--wasm") ? [] : onPages()),
    ]
    try {
      const t = await targetTable(runners, points, only)
      const refused = [...t.refused.values()].flat().length
      held &&= t.failures === 0
      console.log(
        `${t.programs} programs, ${t.elements} numbers; ${t.exact} programs that need no rounding are the same to the bit; of ${t.loose} numbers the bound says little (wider than 1 % of the largest)`,
      )
      console.log(
        `${runners.length} targets, ${t.cells} cells: ${refused} refused, ${t.failures} programs wrong, worst error ${(100 * t.worst).toPrecision(2)} % of the rounding bound`,
      )
    } finally {
      for (const r of runners) await r.close()
    }
  }
  return held
}
