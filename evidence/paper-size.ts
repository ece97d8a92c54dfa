/** SLATE at the size that "Object Representations as Fixed Points" trained: memory and time of each training step, and a loss that falls. */
import * as E from "fp-ts/lib/Either.js"
import { harvestGraph, simplifyGraph } from "../src/core/index.js"
import { openTarget } from "../src/core/targets/registry.js"
import { type Key, openSession, type Session, type Tensor, tensor, traceTree } from "../src/index.js"
import {
  adam,
  byPath,
  chain,
  clipByInfinityNorm,
  keyOf,
  type Loss,
  type SlateParams,
  type SlateSpec,
  type State,
  scaleBySchedule,
  slate,
  slateLoss,
  slateSpec,
  spritesScene,
  train,
  trainStep,
  warmUp,
} from "../src/models/index.js"
import { option } from "./options/index.js"

export const title =
  "paper-size: 20 training steps of SLATE at 96 x 96, vocabulary 4096, 8 blocks, 12 slots, batch 8, in bounded memory, and the loss falls"

const batch = 8
const steps = 20
/** Steps at either end whose mean losses are compared. */
const ends = 5
/** Refinements for which the memory is told: the preset's and others. */
const counts = [1, 7, 20] as const
/** Gigabytes that the process may have at its largest. */
const mostResident = 3.5
/** What the first step may take beyond the second, in seconds: tracing, compiling, and code of the engine that is not optimised yet. */
const mostFirst = 10

/** The discrete VAE learns faster than the rest, whose rate rises at the start, as in the published training. */
const optimiser = chain(
  clipByInfinityNorm(0.05),
  byPath([
    { match: "dvae", of: adam({ rate: 3e-4 }) },
    { match: "**", of: chain(adam({ rate: 1e-4 }), scaleBySchedule(warmUp(steps))) },
  ]),
)

const right = <A>(result: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

type Told = { readonly squaredError: Tensor<[]>; readonly crossEntropy: Tensor<[]> }

const lossOf = (spec: SlateSpec): Loss<SlateParams, Tensor, Told> => {
  const model = slate(spec)
  return (params, images, key) => {
    const { loss, squaredError, crossEntropy } = slateLoss(model.apply(params, { images, temperature: 1 }, { key, mode: "train" }), images)
    return [loss, { squaredError, crossEntropy }]
  }
}

/** Scenes of sprites, no two alike. */
const imagesOf = ({ height, width }: SlateSpec, step: number): Tensor => {
  const data = new Float32Array(batch * height * width * 3)
  for (let i = 0; i < batch; i++) data.set(spritesScene({ size: height }, 0, step * batch + i).image, i * height * width * 3)
  return tensor(data, [batch, height, width, 3]) as Tensor
}

/** Drawn on the target: millions of random numbers take the interpreter a while. */
const stateOf = async (session: Session, spec: SlateSpec): Promise<State<SlateParams>> => {
  // trees of parameters without a fixed type: those of compile ask for known ones
  const init = session.compile((key: Key): unknown => {
    const params = slate(spec).init(key)
    return [params, optimiser.init(params)]
  })
  const made: unknown = right(await init(keyOf(0, "parameters"))())
  return made as State<SlateParams>
}

/** Bytes that a step needs beyond state and images, by its plan. */
const planned = async (spec: SlateSpec, state: State<SlateParams>): Promise<number> => {
  const { graph } = traceTree("paper-size", trainStep(lossOf(spec), optimiser) as never, [state, imagesOf(spec, 0), keyOf(0, "steps")])
  const { session } = right(await openTarget("wasm")())
  const executable = right(session.load(simplifyGraph(harvestGraph(graph).graph)))
  executable.dispose()
  await session.close()
  return executable.peakBytes
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`

/** The most that the process has had in memory so far. */
const resident = (): number => process.resourceUsage().maxRSS * 1024

interface Step {
  readonly seconds: number
  readonly loss: number
}

const trained = async (session: Session, spec: SlateSpec, state: State<SlateParams>): Promise<readonly Step[]> => {
  const done: Step[] = []
  const images = Array.from({ length: steps }, (_, step) => imagesOf(spec, step))
  const job = { session, loss: lossOf(spec), optimiser, seed: 0, batch: (step: number) => images[step] as Tensor }
  let begun = performance.now()
  for await (const made of train(job, { step: 0, state })) {
    const { step, metrics } = right(made)
    const seconds = (performance.now() - begun) / 1000
    const { loss = Number.NaN, squaredError = Number.NaN, crossEntropy = Number.NaN } = metrics
    console.log(
      `step ${String(step).padStart(2)}: ${seconds.toFixed(1)} s, loss ${loss.toFixed(1)} (squared error ${squaredError.toFixed(1)}, cross-entropy ${crossEntropy.toFixed(1)}), ${gigabytes(resident())} at the largest`,
    )
    done.push({ seconds, loss })
    if (step === steps) break
    begun = performance.now()
  }
  return done
}

const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length
const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)] as number

export const run = async (args: readonly string[]): Promise<boolean> => {
  const threads = option(args, "--threads", 1)
  if (threads === null) return false
  const session = right(await openSession("wasm", { threads })())
  const spec = slateSpec("paper")
  const state = await stateOf(session, spec)
  const done = await trained(session, spec, state)
  await session.close()
  const most = resident()
  const bytes: number[] = []
  for (const iterations of counts) {
    bytes.push(await planned(slateSpec("paper", { iterations }), state))
    console.log(`${iterations} refinements: ${bytes.at(-1)} bytes beside state and images`)
  }
  const losses = done.map(({ loss }) => loss)
  const [first, last] = [mean(losses.slice(0, ends)), mean(losses.slice(-ends))]
  const later = median(done.slice(1).map(({ seconds }) => seconds))
  const beyond = (done[0]?.seconds ?? Number.NaN) - (done[1]?.seconds ?? Number.NaN)
  const level = new Set(bytes).size === 1
  console.log(
    `a step takes ${later.toFixed(2)} s with ${threads} thread${threads === 1 ? "" : "s"}, the first ${beyond.toFixed(1)} s more (at most ${mostFirst})`,
  )
  console.log(
    `${steps} steps of batch ${batch}: loss ${first.toFixed(1)} to ${last.toFixed(1)} (means of ${ends}), at most ${gigabytes(most)} resident (bound ${mostResident} GB), ` +
      `planned ${level ? "the same" : "NOT the same"} for ${counts.join(", ")} refinements`,
  )
  return done.length === steps && last < first && most < mostResident * 1e9 && level && beyond < mostFirst
}
