/** Programs on targets: those of Node in a session each, those of a browser on pages of one Chromium. */
import { existsSync } from "node:fs"
import * as E from "fp-ts/lib/Either.js"
import { buildSchedule } from "../../src/core/compile/build.js"
import { traceFailure } from "../../src/core/errors.js"
import { physicalShape } from "../../src/core/index.js"
import { openGpu } from "../../src/core/targets/gpu/index.js"
import { modes, tightest } from "../../src/core/targets/gpu/modes.js"
import { openTarget } from "../../src/core/targets/registry.js"
import type { DeviceBuffer, TargetSession } from "../../src/core/targets/target.js"
import { WasmSession } from "../../src/core/targets/wasm/index.js"
import { type Graph, type RunError, type TargetName, TraceError } from "../../src/index.js"
import { type Precision, precisionOf } from "../../src/laws/index.js"
import { chromiumPath, type Running, startBrowser } from "../../test/support/chromium.js"
import type { Job, Outcome } from "../../test/support/gpu-driver.js"

export type Results = readonly ArrayLike<number>[]

/** A graph with data for its inputs. */
export interface Program {
  readonly graph: Graph
  readonly inputs: readonly Float64Array[]
}

/** What a target made of a program, or why it made nothing of it. */
export type Answer = E.Either<RunError, Results>

export interface Runner {
  readonly name: string
  readonly target: TargetName
  readonly precision: Precision
  readonly run: (all: readonly Program[]) => Promise<readonly Answer[]>
  readonly close: () => Promise<void>
}

const inSession = async (session: TargetSession, { graph, inputs }: Program): Promise<Answer> => {
  const loaded = session.load(graph)
  if (E.isLeft(loaded)) return loaded
  const buffers: DeviceBuffer[] = []
  try {
    for (const [i, data] of inputs.entries()) {
      const type = graph.types[i] as (typeof graph.types)[number]
      const buffer = session.upload(data, { elem: type.elem, shape: physicalShape(type) })
      if (E.isLeft(buffer)) return buffer
      buffers.push(buffer.right)
    }
    const outputs = await loaded.right.run(buffers, { cancelled: false })()
    if (E.isLeft(outputs)) return outputs
    buffers.push(...outputs.right)
    const values: Float64Array[] = []
    for (const buffer of outputs.right) {
      const read = await session.read(buffer)()
      if (E.isLeft(read)) return read
      values.push(read.right)
    }
    return E.right(values)
  } finally {
    for (const buffer of buffers) session.free(buffer)
    loaded.right.dispose()
  }
}

const runnerOf = (name: string, target: TargetName, session: TargetSession): Runner => ({
  name,
  target,
  precision: precisionOf(target),
  run: async (all) => {
    const answers: Answer[] = []
    for (const program of all) answers.push(await inSession(session, program))
    return answers
  },
  close: async () => session.close(),
})

/** A target of Node; `Left` says what this machine lacks. */
export const onNode = async (target: TargetName): Promise<E.Either<RunError, Runner>> =>
  E.map(({ session }: { readonly session: TargetSession }) => runnerOf(target, target, session))(await openTarget(target)())

/** wasm on two threads, which take part in every kernel that can be divided, however small. */
export const onThreads = async (target: "wasm" | "wasm:f64"): Promise<E.Either<RunError, Runner>> => {
  const session = new WasmSession(target, target === "wasm" ? "float32" : "float64", buildSchedule, { threads: 2, jobsFrom: 0 })
  const why = await session.start()
  if (why !== null) return E.left({ _tag: "TargetMissing", target, message: `${target}: no second thread: ${why}` })
  return E.right(runnerOf(`${target}, 2 threads`, target, session))
}

/** gpu:cpu held to the capabilities that every mode has. */
export const onTightest = async (): Promise<E.Either<RunError, Runner>> =>
  E.map((session: TargetSession) => runnerOf("gpu:cpu, tightest table", "gpu:cpu", session))(
    await openGpu("cpu", { capabilities: tightest })(),
  )

const entry = new URL("../../test/support/browser-gpu-entry.ts", import.meta.url)
/** Programs a call: each call opens a session of its own, and a page tells nothing before it ends. */
const AT_ONCE = 5
/** Programs before Chromium is started anew: SwiftShader keeps memory for every shader that it ever compiled. */
const A_BROWSER = 40

const onPage = (mode: "webgl2" | "webgpu"): Runner => {
  let browser: Running | null = null
  let ran = 0
  const stop = async (): Promise<void> => {
    await browser?.close()
    browser = null
    ran = 0
  }
  const runJobs = async (jobs: readonly Job[]): Promise<readonly Outcome[]> => {
    if (ran >= A_BROWSER) await stop()
    browser ??= await startBrowser()
    ran += jobs.length
    return browser.call<readonly Outcome[]>(entry, "runJobs", mode, {}, jobs)
  }
  return {
    name: `gpu:${mode}`,
    target: `gpu:${mode}`,
    precision: precisionOf(`gpu:${mode}`),
    run: async (all) => {
      const made = all.map(({ graph, inputs }): E.Either<RunError, Job> => {
        try {
          return E.right({ schedule: buildSchedule(graph, modes[mode].capabilities), inputs: inputs.map((x) => [...x]) })
        } catch (e) {
          if (e instanceof TraceError) return E.left(traceFailure(e))
          throw e
        }
      })
      const jobs = made.flatMap((m) => (E.isRight(m) ? [m.right] : []))
      const outcomes: Outcome[] = []
      for (let from = 0; from < jobs.length; from += AT_ONCE) outcomes.push(...(await runJobs(jobs.slice(from, from + AT_ONCE))))
      let next = 0
      return made.map((m) => {
        if (E.isLeft(m)) return m
        const { error, outputs } = outcomes[next++] as Outcome
        return error === null ? E.right(outputs) : E.left(error)
      })
    },
    close: stop,
  }
}

/** webgl2 and webgpu in Chromium; where there is none, says so and gives no runner. */
export const onPages = (): readonly Runner[] => {
  if (existsSync(chromiumPath)) return [onPage("webgl2"), onPage("webgpu")]
  console.log(`no Chromium at ${chromiumPath}: gpu:webgl2 and gpu:webgpu are left out`)
  return []
}
