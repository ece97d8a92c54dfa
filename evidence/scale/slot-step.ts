/** The training step of slot attention at the sizes of the paper, from the functions to a program on a target: what each phase takes. */

import { createRequire } from "node:module"
import * as E from "fp-ts/lib/Either.js"
import { buildSchedule } from "../../src/core/compile/build.js"
import type { Schedule } from "../../src/core/compile/schedule.js"
import { harvestGraph, physicalShape, simplifyGraph, sizeOf } from "../../src/core/index.js"
import { openGpu } from "../../src/core/targets/gpu/index.js"
import type { Executable, TargetSession } from "../../src/core/targets/target.js"
import { WasmSession } from "../../src/core/targets/wasm/session.js"
import { key, traceTree, zeros } from "../../src/index.js"
import {
  adam,
  clevr6Size,
  exponentialDecay,
  optimiserOf,
  type PublishedSize,
  product,
  publishedAutoencoder,
  reconstruction,
  scaleBySchedule,
  slotAutoencoder,
  tetrominoesSize,
  trainStep,
  warmUp,
} from "../../src/models/index.js"

import { asyncMilliseconds, milliseconds, Stopwatch } from "../timing/stopwatch.js"

export const sizes = { tetrominoes: tetrominoesSize, clevr6: clevr6Size } as const
export const targets = ["wasm", "gpu:webasm"] as const

export interface Step {
  readonly size: keyof typeof sizes
  readonly target: (typeof targets)[number]
  readonly batch: number
  /** Also calls it: what an engine builds when it is first called is part of compiling. Wants a small batch. */
  readonly call: boolean
}

export interface TimedStep {
  readonly equations: number
  readonly kernels: number
  /** Milliseconds, in order. */
  readonly passes: Readonly<Record<string, number>>
}

interface Session extends Pick<TargetSession, "capabilities" | "upload" | "free"> {
  readonly loadSchedule: (schedule: Schedule) => E.Either<{ readonly message: string }, Executable>
}

const right = <A>(result: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

const open = async (target: Step["target"]): Promise<Session> =>
  target === "wasm" ? new WasmSession(target, "float32", buildSchedule) : right(await openGpu("webasm")())

/** The paper's optimiser. */
const paperOptimiser = ({ training: { rate, epsilon, warmUp: rising, halfLife } }: PublishedSize) =>
  optimiserOf({
    _tag: "chain",
    of: [adam({ rate, epsilon }).spec, scaleBySchedule(product(warmUp(rising), exponentialDecay({ every: halfLife, factor: 0.5 }))).spec],
  })

/** Makes gpu.js tell how long it builds kernels, which it does when they are first called. */
const watchBuilding = (): { ms: number } => {
  const { WebAssemblyKernel } = createRequire(import.meta.url)("gpu.js") as typeof import("gpu.js")
  const told = { ms: 0 }
  const { build } = WebAssemblyKernel.prototype
  WebAssemblyKernel.prototype.build = function (...args) {
    if (!this.built) told.ms += milliseconds(() => build.apply(this, args))[1]
  }
  return told
}

/** What is left to build when a program is first called: on gpu:webasm its kernels, on wasm the engine's code, in so far as a second call is faster. */
const firstCall = async (target: Step["target"], call: () => Promise<void>): Promise<number> => {
  if (target === "gpu:webasm") {
    const told = watchBuilding()
    await call()
    return told.ms
  }
  const [first, second] = [await asyncMilliseconds(call), await asyncMilliseconds(call)]
  return Math.max(0, first - second)
}

/** Once, from the start: to be called in a fresh process, as a user's program does. */
export const timeStep = async ({ size: name, target, batch, call }: Step): Promise<TimedStep> => {
  const session = await open(target)
  const size = sizes[name]
  const watch = new Stopwatch()
  const model = slotAutoencoder(publishedAutoencoder(size))
  const optimiser = paperOptimiser(size)
  const params = model.init(key(0))
  const state = [params, optimiser.init(params)] as const
  const loss = reconstruction(model)
  const timedLoss: typeof loss = (...args) => watch.time("trace", () => loss(...args))
  const images = zeros([batch, size.side, size.side, size.colours])
  const { graph } = watch.time("grad", () => traceTree("scale", trainStep(timedLoss, optimiser), [state, images, key(1)]))
  const simple = watch.time("simplify", () => simplifyGraph(harvestGraph(graph).graph))
  const schedule = watch.time("schedule", () => buildSchedule(simple, session.capabilities))
  const executable = right(watch.time("load", () => session.loadSchedule(schedule)))
  const { trace = 0, grad = 0, ...rest } = watch.passes
  const passes: Record<string, number> = { trace, grad: grad - trace, ...rest }
  if (call) {
    const inputs = simple.types.slice(0, simple.inputs).map((type) => {
      const shape = physicalShape(type)
      return right(session.upload(new Float64Array(sizeOf(shape)).fill(0.01), { elem: type.elem, shape }))
    })
    passes["first call"] = await firstCall(target, async () => {
      for (const buffer of right(await executable.run(inputs, { cancelled: false })())) session.free(buffer)
    })
  }
  return { equations: graph.equations.length, kernels: executable.describe().length, passes }
}
