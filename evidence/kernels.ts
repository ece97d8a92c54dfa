/** How fast kernels are beside a hand-written one and beside other libraries in JavaScript, in one run. */
import { engineNames, howToInstall, isInstalled, loadEngine } from "../bench/engines/index.js"
import { anyOf, atLeast, find, type Judged, lines, type Measured, overBest, ratio, report, runBench } from "../bench/runner/index.js"
import { option } from "./options/index.js"

export const title =
  "kernels: products, convolutions, elementwise chains, softmax and norms beside a hand-written kernel, TensorFlow.js and jax-js"

const own = "stillpoint"
const products = ["K1.256", "K1.512", "K1.1024", "K2a.forward", "K2b.forward"]
const batched = ["K1b.a", "K1b.b", "K1b.c"]
const convolutions = ["K2a", "K2b"]

const over = (all: readonly Measured[], id: string, peer: string): number | null => {
  const measured = find(all, id)
  return measured === null ? null : ratio(measured, own, peer)
}

const overBoth = (all: readonly Measured[], id: string): number | null => {
  const measured = find(all, id)
  return measured === null ? null : overBest(measured, own, ["tfjs", "jax-js"])
}

/** A gradient's rate over that of its forward pass, which has as many flops. */
const gradientRate = (all: readonly Measured[], id: string, pass: string): number | null => {
  const ms = (name: string) => find(all, `${id}.${name}`)?.times.find(({ engine }) => engine === own)?.medianMs ?? null
  const [forward, gradient] = [ms("forward"), ms(pass)]
  return forward === null || gradient === null ? null : forward / gradient
}

const judge = (all: readonly Measured[]): readonly Judged[] => [
  ...products.flatMap((id) => [
    atLeast(`${id} over the micro-kernel`, over(all, id, "microkernel"), 0.95),
    atLeast(`${id} over TensorFlow.js`, over(all, id, "tfjs"), 1.15),
  ]),
  ...convolutions.flatMap((id) =>
    ["dx", "dw"].map((pass) => atLeast(`${id}.${pass} over its forward pass`, gradientRate(all, id, pass), 0.8)),
  ),
  ...batched.map((id) =>
    anyOf(
      atLeast(`${id} over the better of TensorFlow.js and jax-js`, overBoth(all, id), 1.5),
      atLeast("over the micro-kernel", over(all, id, "microkernel"), 0.85),
    ),
  ),
  atLeast("K3 over TensorFlow.js", over(all, "K3", "tfjs"), 2),
  // level with it: runs differ by a few percent, to either side
  atLeast("K4.softmax over TensorFlow.js", over(all, "K4.softmax", "tfjs"), 0.95),
  atLeast("K4.layerNorm over TensorFlow.js", over(all, "K4.layerNorm", "tfjs"), 2),
  atLeast("K5 over jax-js", over(all, "K5", "jax-js"), 1.3),
]

const threaded = ["K1.512", "K1.1024"]

/** How often one thread and several take turns. */
const turns = 5

/**
 * Several threads over one. The two take turns, so that both meet the same machine, and the least median of each counts: a neighbour who
 * takes a core away for a while makes a turn longer, and never shorter.
 */
const judgeThreads = async (threads: number, rounds: number): Promise<readonly Judged[]> => {
  if (threads === 1) return []
  const opened = await (await loadEngine(own))({ threads })
  if (typeof opened === "string") {
    console.log(`no figures for ${threads} threads: ${opened}`)
    return []
  }
  await opened.close()
  const least = new Map<string, number>()
  for (let turn = 0; turn < turns; turn++)
    for (const count of [1, threads]) {
      const { measured } = await runBench({ only: threaded, engines: [own], threads: count, rounds, json: null }, quiet, quiet)
      const taken = threaded.map((id) => ({ id, ms: find(measured, id)?.times[0]?.medianMs ?? Number.POSITIVE_INFINITY }))
      for (const { id, ms } of taken) least.set(`${id} ${count}`, Math.min(ms, least.get(`${id} ${count}`) ?? ms))
      console.log(
        `${count === 1 ? "1 thread " : `${count} threads`}  ${taken.map(({ id, ms }) => `${id} ${ms.toPrecision(3)} ms`).join("  ")}`,
      )
    }
  const ms = (id: string, count: number) => least.get(`${id} ${count}`) ?? Number.NaN
  return threaded.map((id) => atLeast(`${id} on ${threads} threads over one`, ms(id, 1) / ms(id, threads), 1.8))
}

const quiet = () => undefined

export const run = async (args: readonly string[]): Promise<boolean> => {
  const [rounds, threads] = [option(args, "--rounds", 9), option(args, "--threads", 2)]
  if (rounds === null || threads === null) return false
  if (!isInstalled()) {
    console.log(`nothing was measured: ${howToInstall}`)
    return false
  }
  const engines = engineNames.filter((name) => ["stillpoint", "microkernel", "tfjs", "jax-js"].includes(name))
  const only = [...products, ...convolutions.flatMap((id) => [`${id}.dx`, `${id}.dw`]), ...batched, "K3", "K4", "K5"]
  // its convolutions take seconds a call, and no bound asks for them
  const withoutSlow = {
    lacks: (id: string, engine: string) => (engine === "jax-js" && id.startsWith("K2") ? "takes seconds a call" : null),
  }
  const { measured } = await runBench({ only, engines, threads: 1, rounds, json: null, ...withoutSlow }, console.log, (one) =>
    console.log(lines(one, own).join("\n")),
  )
  return report([...judge(measured), ...(await judgeThreads(threads, rounds))], console.log)
}
