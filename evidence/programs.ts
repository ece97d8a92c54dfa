/** Random programs with gradients on every target against the interpreter. */
import * as E from "fp-ts/lib/Either.js"
import { buildSchedule } from "../src/core/compile/build.js"
import type { Step } from "../src/core/compile/schedule.js"
import { modes } from "../src/core/targets/gpu/modes.js"
import { runGraph } from "../src/core/targets/interpreter/run.js"
import type { RunError, TargetName } from "../src/index.js"
import { roundingBound } from "../src/laws/index.js"
import { option } from "./options/index.js"
import { type Case, cases } from "./programs/generate.js"
import { judge } from "./targets/judge.js"
import { type Answer, onNode, onPages, onThreads, onTightest, type Results, type Runner } from "./targets/runners.js"

export const title =
  "Random programs with gradients, 2,000 on wasm and 200 on the others: every target within the rounding bound of the float64 interpreter"

const wasmTargets = ["wasm:f64", "wasm"] as const
const gpuTargets: readonly TargetName[] = ["gpu:webasm", "gpu:cpu"]

/** Programs on wasm for each on the other targets. */
const MORE_ON_WASM = 10

/** Kernels of a program for a page: SwiftShader takes a tenth of a second to compile one, and the largest programs have thousands. */
const MOST_ON_A_PAGE = 60

/** Programs handed to a runner before it says how far it is. */
const AT_ONCE = 5

/** The largest error over its bound, or what went wrong. */
const verdict = (exact: Results, bounds: Results, found: Answer): number | string =>
  E.isLeft(found) ? found.left.message : judge(exact, bounds, found.right).worst

const kernelsIn = (steps: readonly Step[]): number =>
  steps.reduce((n, step) => {
    if (step.t === "cond") return n + kernelsIn(step.whenTrue.steps) + kernelsIn(step.whenFalse.steps)
    if (step.t === "while") return n + kernelsIn(step.condition) + kernelsIn(step.body)
    return n + (step.t === "loop" ? kernelsIn(step.body) : 1)
  }, 0)

const fitsAPage = ({ graph }: Case): boolean => kernelsIn(buildSchedule(graph, modes.webgl2.capabilities).steps) <= MOST_ON_A_PAGE

const randomFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Whether all programs agree with the interpreter on one target; prints the worst, and the first two that don't. */
const agrees = async (runner: Runner, all: readonly Case[], seed: number): Promise<boolean> => {
  const random = randomFrom(seed)
  const failures: { readonly show: string; readonly found: number | string }[] = []
  let worst = 0
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const some = all.slice(from, from + AT_ONCE)
    process.stderr.write(`  ${runner.name}: ${from} of ${all.length}\r`)
    const answers = await runner.run(some)
    for (const [i, { show, graph, inputs }] of some.entries()) {
      const exact = runGraph(graph, inputs, { cancelled: false })
      const found = verdict(exact, roundingBound(graph, inputs, random, runner.precision), answers[i] as Answer)
      if (typeof found === "number") worst = Math.max(worst, found)
      if (typeof found === "string" || !(found <= 1)) failures.push({ show, found })
    }
  }
  const good = all.length - failures.length
  console.log(`${runner.name.padEnd(24)} ${good} of ${all.length} within the bound, largest error ${worst.toPrecision(3)} of it`)
  for (const { show, found } of failures.slice(0, 2)) console.log(`${show}\n  ${found}`)
  return failures.length === 0
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const [count, seed] = [option(args, "--count", 200), option(args, "--seed", 1)]
  if (count === null || seed === null) return false
  let good = true
  const tell = async (where: string, runners: readonly Runner[], some: readonly Case[]): Promise<void> => {
    const equations = some.reduce((n, c) => n + c.graph.equations.length, 0)
    console.log(`${where}: ${some.length} programs, ${equations} equations, seed ${seed}`)
    for (const runner of runners) {
      try {
        good = (await agrees(runner, some, seed)) && good
      } finally {
        await runner.close()
      }
    }
  }
  // the first `count` are the same however many are drawn
  const drawn = cases(MORE_ON_WASM * count, seed)
  const usable = (opened: readonly E.Either<RunError, Runner>[]): readonly Runner[] => {
    for (const r of opened) if (E.isLeft(r)) console.log(r.left.message)
    good &&= opened.every(E.isRight)
    return opened.flatMap((r) => (E.isRight(r) ? [r.right] : []))
  }
  if (!args.includes("--pages") && !args.includes("--gpu")) {
    const alone = await Promise.all(wasmTargets.map(onNode))
    await tell("on wasm", usable([...alone, ...(await Promise.all(wasmTargets.map(onThreads)))]), drawn)
  }
  if (!args.includes("--pages") && !args.includes("--wasm"))
    await tell("in Node", usable([...(await Promise.all(gpuTargets.map(onNode))), await onTightest()]), drawn.slice(0, count))
  if (!args.includes("--node") && !args.includes("--wasm")) {
    const small = drawn.filter(fitsAPage).slice(0, count)
    good &&= small.length === count
    await tell(`on pages, the first of at most ${MOST_ON_A_PAGE} kernels`, onPages(), small)
  }
  console.log(good ? "every program agrees on every target" : "some programs disagree")
  return good
}
