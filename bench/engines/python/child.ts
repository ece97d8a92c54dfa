/** A Python process that stays, spoken to in lines of JSON. It times calls itself, so that the way there and back is in no time. */
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { numbers, type Workload } from "../../workloads/index.js"
import type { Engine, OpenEngine, Prepared } from "../engine.js"

interface Answer {
  readonly version?: string
  readonly ms?: number
  readonly error?: string
}

/** What the engines' processes must not inherit: settings of a BLAS that would slow them down. */
const environment = (): NodeJS.ProcessEnv => {
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _size, ...rest } = process.env
  return rest
}

class Child {
  private readonly process
  private readonly answers
  private ended = ""
  constructor(python: string, script: string, threads: number) {
    const file = fileURLToPath(new URL(script, import.meta.url))
    this.process = spawn(python, [file, String(threads)], { env: environment(), stdio: ["pipe", "pipe", "pipe"] })
    this.process.on("error", (error) => void (this.ended = error.message))
    this.process.stdin.on("error", () => undefined) // it ended: the next answer says so
    this.process.stderr.on("data", (text: Buffer) => void (this.ended = (this.ended + String(text)).slice(-2000)))
    this.answers = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]()
  }

  async answer(): Promise<Answer> {
    const line = await this.answers.next()
    if (line.done === true) return { error: `the process ended: ${this.ended.trim().split("\n").at(-1) ?? ""}` }
    return JSON.parse(line.value) as Answer
  }

  async ask(request: object): Promise<Answer> {
    this.process.stdin.write(`${JSON.stringify(request)}\n`)
    const answer = await this.answer()
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer
  }

  close(): void {
    this.process.stdin.end()
  }
}

/** Files of a workload's numbers, and what Python must know to read them. */
const writeNumbers = (folder: string, workload: Workload) =>
  Object.fromEntries(
    Object.entries(numbers(workload)).map(([name, { shape, data }]) => {
      const file = join(folder, `${name}.bin`)
      writeFileSync(file, data)
      return [name, { file, shape, dtype: data instanceof Int32Array ? "<i4" : "<f4" }]
    }),
  )

/** JSON has the names of parameters and data; their numbers lie in the files. */
const described = (workload: Workload) =>
  workload.kind === "kernel" ? workload : { ...workload, params: Object.keys(workload.params), data: Object.keys(workload.data) }

const prepare = async (child: Child, folder: string, workload: Workload): Promise<Prepared> => {
  await child.ask({ request: "prepare", workload: described(workload), tensors: writeNumbers(folder, workload) })
  return {
    result: async () => {
      const file = join(folder, "result.bin")
      const { ms = Number.NaN } = await child.ask({ request: "result", training: workload.kind === "training", file })
      const bytes = readFileSync(file)
      return { numbers: new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), firstMs: ms }
    },
    run: async (calls) => (await child.ask({ request: "run", calls })).ms ?? Number.NaN,
    dispose: async () => void (await child.ask({ request: "dispose" })),
  }
}

/** Opens an engine that is a Python script beside this file. */
export const openPython =
  (name: string, script: string, lacks: Engine["lacks"] = () => null): OpenEngine =>
  async ({ threads }) => {
    const python = process.env.STILLPOINT_BENCH_PYTHON
    if (python === undefined) return `${name}: name a Python that has it by STILLPOINT_BENCH_PYTHON`
    const child = new Child(python, script, threads)
    const { version, error } = await child.answer()
    if (version === undefined) return `${name}: ${error}`
    const folder = mkdtempSync(join(tmpdir(), `stillpoint-bench-${name}-`))
    return {
      name,
      version,
      threads,
      lacks,
      prepare: (workload) => prepare(child, folder, workload),
      close: async () => {
        child.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  }
