/** Linear time up to 100,000 ops, and how long the paper's slot attention takes from its functions to a program. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import type { Request } from "./scale/child.js"
import { type Shape, shapes, type Timed } from "./scale/graphs.js"
import type { Step, TimedStep } from "./scale/slot-step.js"
import { counted } from "./timing/stopwatch.js"

export const title = "scale: every pass takes linear time to 100,000 ops; the paper's slot attention step is compiled in under 2 s"

const root = fileURLToPath(new URL("..", import.meta.url))

/**
 * Most that an op may take at 100,000 ops, in times of what it takes at 10,000. A quadratic pass would show 10, one of n^1.5 shows 3.2. Linear
 * ones show 1 to 2: a heap ten times as large is collected more often and fits no cache.
 */
const FACTOR = 3
/** Passes faster than this at 10,000 ops are judged as a part of the whole only: one garbage collection more or less outweighs them. */
const JUDGED = 50
/** Seconds from the functions to a loaded program. */
const STEP_BOUND = 2

const sum = (xs: Iterable<number>): number => [...xs].reduce((a, b) => a + b, 0)
const total = ({ passes }: { readonly passes: Readonly<Record<string, number>> }): number => sum(Object.values(passes))
const told = (passes: Readonly<Record<string, number>>): string =>
  Object.entries(passes)
    .map(([name, ms]) => `${name} ${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)}`)
    .join(", ")

type Measure = (request: Request) => unknown

/** Measures in processes of their own, so that none has the heap or the compiled code of another. */
const inChildren = async <T>(use: (measure: Measure) => T): Promise<T> => {
  mkdirSync(join(root, ".tmp"), { recursive: true })
  const folder = mkdtempSync(join(root, ".tmp", "scale-"))
  const outfile = join(folder, "child.mjs")
  try {
    await build({
      entryPoints: [join(root, "evidence/scale/child.ts")],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      logLevel: "silent",
    })
    return use((request) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", outfile, JSON.stringify(request)], {
        encoding: "utf8",
      })
      if (status !== 0) throw new Error(`measuring ${JSON.stringify(request)} failed: ${stderr}`)
      return JSON.parse(stdout)
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whether the passes over programs of one shape grow like their number of ops; and the worst growth of a pass that is judged. */
const linear = (shape: Shape, repeats: number, measure: Measure): readonly [holds: boolean, worst: number] => {
  const at = (ops: number): Timed => {
    const timed = measure({ t: "graph", shape, ops, warmUp: 3000, repeats }) as Timed
    console.log(
      `${shape.padEnd(18)} ${String(timed.ops).padStart(7)} ops ${((1000 * total(timed)) / timed.ops).toFixed(1).padStart(7)} us an op; ${told(timed.passes)}`,
    )
    return timed
  }
  const [, small, large] = [at(1000), at(10_000), at(100_000)] as const
  const growth = (a: number, b: number) => b / large.ops / (a / small.ops)
  const judged = Object.entries(small.passes).filter(([, ms]) => ms >= JUDGED)
  const passes = judged.map(([name, ms]) => [name, growth(ms, large.passes[name] as number)] as const)
  const whole = growth(total(small), total(large))
  console.log(
    `${"".padEnd(18)} times an op from 10,000 to 100,000: ${whole.toFixed(2)}; ${passes.map(([n, g]) => `${n} ${g.toFixed(2)}`).join(", ")}`,
  )
  const worst = Math.max(whole, ...passes.map(([, g]) => g))
  return [worst < FACTOR, worst]
}

/** gpu.js' index is a float32, so an array has at most 2^24 elements: the paper's batch of 64 scenes does not fit, one of 32 does. */
const steps: readonly Step[] = [
  { size: "tetrominoes", target: "wasm", batch: 64, call: false },
  { size: "tetrominoes", target: "gpu:webasm", batch: 32, call: false },
  { size: "clevr6", target: "wasm", batch: 64, call: false },
  { size: "tetrominoes", target: "wasm", batch: 1, call: true },
  { size: "tetrominoes", target: "gpu:webasm", batch: 1, call: true },
]

/** Seconds of the fastest of some turns. */
const compiling = (step: Step, turns: number, measure: Measure): number => {
  const runs = Array.from({ length: turns }, () => measure({ t: "step", ...step }) as TimedStep)
  const best = runs.reduce((a, b) => (total(b) < total(a) ? b : a))
  console.log(
    `${step.size.padEnd(11)} batch ${String(step.batch).padStart(2)} ${step.target.padEnd(10)} ${best.equations} equations, ${best.kernels} kernels: ${(total(best) / 1000).toFixed(2)} s; ${told(best.passes)}`,
  )
  return total(best) / 1000
}

/** `quick` measures once. */
export const run = (args: readonly string[]): Promise<boolean> => {
  const repeats = args.includes("quick") ? 1 : 3
  return inChildren((measure) => {
    console.log(`medians of ${repeats}, ${counted}`)
    const grown = (Object.keys(shapes) as Shape[]).map((shape) => linear(shape, repeats, measure))
    console.log(`\nthe training step of slot attention at the paper's sizes, in a fresh process, the fastest of ${repeats}`)
    const slowest = Math.max(...steps.map((step) => compiling(step, repeats, measure)))
    console.log(
      `an op at 100,000 ops takes ${Math.max(...grown.map(([, g]) => g)).toFixed(2)} times what it takes at 10,000 (bound ${FACTOR}); ` +
        `slot attention takes ${slowest.toFixed(2)} s from its functions to a program (bound ${STEP_BOUND})`,
    )
    return grown.every(([holds]) => holds) && slowest < STEP_BOUND
  })
}
