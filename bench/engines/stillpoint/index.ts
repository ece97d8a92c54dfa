/** Stillpoint on one of its targets, by its public interface: values stay in the session, a training step is one call. */
import { readFileSync } from "node:fs"
import * as E from "fp-ts/lib/Either.js"
import { evaluate, openSession, type Session, type TargetName, type Tensor, tensor, toArray, toNumber } from "../../../src/index.js"
import { isInt, type Kernel, numbers, type Tensors, type Training, type Workload } from "../../workloads/index.js"
import { type Engine, losses, type OpenEngine, output, type Prepared, timed } from "../engine.js"
import { kernelFunction } from "./kernels.js"
import type { Named } from "./names.js"
import { initialState, stepOf } from "./step.js"

export const version = (): string =>
  (JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string }).version

const right = <A>(result: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

/** The numbers of some of a workload's tensors, as leaves. */
export const leaves = (workload: Workload, tensors: Tensors): Named => {
  const all = numbers(workload)
  return Object.fromEntries(
    Object.entries(tensors).map(([name, spec]) => {
      const { data, shape } = all[name] as (typeof all)[string]
      return [name, tensor(data, shape, isInt(spec) ? "int" : "float") as Tensor]
    }),
  )
}

const prepareKernel = async (session: Session, kernel: Kernel): Promise<Prepared> => {
  const inputs = right(await session.put(leaves(kernel, kernel.inputs))())
  const program = session.compile(kernelFunction(kernel), { resident: true })
  return {
    result: () =>
      output(
        async () => right(await program(inputs)()),
        async (made) => {
          const found = right(await session.read(made)())
          session.dispose(made)
          return toArray(found)
        },
      ),
    run: timed(async () => session.dispose(right(await program(inputs)()))),
    dispose: () => {
      program.dispose()
      session.dispose(inputs)
    },
  }
}

const prepareTraining = async (session: Session, workload: Training): Promise<Prepared> => {
  const start = initialState(leaves(workload, workload.params))
  let state = right(await session.put(right(evaluate(start)))())
  const data = right(await session.put(leaves(workload, workload.data))())
  const program = session.compile(stepOf(workload.model), { resident: [true, false], donate: [0] })
  const step = async (): Promise<number> => {
    const [next, loss] = right(await program(state, data)())
    state = next
    return toNumber(loss)
  }
  return {
    result: () => losses(step),
    run: timed(step),
    dispose: () => {
      program.dispose()
      session.dispose([state, data])
    },
  }
}

/** An engine of a target. `lacks` says what the target should not be asked for. */
export const openTarget =
  (name: string, target: TargetName, lacks: Engine["lacks"] = () => null): OpenEngine =>
  async ({ threads }) => {
    const opened = await openSession(target, { threads })()
    if (E.isLeft(opened)) return `${name}: ${opened.left.message}`
    const session = opened.right
    return {
      name,
      version: version(),
      threads,
      lacks,
      prepare: (workload) => (workload.kind === "kernel" ? prepareKernel(session, workload) : prepareTraining(session, workload)),
      close: () => session.close(),
    }
  }

export const open = openTarget("stillpoint", "wasm")
