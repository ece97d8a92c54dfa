/** Many training steps in one session: memory stays as it is after the first steps, and nothing is left in the end. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import type { Worker } from "node:worker_threads"
import * as E from "fp-ts/lib/Either.js"
import {
  add,
  conv,
  dispose,
  evaluate,
  exact,
  fixedPoint,
  matmul,
  mean,
  neumannIteration,
  openSession,
  picard,
  relu,
  reshape,
  square,
  sub,
  type Tensor,
  tanh,
  tensor,
  valueAndGrad,
  zeros,
} from "../src/index.js"
import { adam } from "../src/models/index.js"
import { option } from "./options/index.js"

export const title = "10,000 training steps on wasm with one and two threads: flat memory, no handle left, a lost worker is told once"

/** Steps after which memory is what it stays. */
const WARM = 500
/** The heap after garbage collection may grow by so many bytes: what engines keep of code that they compile again. */
const HEAP = 4 * 2 ** 20

const collect = (): void => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
}

const waves = (seed: number, size: number, ...shape: number[]): Tensor =>
  tensor(
    Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => size * Math.sin(seed + 1.7 * i)),
    shape,
  ) as Tensor

interface Params {
  readonly kernel: Tensor
  readonly dense: Tensor
  readonly inner: Tensor
}

/** Half of the rows are to be the opposite of the others, which have the same images: so gradients never vanish. */
const targets = tensor(
  Array.from({ length: 256 }, (_, i) => (i < 128 ? 0.5 : -0.5)),
  [16, 16],
) as Tensor

/** A convolution, a dense layer and an implicit one. */
const loss = ({ kernel, dense, inner }: Params, images: Tensor): Tensor<[]> => {
  const features = relu(conv(images, kernel, { padding: "same" })) as Tensor
  const x = matmul(reshape(features, [16, 512]) as Tensor, dense) as Tensor
  const z = fixedPoint(
    (v: Tensor) => tanh(add(matmul(v, inner), x) as Tensor) as Tensor,
    zeros([16, 16]) as Tensor,
    picard({ adjoint: exact(neumannIteration()) }),
  )
  return mean(square(sub(z as Tensor, targets))) as Tensor<[]>
}

const half = Array.from({ length: 512 }, (_, i) => Math.sin(4 + 1.7 * i))
const pictures = tensor([...half, ...half], [16, 8, 8, 1]) as Tensor

const optimiser = adam({ rate: 1e-3 })

const step = (state: { readonly params: Params; readonly memory: ReturnType<typeof optimiser.init> }, images: Tensor) => {
  const [value, gradients] = valueAndGrad((p: Params) => loss(p, images))(state.params)
  const [updates, memory] = optimiser.update(gradients, state.memory, state.params)
  const params = {
    kernel: add(state.params.kernel, updates.kernel) as Tensor,
    dense: add(state.params.dense, updates.dense) as Tensor,
    inner: add(state.params.inner, updates.inner) as Tensor,
  }
  return [{ params, memory }, value] as const
}

/** What memory a session has grown to since `counting` began: its calls for more. */
const countingGrowth = (): { readonly grown: () => number; readonly stop: () => void } => {
  const grow = WebAssembly.Memory.prototype.grow
  let calls = 0
  WebAssembly.Memory.prototype.grow = function (pages) {
    calls++
    return grow.call(this, pages)
  }
  return {
    grown: () => calls,
    stop: () => {
      WebAssembly.Memory.prototype.grow = grow
    },
  }
}

const orThrow = <A>(either: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(either)) throw new Error(either.left.message)
  return either.right
}

/** Handles of workers that are alive. */
const handles = (): number => process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name)).length

const soak = async (threads: number, steps: number): Promise<boolean> => {
  const [before, growth, workers] = [handles(), countingGrowth(), [] as Worker[]]
  const watch = (worker: Worker): void => void workers.push(worker)
  process.on("worker", watch)
  try {
    const session = orThrow(await openSession("wasm", { threads })())
    const program = session.compile(step, { resident: true, donate: [0] })
    const params: Params = { kernel: waves(1, 0.3, 3, 3, 1, 8), dense: waves(2, 0.05, 512, 16), inner: waves(3, 0.05, 16, 16) }
    const images = orThrow(await session.put(pictures)())
    let state = orThrow(await session.put({ params, memory: orThrow(evaluate(optimiser.init(params))) })())
    const once = async (): Promise<void> => {
      const [next, value] = orThrow(await program(state, images)())
      dispose(value)
      state = next
    }
    const measured = (): readonly [number, number, number] => {
      collect()
      return [session.bytesInUse(), growth.grown(), process.memoryUsage().heapUsed]
    }
    await once()
    const [, first] = measured()
    for (let i = 1; i < WARM; i++) await once()
    const warm = measured()
    for (let i = WARM; i < steps; i++) await once()
    const end = measured()
    const heap = end[2] - warm[2]
    const flat = end[0] === warm[0] && end[1] === first && heap < HEAP
    console.log(
      `${threads} threads, ${steps} steps: ${end[0]} bytes in use (${warm[0]} after ${WARM} steps), memory grown ${end[1] - first} times after the first step, heap ${(heap / 2 ** 20).toFixed(2)} MiB larger than after ${WARM} steps (bound ${HEAP / 2 ** 20})`,
    )
    let told = true
    if (threads > 1) {
      await workers[0]?.terminate()
      const lost = await program(state, images)()
      const message = E.isLeft(lost) ? lost.left.message : "nothing was told"
      console.log(`a worker that was ended: ${message}`)
      told = message.includes("a worker thread is gone")
      await once()
    }
    await session.close()
    const left = handles() - before
    console.log(`${threads} threads: ${left} handles left after close`)
    return flat && told && left === 0
  } finally {
    process.off("worker", watch)
    growth.stop()
  }
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const steps = option(args, "--steps", 10_000)
  if (steps === null) return false
  let good = true
  for (const threads of [1, 2]) good = (await soak(threads, steps)) && good
  console.log(
    good ? "memory is flat, nothing is left, a lost worker is told once" : "memory grew, or something was left, or a loss was not told",
  )
  return good
}
