/** The implicit layer's parts as programs, and what they take. */
import * as E from "fp-ts/lib/Either.js"
import { leaves } from "../../bench/engines/stillpoint/index.js"
import { lossOf } from "../../bench/engines/stillpoint/models.js"
import type { Named } from "../../bench/engines/stillpoint/names.js"
import { initialState, stepOf } from "../../bench/engines/stillpoint/step.js"
import { pick, type Training } from "../../bench/workloads/index.js"
import { evaluate, openSession, type Session, valueAndGrad } from "../../src/index.js"
import { asyncMilliseconds, median } from "../timing/stopwatch.js"

const right = <A>(result: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

export const training = (id: string): Training => {
  const [workload] = pick([id])
  if (workload?.kind !== "training") throw new Error(`${id} is no training step`)
  return workload
}

/** The first call of the training step in a session of its own, tracing and compiling included. */
export const firstCall = async (id: string): Promise<number> => {
  const workload = training(id)
  const session = right(await openSession("wasm")())
  const state = right(await session.put(right(evaluate(initialState(leaves(workload, workload.params)))))())
  const data = right(await session.put(leaves(workload, workload.data))())
  const program = session.compile(stepOf(workload.model), { resident: true })
  const ms = await asyncMilliseconds(async () => void right(await program(state, data)()))
  await session.close()
  return ms
}

export interface Parts {
  /** Milliseconds of the loss alone. */
  readonly forward: number
  /** What the gradient takes beside it. */
  readonly backward: number
  /** Products with the transposed Jacobian that the adjoint's solve took; 0 where there is none. */
  readonly products: number
}

interface Programs {
  readonly id: string
  readonly forward: () => Promise<unknown>
  readonly both: () => Promise<unknown>
  readonly products: number
}

const programsOf = async (session: Session, id: string): Promise<Programs> => {
  const workload = training(id)
  const params: Named = leaves(workload, workload.params)
  const [p, d] = [right(await session.put(params)()), right(await session.put(leaves(workload, workload.data))())]
  const loss = lossOf(workload.model)
  const forward = session.compile(loss, { resident: true })
  const both = session.compile(valueAndGrad(loss), { resident: true })
  // the last solve of the program is that of the adjoint
  const { report } = right(await both.run(p, d)())
  return {
    id,
    products: report.solves.length > 1 ? (report.solves.at(-1)?.evaluations ?? 0) : 0,
    forward: async () => session.dispose(right(await forward(p, d)())),
    both: async () => session.dispose(right(await both(p, d)())),
  }
}

const calls = 20

/** Medians of interleaved rounds, for each of some implicit layers. */
export const partsOf = async (ids: readonly string[], rounds: number): Promise<readonly Parts[]> => {
  const session = right(await openSession("wasm")())
  const programs: Programs[] = []
  for (const id of ids) programs.push(await programsOf(session, id))
  const times = programs.map(() => ({ forward: [] as number[], backward: [] as number[] }))
  const perCall = async (call: () => Promise<unknown>): Promise<number> => {
    const ms = await asyncMilliseconds(async () => {
      for (let i = 0; i < calls; i++) await call()
    })
    return ms / calls
  }
  for (let round = -1; round < rounds; round++)
    for (const [i, { forward, both }] of programs.entries()) {
      const [alone, together] = [await perCall(forward), await perCall(both)]
      if (round < 0) continue // warms up
      times[i]?.forward.push(alone)
      times[i]?.backward.push(together - alone)
    }
  await session.close()
  return times.map(({ forward, backward }, i) => ({
    forward: median(forward),
    backward: median(backward),
    products: programs[i]?.products ?? 0,
  }))
}
